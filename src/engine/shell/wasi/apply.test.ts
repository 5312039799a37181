import { InMemoryFs } from 'just-bash';
import { expect, test } from 'vitest';
import { wasiCommand } from './command.ts';
import type { WasiChanges } from './program.ts';

type Context = Parameters<ReturnType<typeof wasiCommand>['execute']>[1];

/** Calls the command with a program that, while others do `meanwhile`, has made these changes. */
async function ran(fs: InMemoryFs, changes: Partial<WasiChanges>, meanwhile: () => Promise<void> = async () => undefined): Promise<string> {
  const command = wasiCommand(async () => {
    await meanwhile();
    return { exitCode: 0, stdout: new Uint8Array(0), stderr: new Uint8Array(0), changes: [{ removed: [], made: [], written: [], ...changes }] };
  });
  await fs.writeFile('/p.wasm', '');
  const context = { fs, cwd: '/d', env: new Map(), stdin: '' } as unknown as Context;
  return (await command.execute(['../p.wasm'], context)).stderr;
}

test('a directory that a program removed keeps what it was not given: a peer’s file, a link that leads nowhere', async () => {
  const fs = new InMemoryFs({ '/d/a/in/f': 'f', '/d/b/f': 'f' });
  await fs.symlink('nowhere', '/d/b/link');
  const stderr = await ran(fs, { removed: ['a', 'a/in', 'b', 'a/in/f', 'b/f'] }, () => fs.writeFile('/d/a/peer', 'kept'));
  expect(stderr).toBe('wasi: /d/a stays: it holds what the program was not given\nwasi: /d/b stays: it holds what the program was not given\n');
  expect([await fs.readdir('/d/a'), await fs.readFile('/d/a/peer'), await fs.readdir('/d/b')]).toEqual([['peer'], 'kept', ['link']]);
});

test('what is empty by then is removed, the deepest first; what a peer has removed is no matter', async () => {
  const fs = new InMemoryFs({ '/d/a/in/f': 'f', '/d/gone': 'x' });
  expect(await ran(fs, { removed: ['a', 'a/in', 'a/in/f', 'gone'] }, () => fs.rm('/d/gone'))).toBe('');
  expect(await fs.readdir('/d')).toEqual([]);
});

test('a file that was moved can still be executed', async () => {
  const fs = new InMemoryFs({ '/d/a/run': { content: 'program', mode: 0o755 }, '/d/a/text': 'text' });
  const [run, text] = [new TextEncoder().encode('program'), new TextEncoder().encode('text')];
  const changes: Partial<WasiChanges> = {
    removed: ['a', 'a/run', 'a/text'],
    made: ['b'],
    written: [
      ['b/run', run],
      ['b/text', text],
    ],
  };
  expect(await ran(fs, changes)).toBe('');
  expect([(await fs.stat('/d/b/run')).mode & 0o111, (await fs.stat('/d/b/text')).mode & 0o111]).toEqual([0o111, 0]);
});
