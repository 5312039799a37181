import { expect, test } from 'vitest';
import { quote, readHits, searchText } from './text-search.ts';

test('printed lines become hits', () => {
  expect(readHits('/acme/app', './src/a.ts:12:const a: number = 1;\nREADME.md:3:a: b\nBinary file x matches\n')).toEqual({
    hits: [
      { path: '/acme/app/src/a.ts', line: 12, text: 'const a: number = 1;' },
      { path: '/acme/app/README.md', line: 3, text: 'a: b' },
    ],
    more: false,
  });
});

test('too many hits are cut off, and that is said', () => {
  const { hits, more } = readHits('/r', Array.from({ length: 1_200 }, (_, line) => `a:${line + 1}:x`).join('\n'));
  expect([hits.length, more]).toEqual([1_000, true]);
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
  await searchText(shell, '/acme/app', '-e', { matchCase: false, regex: false }, new AbortController().signal);
  expect(asked).toEqual([`rg -n --hidden --no-ignore -m 200 -i -F -e '-e' .`]);
});
