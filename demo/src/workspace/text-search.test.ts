import { Bash, InMemoryFs } from 'just-bash/browser';
import { expect, test } from 'vitest';
import { quote, readHits, searchText } from './text-search.ts';

test('printed lines become hits', () => {
  expect(readHits('/acme/app/src/a.ts\n12:const a: number = 1;\n/acme/app/README.md\n3:a: b\nBinary file x matches\n', /a:/)).toEqual({
    hits: [
      { path: '/acme/app/src/a.ts', line: 12, before: 'const ', match: 'a:', after: ' number = 1;' },
      { path: '/acme/app/README.md', line: 3, before: '', match: 'a:', after: ' b' },
    ],
    more: false,
  });
});

test('too many hits are cut off, and that is said', () => {
  const { hits, more } = readHits(`/r/a\n${Array.from({ length: 1_200 }, (_, line) => `${line + 1}:x`).join('\n')}`, /x/);
  expect([hits.length, more]).toEqual([1_000, true]);
});

test('so are those of one file', () => {
  const rows = (count: number): string => `/r/a\n${Array.from({ length: count }, (_, line) => `${line + 1}:x\n`).join('')}`;
  expect(readHits(rows(199), /x/).more).toBe(false);
  expect(readHits(rows(200), /x/).more).toBe(true);
});

test('lines with other ends are found', () => {
  const { hits } = readHits('/r/a\n1:one crlf\r\n/r/b\n2:one \u2028 two\n', /one/);
  expect(hits).toEqual([
    { path: '/r/a', line: 1, before: '', match: 'one', after: ' crlf' },
    { path: '/r/b', line: 2, before: '', match: 'one', after: ' \u2028 two' },
  ]);
});

test('a file is known by its name, whatever is in that', async () => {
  const names = ['/r/logs/2026-01-02T10:30:00.log', '/r/12:3', '/r/plain'];
  const fs = new InMemoryFs(Object.fromEntries(names.map((name) => [name, 'no\n4:5: word\n'])));
  const shell = new Bash({ fs });
  const { hits } = await searchText(shell, '/r', 'word', { matchCase: false, regex: false }, new AbortController().signal, () => true);
  expect(hits.map(({ path, line, before }) => ({ path, line, before }))).toEqual(names.toSorted().map((path) => ({ path, line: 2, before: '4:5: ' })));
});

test('what is searched for is one word for the shell', async () => {
  expect(quote(`it's $HOME`)).toBe(`'it'\\''s $HOME'`);
  const asked: string[] = [];
  const shell = {
    exec: (command: string) => {
      asked.push(command);
      return Promise.resolve({ stdout: '', stderr: '', exitCode: 1, env: {} });
    },
  };
  await searchText(shell, '/acme/app', '-e', { matchCase: false, regex: false }, new AbortController().signal, () => true);
  expect(asked).toEqual([`rg -n --heading --hidden --no-ignore -m 200 -i -F -e '-e' '/acme/app'`]);
});

test.each([
  [[true, true], '', false],
  [[true, false], '', true],
  [[false, true], '', true],
  [[true, true], 'rg: src: offline', true],
])('connected before and after: %j, printed: %j, partial: %j', async (connected, stderr, partial) => {
  const shell = { exec: () => Promise.resolve({ stdout: '/r/a\n1:x\n', stderr, exitCode: 0, env: {} }) };
  const states = [...connected];
  const ask = (): boolean => states.shift() === true;
  expect(await searchText(shell, '/r', 'x', { matchCase: false, regex: false }, new AbortController().signal, ask)).toMatchObject({ partial });
});
