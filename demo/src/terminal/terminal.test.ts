import { Bash } from 'just-bash/browser';
import { describe, expect, test } from 'vitest';
import { FakeFs } from '../testing/fake-fs.ts';
import type { Shell } from '../workspace/client.ts';
import { complete } from './completion.ts';
import { advance, drawLine } from './draw-line.ts';
import { LineEditor, splitKeys } from './line-editor.ts';
import { lacksEnd, needsMore } from './needs-more.ts';
import { ShellSession } from './shell-session.ts';

function typed(...keys: string[]): LineEditor {
  const line = new LineEditor(['first', 'second']);
  for (const key of keys.flatMap(splitKeys)) line.press(key);
  return line;
}

const left = '\x1b[D';
const up = '\x1b[A';
const down = '\x1b[B';

describe('editing a line', () => {
  test.each([
    ['typing in the middle', ['helo', left, 'l'], 'hello', 4],
    ['deleting backwards', ['abc', '\x7f'], 'ab', 2],
    ['deleting forwards', ['abc', '\x01', '\x1b[3~'], 'bc', 0],
    ['start and end', ['bc', '\x01', 'a', '\x05', 'd'], 'abcd', 4],
    ['killing to the end', ['abc', left, '\x0b'], 'ab', 2],
    ['killing to the start', ['abc', left, '\x15'], 'c', 0],
    ['killing a word, and yanking it back', ['ls src', '\x17', '\x01', '\x19'], 'srcls ', 3],
    ['moving by words', ['one two', '\x1bb', 'X'], 'one Xtwo', 5],
    ['an emoji as one character', ['a👩‍👩‍👧b', left, '\x7f'], 'ab', 1],
    ['the line before', [up], 'second', 6],
    ['lines before and back to the draft', ['draft', up, up, down, down], 'draft', 5],
    ['a paste of two lines', ['\x1b[200~one\rtwo\x1b[201~'], 'one\ntwo', 7],
  ])('%s', (_name, keys, text, cursor) => {
    expect(typed(...keys)).toMatchObject({ text, cursor });
  });

  test('Enter submits, and the line is remembered once', () => {
    const line = typed('ls');
    expect(line.press('\r')).toBe('submit');
    expect(line.take()).toBe('ls');
    line.insert('ls');
    line.take();
    expect(line.history).toEqual(['first', 'second', 'ls']);
    expect(line.text).toBe('');
  });

  test('Ctrl+D deletes, and ends at an empty line', () => {
    expect(typed().press('\x04')).toBe('end');
    expect(typed('ab', '\x01', '\x04').text).toBe('b');
  });
});

describe('drawing a line', () => {
  test('wraps at the edge', () => {
    expect(advance({ row: 0, column: 2 }, 'abcdef', 5)).toEqual({ row: 1, column: 3 });
    expect(advance({ row: 0, column: 0 }, 'abcde', 5)).toEqual({ row: 1, column: 0 });
    expect(advance({ row: 0, column: 4 }, '漢', 5)).toEqual({ row: 1, column: 2 });
  });

  test('goes up to the prompt, clears, and ends at the cursor', () => {
    const { output, cursor } = drawLine('\x1b[32m$\x1b[0m ', 'abc', 1, 80, { row: 1, column: 0 });
    expect(cursor).toEqual({ row: 0, column: 3 });
    expect(output).toBe('\x1b[1A\r\x1b[J\x1b[32m$\x1b[0m abc\r\x1b[3C');
  });
});

test.each([
  ["echo 'a", true],
  ['echo "a\\"', true],
  ['echo a \\', true],
  ['cat <<E\nhi', true],
  ['cat <<E\nhi\nE', false],
  ["cat <<< 'x'", false],
  ["cat <<E\nit's\nE", false],
  ["cat <<'E' | grep \"a\nit's\nE", true],
  ['cat <<E\nhi\nE\necho "open', true],
  ['cat <<E; cat <<-F\na\nE\nb\n\tF', false],
  ['cat <<E; cat <<F\na\nE', true],
  ['cat <<E # to the end', true],
  ['grep "<<E" a', false],
  ['echo $((1 << n))', false],
  ["echo it's", true],
  ['echo fine # isn\'t\necho "open', true],
  ["echo fine # isn't", false],
  ['ls |', true],
  ['test -f a && ', true],
  ['true ||\n', true],
  ['echo \\|', false],
  ["echo '|'", false],
  ['echo fine # |', false],
  ['sleep 1 &', false],
])('%j needs more: %j', (text, more) => {
  expect(needsMore(text)).toBe(more);
});

test.each([
  ['for i in 1 2; do', true],
  ['for i in 1 2\ndo\n  echo $i', true],
  ['if true; then\n', true],
  ['while true; do # until', true],
  ['f() {', true],
  ['( echo a', true],
  ['case x in', true],
  ['echo $(ls', true],
  ['for i in 1 2; do echo $i; done', false],
  ['echo )', false],
  ['if ; then', false],
  ['done', false],
  ['cat nothing', false],
])('%j lacks its end, says the shell: %j', async (text, lacks) => {
  expect(lacksEnd(text, await new Bash().exec(text))).toBe(lacks);
});

describe('a session', () => {
  test('carries directory and variables over', async () => {
    const asked: unknown[] = [];
    const exec: Shell['exec'] = (command, options) => {
      asked.push([command, options?.cwd, options?.env]);
      return Promise.resolve({ stdout: 'out', stderr: '', exitCode: 3, env: { PWD: '/acme/app/src', X: '5' } });
    };
    const session = new ShellSession({ exec }, '/acme/app');
    expect(await session.run('cd src; X=5', new AbortController().signal)).toMatchObject({ stdout: 'out', exitCode: 3 });
    expect(session.cwd).toBe('/acme/app/src');
    await session.run('echo $X', new AbortController().signal);
    expect(asked).toEqual([
      ['cd src; X=5', '/acme/app', {}],
      ['echo $X', '/acme/app/src', { PWD: '/acme/app/src', X: '5' }],
    ]);
  });

  test('stays where it was when a command says nothing', async () => {
    const session = new ShellSession({ exec: () => Promise.resolve({ stdout: '', stderr: 'bash: ended', exitCode: 130, env: {} }) }, '/acme/app');
    expect((await session.run('sleep 100', new AbortController().signal)).exitCode).toBe(130);
    expect(session.cwd).toBe('/acme/app');
  });
});

describe('completion', () => {
  const fs = new FakeFs({ '/acme/app/src/main.ts': '', '/acme/app/src/map.ts': '', '/acme/app/my file.txt': '', '/acme/app/.hidden': '' });
  const commands = ['cat', 'cp', 'grep'];

  test.each([
    ['c', 0, ['cat ', 'cp '], 'c'],
    ['ls | gr', 5, ['grep '], 'grep '],
    ['cat s', 4, ['src/'], 'src/'],
    ['cat src/ma', 4, ['src/main.ts ', 'src/map.ts '], 'src/ma'],
    ['cat my', 4, ['my\\ file.txt '], 'my\\ file.txt '],
    ['cat my\\ f', 4, ['my\\ file.txt '], 'my\\ file.txt '],
    ['cat /acme/app/sr', 4, ['/acme/app/src/'], '/acme/app/src/'],
    ['cat .h', 4, ['.hidden '], '.hidden '],
    ['cat nothing', 4, [], ''],
  ])('%j', async (text, from, words, common) => {
    expect(await complete(fs, '/acme/app', text, commands)).toEqual({ from, words, common });
  });
});
