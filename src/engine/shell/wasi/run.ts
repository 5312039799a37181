import { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } from '@bjorn3/browser_wasi_shim';
import type { Fd } from '@bjorn3/browser_wasi_shim';
import { boundMemory } from './bound-memory.ts';
import { changesOf, openDirectory } from './files.ts';
import { EXIT } from './program.ts';
import type { WasiEnd, WasiRun } from './program.ts';

type Instance = WebAssembly.Instance & { exports: { memory: WebAssembly.Memory; _start: () => unknown } };

/**
 * Runs a program to its end, here and now: nothing else happens in this thread meanwhile.
 *
 * @throws Error when it is no program
 */
export async function runProgram(run: WasiRun): Promise<WasiEnd> {
  const { limits } = run;
  const room = { left: limits.growth };
  const roots = run.directories.map((directory) => openDirectory(directory, room, limits));
  const output = { left: limits.output };
  const stdout = new Output(output);
  const stderr = new Output(output);
  const preopened = run.directories.flatMap(({ names }, index) =>
    names.map((name) => {
      const opened = new PreopenDirectory(name, new Map());
      const root = roots[index];
      if (root !== undefined) opened.dir = root;
      return opened;
    }),
  );
  const fds: Fd[] = [new OpenFile(new File(run.stdin)), stdout.fd, stderr.fd, ...preopened];
  const wasi = new WASI(run.args, run.env, fds, { debug: false });
  countBytes(wasi);
  const instance = (await WebAssembly.instantiate(await WebAssembly.compile(boundMemory(run.program, limits.memory)), {
    wasi_snapshot_preview1: wasi.wasiImport as WebAssembly.ModuleImports,
  })) as Instance;
  if (typeof instance.exports._start !== 'function') throw new Error('it is a library: it has no _start');
  let exitCode: number;
  try {
    exitCode = wasi.start(instance) & 0xff;
  } catch (error) {
    exitCode = EXIT.trapped;
    stderr.say(`${run.args[0] ?? 'wasi'}: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  const changes = run.directories.map((directory, index) => {
    const root = roots[index];
    return root === undefined ? { removed: [], made: [], written: [] } : changesOf(directory, root);
  });
  return { exitCode, stdout: stdout.bytes, stderr: stderr.bytes, changes };
}

/** Collects what a program prints, up to a limit. */
class Output {
  readonly fd: Fd;
  readonly #parts: Uint8Array[] = [];

  constructor(room: { left: number }) {
    this.fd = new ConsoleStdout((bytes) => {
      room.left -= bytes.byteLength;
      if (room.left < 0) throw new Error('it printed more than it may; redirect it into a file');
      this.#parts.push(bytes);
    });
  }

  say(text: string): void {
    this.#parts.push(new TextEncoder().encode(text));
  }

  get bytes(): Uint8Array {
    const all = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.byteLength, 0));
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.byteLength;
    }
    return all;
  }
}

/** The library counts the characters of arguments where their bytes are meant, so that one with an accent would be written beyond its room. */
function countBytes(wasi: WASI): void {
  wasi.wasiImport['args_sizes_get'] = (count: number, size: number): number => {
    const view = new DataView(wasi.inst.exports.memory.buffer);
    view.setUint32(count, wasi.args.length, true);
    view.setUint32(
      size,
      wasi.args.reduce((sum, arg) => sum + new TextEncoder().encode(arg).length + 1, 0),
      true,
    );
    return 0;
  };
}
