import { beforeEach, describe, expect, test } from 'vitest';
import type { CommandResult, Shell } from '../workspace/client.ts';
import { Console } from './console.ts';
import { stripColours } from './draw-line.ts';

const enough = 6;

let asked: string[];
let printed: string;
let release: (() => void)[];
let type: (data: string) => void;

const complaints: Record<string, string> = {
  'git log': 'bash: git: command not found\n',
  'for i in 1 2; do': 'bash: syntax error: Parse error at 1:17: Expected DONE, got EOF\n',
};

/** A shell whose commands end when the test says so. */
const exec: Shell['exec'] = (command, options) => {
  asked.push(command);
  // What repeats for ever ends here.
  if (asked.length > enough) return new Promise(() => undefined);
  return new Promise<CommandResult>((resolve) => {
    const end = (): void => resolve({ stdout: '', stderr: complaints[command] ?? '', exitCode: 0, env: {} });
    release.push(end);
    options?.signal?.addEventListener('abort', end);
  });
};

beforeEach(() => {
  asked = [];
  printed = '';
  release = [];
  const screen = {
    cols: 80,
    write: (text: string) => void (printed += text),
    onData: (handler: (data: string) => void) => void (type = handler),
    onResize: () => undefined,
  };
  const workspace = { shell: () => ({ exec }), root: '/acme/app', place: { org: 'acme', repo: 'app', bookmark: 'main' }, refreshAll: () => Promise.resolve() };
  new Console(screen as never, { workspace } as never, () => undefined).start();
});

async function endNext(): Promise<void> {
  await expect.poll(() => release.length).toBeGreaterThan(0);
  release.shift()?.();
}

describe('what is typed while a command runs', () => {
  test('is run once, in its order, when it came in one piece', async () => {
    type('one\rtwo\rthree\r');
    for (let left = 3; left > 0; left -= 1) await endNext();
    type('last\r');
    await expect.poll(() => asked.at(-1)).toBe('last');
    expect(asked).toEqual(['one', 'two', 'three', 'last']);
  });

  test('is run once when it came key by key', async () => {
    type('one\r');
    await expect.poll(() => asked).toEqual(['one']);
    for (const key of 'two\r') type(key);
    await endNext();
    await expect.poll(() => asked).toEqual(['one', 'two']);
  });

  test('is dropped when the command is broken off', async () => {
    type('one\rtwo\r');
    await expect.poll(() => asked).toEqual(['one']);
    type('\x03');
    await expect.poll(() => printed).toContain('^C');
    type('three\r');
    await expect.poll(() => asked.at(-1)).toBe('three');
    expect(asked).toEqual(['one', 'three']);
  });
});

test('a line that the shell finds no end of is gone on with where it stands, and is one line of the history', async () => {
  type('for i in 1 2; do\recho $i; done\r');
  await endNext();
  await endNext();
  await expect.poll(() => asked).toEqual(['for i in 1 2; do', 'for i in 1 2; do\necho $i; done']);
  expect(printed).not.toContain('Parse error');
  // Up over the row behind it, and that of the prompt.
  expect(printed).toContain('\x1b[1A\r\x1b[J');
  type('\x1b[A\x1b[A\r');
  await endNext();
  await expect.poll(() => asked.at(-1)).toBe('for i in 1 2; do\necho $i; done');
});

test('the banner keeps its word: “help” lists the commands, and what is not there is answered with what is', async () => {
  expect(printed).toContain('“help” lists');
  type('help\r');
  await expect.poll(() => printed).toMatch(/sha1sum[^]*wasi/);
  expect(
    Math.max(
      ...stripColours(printed)
        .split('\r\n')
        .map((line) => line.length),
    ),
  ).toBeLessThan(80);
  expect(asked).toEqual([]);
  type('git log\r');
  await endNext();
  await expect.poll(() => printed).toMatch(/git: command not found[^]*Alt\+C/);
});
