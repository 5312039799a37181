import type { Command, ExecResult, IFileSystem } from 'just-bash';
import { joinPath, resolvePath } from '../../../base/paths.ts';
import { MAX_BLOB_BYTES } from '../../../wire/limits.ts';
import { encodeText, toLatin1 } from '../../../rpc/encoding.ts';
import { apply } from './apply.ts';
import type { Executables } from './apply.ts';
import { EXIT } from './program.ts';
import type { RunWasi, WasiDirectory } from './program.ts';

type Context = Parameters<Command['execute']>[1];

const MEBIBYTE = 1024 * 1024;
const LIMITS = { memory: 512 * MEBIBYTE, output: 16 * MEBIBYTE, file: MAX_BLOB_BYTES, growth: 128 * MEBIBYTE };
/** What a program is given: it has no way to wait for a file, so all it may read is there before it begins. */
const MAX_ENTRIES = 10_000;
const MAX_GIVEN = 64 * MEBIBYTE;
/** Files read at once. */
const BATCH = 200;

const USAGE = `usage: wasi [--dir DIRECTORY]... PROGRAM.wasm [ARGUMENT]...

Runs a WASI program (wasm32-wasip1) with the directory it is called in, or those named.
`;

/** The shell's `wasi`. What the program did to its directories is written when it has ended, whatever its exit code. */
export function wasiCommand(runWasi: RunWasi): Command {
  return {
    name: 'wasi',
    async execute(args, context) {
      try {
        return await execute(runWasi, args, context);
      } catch (error) {
        return failure(error instanceof Error ? error.message : String(error), error instanceof WasiError ? error.exitCode : EXIT.failed);
      }
    },
  };
}

class WasiError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

async function execute(runWasi: RunWasi, args: string[], { fs, cwd, env, exportedEnv, stdin, signal }: Context): Promise<ExecResult> {
  const named: string[] = [];
  let at = 0;
  for (; args[at] === '--dir'; at += 2) named.push(args[at + 1] ?? '');
  const name = args[at];
  if (name === undefined || name === '--help' || name.startsWith('--')) {
    return name === '--help' ? { stdout: USAGE, stderr: '', exitCode: 0 } : { stdout: '', stderr: USAGE, exitCode: 2 };
  }
  const program = await read(fs, resolvePath(cwd, name)).catch((cause: unknown) => {
    throw new WasiError(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`, EXIT.notFound);
  });
  const paths = [...new Set((named.length > 0 ? named : ['.']).map((path) => resolvePath(cwd, path)))];
  const given = new Given(fs);
  const directories: WasiDirectory[] = [];
  const executables: Executables[] = [];
  for (const path of paths) {
    const { entries, executable } = await given.all(path);
    directories.push({ names: namesOf(path, cwd, named), entries });
    executables.push(executable);
  }
  const variables = exportedEnv === undefined ? [...env] : Object.entries(exportedEnv);
  const run = {
    program,
    args: [name, ...args.slice(at + 1)],
    env: variables.map(([key, value]) => `${key}=${value}`),
    stdin: encodeText(stdin as unknown as string, 'latin1'),
    directories,
    limits: LIMITS,
  };
  const end = await runWasi(run, signal ?? new AbortController().signal).catch((cause: unknown) => {
    throw new WasiError(`${name} cannot be run: ${cause instanceof Error ? cause.message : String(cause)}`, EXIT.notRunnable);
  });
  signal?.throwIfAborted();
  const left: string[] = [];
  for (const [index, changes] of end.changes.entries()) left.push(...(await apply(fs, paths[index] ?? cwd, changes, executables[index] ?? new Map())));
  const stderr = new TextDecoder().decode(end.stderr) + left.map((path) => `wasi: ${path} stays: it holds what the program was not given\n`).join('');
  return { stdout: toLatin1(end.stdout), stdoutKind: 'bytes', stderr, exitCode: end.exitCode };
}

/** What a program may call a directory: where it is, and as it was named. */
function namesOf(path: string, cwd: string, named: string[]): string[] {
  const asked = named.filter((name) => resolvePath(cwd, name) === path);
  return [...new Set([...(path === cwd ? ['.'] : []), ...asked, path])];
}

/** Reads what programs are given, within limits. */
class Given {
  readonly #fs: IFileSystem;
  #entries = 0;
  #bytes = 0;

  constructor(fs: IFileSystem) {
    this.#fs = fs;
  }

  /** All that is in a directory, parents first. Links to files are given as what they lead to; those to directories, or to nothing, are not. */
  async all(root: string): Promise<Pick<WasiDirectory, 'entries'> & { executable: Executables }> {
    const entries: WasiDirectory['entries'] = [];
    const executable = new Map<string, Uint8Array>();
    const programs = new Set<string>();
    const files: string[] = [];
    const visit = async (path: string): Promise<void> => {
      for (const name of await this.#fs.readdir(joinPath(root, path))) {
        const inner = joinPath(path, name);
        const stat = await this.#fs.lstat(joinPath(root, inner));
        this.#count(root);
        if (stat.isFile && (stat.mode & 0o111) !== 0) programs.add(inner);
        if (stat.isDirectory) {
          entries.push([inner, null]);
          await visit(inner);
        } else if (stat.isFile || (await this.#leadsToFile(joinPath(root, inner)))) files.push(inner);
      }
    };
    await visit('');
    for (let from = 0; from < files.length; from += BATCH) {
      const part = files.slice(from, from + BATCH);
      const contents = await Promise.all(part.map((path) => read(this.#fs, joinPath(root, path))));
      for (const [index, bytes] of contents.entries()) {
        this.#bytes += bytes.byteLength;
        const path = part[index] ?? '';
        entries.push([path, bytes]);
        if (programs.has(path)) executable.set(path, bytes);
      }
      this.#check(root);
    }
    return { entries, executable };
  }

  async #leadsToFile(path: string): Promise<boolean> {
    return (await this.#fs.exists(path)) && (await this.#fs.stat(path)).isFile;
  }

  #count(root: string): void {
    this.#entries += 1;
    this.#check(root);
  }

  #check(root: string): void {
    if (this.#entries <= MAX_ENTRIES && this.#bytes <= MAX_GIVEN) return;
    throw new WasiError(`${root} holds more than ${MAX_ENTRIES} entries or ${MAX_GIVEN} bytes; give a smaller directory with --dir`, EXIT.failed);
  }
}

async function read(fs: IFileSystem, path: string): Promise<Uint8Array> {
  return fs.readFileBuffer(path);
}

function failure(message: string, exitCode: number): ExecResult {
  return { stdout: '', stderr: `wasi: ${message}\n`, exitCode };
}
