import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, ok } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';
import { CAPITALS, CHATTY, FILLING, FOREVER, GREEDY, RENAMING, TRAP } from './wasi-programs.ts';
import { inWorld } from './world.ts';

/** The shell's `wasi`, which runs WASI programs over the mount. `assemble` makes a module of its text. */
export function wasiSuite(test: TestFunction, start: () => Promise<InProcess>, assemble: (text: string) => Promise<Uint8Array>): void {
  const run = inWorld(test, start);
  const put = async (fs: MesaFileSystem, path: string, text: string): Promise<void> => fs.writeFile(path, await assemble(text));

  run('a program reads and writes the mount’s files, and has arguments, variables, input, output and an exit code', async ({ fs, root, backend }) => {
    await put(fs, `${root}/capitals.wasm`, CAPITALS);
    await fs.writeFile(`${root}/in.txt`, 'hello');
    await fs.writeFile(`${root}/old.txt`, '');
    const bash = fs.bash({ cwd: root });
    const result = await bash.exec('export LANG=fr; echo input | wasi capitals.wasm "à la" x');
    const parts = result.stdout.split('\0');
    equal([result.exitCode, parts.slice(0, 3), parts.at(-1)], [7, ['capitals.wasm', 'à la', 'x'], 'input\n'], result.stderr);
    ok(parts.includes('LANG=fr'), result.stdout);
    equal(result.stderr, 'oops\n');
    equal(await fs.readdir(root), ['capitals.wasm', 'in.txt', 'made']);
    const other = await backend.client().fs.mount({ repos: ['app'] });
    equal(await other.readFile(`${root}/made/out.txt`), 'HELLO');
    await other.close();
  });

  run('a program sees the directories it is given, and no others', async ({ fs, root }) => {
    await put(fs, `${root}/capitals.wasm`, CAPITALS);
    await fs.mkdir(`${root}/d`);
    await fs.writeFile(`${root}/d/in.txt`, 'inside');
    const bash = fs.bash({ cwd: root });
    equal((await bash.exec('wasi capitals.wasm')).exitCode, 44);
    equal((await bash.exec('wasi --dir d capitals.wasm')).exitCode, 7);
    equal(await fs.readFile(`${root}/d/made/out.txt`), 'INSIDE');
  });

  run('a directory that a program renames keeps the links it was not given, and its files what they were', async ({ fs, root }) => {
    await put(fs, `${root}/renaming.wasm`, RENAMING);
    const bash = fs.bash({ cwd: root });
    await bash.exec('mkdir -p from/in; echo x > from/in/run; chmod +x from/in/run; ln -s nowhere from/link');
    const { exitCode, stderr } = await bash.exec('wasi renaming.wasm');
    equal([exitCode, stderr], [0, `wasi: ${root}/from stays: it holds what the program was not given\n`]);
    equal((await bash.exec('ls from to; readlink from/link; test -x to/in/run && echo can')).stdout, 'from:\nlink\n\nto:\nin\nnowhere\ncan\n');
  });

  run('a program that does not end is ended, and the mount goes on meanwhile', async ({ fs, root }) => {
    await put(fs, `${root}/forever.wasm`, FOREVER);
    const bash = fs.bash({ cwd: root });
    const controller = new AbortController();
    const running = bash.exec('wasi forever.wasm', { signal: controller.signal });
    await fs.writeFile(`${root}/meanwhile`, 'x');
    equal(await fs.readFile(`${root}/meanwhile`), 'x');
    controller.abort();
    equal((await running).exitCode, 130);
    equal((await bash.exec('wasi forever.wasm', { timeoutMs: 500 })).exitCode, 124);
  });

  run('a program’s memory, output and files have limits', async ({ fs, root }) => {
    const bash = fs.bash({ cwd: root });
    await put(fs, `${root}/greedy.wasm`, GREEDY);
    equal((await bash.exec('wasi greedy.wasm')).exitCode, 31, '512 MiB, of which it began with a little');
    await put(fs, `${root}/chatty.wasm`, CHATTY);
    const chatty = await bash.exec('wasi chatty.wasm');
    equal(chatty.exitCode, 134);
    ok(chatty.stderr.includes('redirect it into a file'), chatty.stderr);
    await put(fs, `${root}/filling.wasm`, FILLING);
    equal((await bash.exec('wasi filling.wasm')).exitCode, 51);
    equal((await fs.stat(`${root}/big`)).size, 32 * 1024 * 1024);
  });

  run('says what went wrong', async ({ fs, root }) => {
    await put(fs, `${root}/trap.wasm`, TRAP);
    await fs.writeFile(`${root}/text`, 'no program');
    const bash = fs.bash({ cwd: root });
    const trapped = await bash.exec('wasi trap.wasm');
    equal(trapped.exitCode, 134);
    ok(trapped.stderr.startsWith('trap.wasm: '), trapped.stderr);
    const text = await bash.exec('wasi text');
    equal([text.exitCode, text.stderr], [126, 'wasi: text cannot be run: it is no WebAssembly module\n']);
    equal((await bash.exec('wasi none.wasm')).exitCode, 127);
    equal((await bash.exec('wasi')).exitCode, 2);
    equal((await bash.exec('wasi --help')).exitCode, 0);
  });
}
