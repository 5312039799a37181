import { Bash, getCommandNames, InMemoryFs } from 'just-bash/browser';
import { describe, expect, test } from 'vitest';
import { commandNames, helpText, hintFor, plainLimits, wrapWords } from './commands.ts';
import { stripColours } from './draw-line.ts';

/** Browsers lack what these are made with. */
const missing = ['gzip', 'gunzip', 'zcat'];

describe('help', () => {
  test('lists every command of the shell that works in a browser', () => {
    expect(getCommandNames().filter((name) => !missing.includes(name) && !commandNames.includes(name))).toEqual([]);
    expect(commandNames).not.toEqual(expect.arrayContaining(missing));
  });

  test('lists none that is not there', async () => {
    const bash = new Bash({ fs: new InMemoryFs(), defenseInDepth: false });
    // The IDE’s own.
    const names = commandNames.filter((name) => name !== 'wasi');
    const { stdout } = await bash.exec(names.map((name) => `type ${name} > /dev/null 2>&1 || echo ${name}`).join('\n'));
    expect(stdout).toBe('');
  });

  test('names what people look for, in lines that fit', () => {
    const text = stripColours(helpText(72, 'draft'));
    for (const word of ['ls ', 'grep', 'wasi', 'cd ', '“draft”', 'Alt']) expect(text).toContain(word);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(72);
  });
});

describe('a command that is not there', () => {
  test('is answered with what there is instead', () => {
    expect(hintFor('bash: git: command not found\n', 'main')).toContain('“main”');
    expect(hintFor('x.sh: line 2: vim: command not found\n', 'main')).toContain('editor');
    expect(hintFor('bash: npm: command not found\n', 'main')).toContain('“help”');
    expect(hintFor('ls: git: No such file or directory\n', 'main')).toBeNull();
  });
});

test('words are wrapped between them', () => {
  expect(wrapWords('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrapWords('a-long-word b', 4)).toEqual(['a-long-word', 'b']);
});

test('a limit of the shell is said without what only its programmer can do', async () => {
  const bash = new Bash({ fs: new InMemoryFs(), defenseInDepth: false, executionLimits: { maxCommandCount: 1_000, maxLoopIterations: 500 } });
  const said = async (command: string): Promise<string> => plainLimits((await bash.exec(command)).stderr);
  expect(await said('f() { :; :; :; }; while f; do f; done')).toBe('bash: stopped after 1,000 commands; a loop may have no end\n');
  expect(await said('while [[ 1 ]]; do [[ 1 ]]; done')).toMatch(/stopped after [\d,]+ (rounds|commands); a loop may have no end/);
  expect(await said('f() { f; }; f')).not.toContain('executionLimits');
  expect(plainLimits('rm: increase the size\n')).toBe('rm: increase the size\n');
});
