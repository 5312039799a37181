import type { Bash, CommandName, CustomCommand } from 'just-bash';
import type { Env } from '../../base/env.ts';
import { FsError } from '../../base/errors.ts';
import type { FsArgs } from '../../rpc/contract.ts';
import type { ShellOptions, ShellResult } from '../../rpc/types.ts';
import type { Mount } from '../mount/mount.ts';
import { ShellFs } from './fs.ts';
import type { RunWasi } from './wasi/program.ts';

/** The part of just-bash that is used; the same in its builds for Node and for browsers. */
export type BashModule = Pick<typeof import('just-bash'), 'Bash' | 'InMemoryFs'>;
/** Loads the interpreter. */
export type LoadBash = () => Promise<BashModule>;
/** Loads what runs WASI programs. */
export type LoadWasi = () => Promise<RunWasi>;

/** Milliseconds a command line may take. */
const TIMEOUT = 30_000;
/** Exit codes that shells and `timeout` use. */
const EXIT = { failed: 1, timedOut: 124, canceled: 130 } as const;

interface Shell {
  bash: Bash;
  fs: ShellFs;
  timeoutMs: number;
}

/** The shells of one mount. They run here, beside the data: a `grep` over many files crosses no boundary for each of them. */
export class Shells {
  readonly #mount: Mount;
  readonly #env: Env;
  readonly #load: LoadBash;
  readonly #wasi: LoadWasi | undefined;
  readonly #shells = new Map<number, Shell>();
  #next = 1;

  constructor(mount: Mount, env: Env, load: LoadBash, wasi?: LoadWasi) {
    this.#mount = mount;
    this.#env = env;
    this.#load = load;
    this.#wasi = wasi;
  }

  async open(options: ShellOptions): Promise<number> {
    const { Bash: BashClass, InMemoryFs } = await this.#load();
    const { cwd = '/', env, executionLimits, commands, timeoutMs = TIMEOUT } = options;
    const scratch = new InMemoryFs({ '/dev/null': '' });
    await scratch.mkdir('/tmp');
    const fs = new ShellFs(this.#mount, scratch);
    const bash = new BashClass({
      fs,
      cwd,
      ...(env === undefined ? {} : { env }),
      ...(executionLimits === undefined ? {} : { executionLimits }),
      ...(commands === undefined ? {} : { commands: commands as CommandName[] }),
      ...(this.#wasi === undefined ? {} : { customCommands: [lazyWasi(this.#wasi)] }),
      // It replaces globals (WeakRef among them) while a script runs, which breaks fetch. Scripts are interpreted; none becomes code of this realm.
      defenseInDepth: false,
    });
    const id = this.#next;
    this.#next += 1;
    this.#shells.set(id, { bash, fs, timeoutMs });
    return id;
  }

  /** Runs a command line. What goes wrong in it is an exit code, never an error. @throws FsError ENOENT when the shell is closed */
  async exec(id: number, command: string, options: FsArgs<'shellExec'>[2] = {}, signal?: AbortSignal): Promise<ShellResult> {
    const shell = this.#shells.get(id);
    if (shell === undefined) throw new FsError('ENOENT', 'exec', `shell ${id}`);
    const { timeoutMs = shell.timeoutMs, cwd, env, stdin } = options;
    const timeout = new AbortController();
    const timer = Number.isFinite(timeoutMs) ? this.#env.clock.set(() => timeout.abort(), timeoutMs) : null;
    const ends = signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]);
    try {
      const run = shell.bash.exec(command, {
        signal: ends,
        ...(cwd === undefined ? {} : { cwd }),
        ...(env === undefined ? {} : { env }),
        ...(stdin === undefined ? {} : { stdin }),
      });
      const result = await Promise.race([run, aborted(ends)]);
      await Promise.race([shell.fs.accepted(), aborted(ends)]);
      return { stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode, env: result.env };
    } catch (error) {
      if (timeout.signal.aborted) return failure(`timed out after ${timeoutMs} ms`, EXIT.timedOut);
      if (signal?.aborted === true) return failure('canceled', EXIT.canceled);
      // A redirect into a directory that is not there rejects instead of failing its command.
      return failure(error instanceof Error ? error.message : String(error), EXIT.failed);
    } finally {
      if (timer !== null) this.#env.clock.clear(timer);
    }
  }

  close(id: number): void {
    this.#shells.delete(id);
  }
}

/** The command that runs WASI programs. Nothing of it is loaded before it is first called. */
function lazyWasi(load: LoadWasi): Extract<CustomCommand, { load: unknown }> {
  return {
    name: 'wasi',
    load: async () => {
      const [{ wasiCommand }, runWasi] = await Promise.all([import('./wasi/command.ts'), load()]);
      return wasiCommand(runWasi);
    },
  };
}

function failure(message: string, exitCode: number): ShellResult {
  return { stdout: '', stderr: `bash: ${message}\n`, exitCode, env: {} };
}

/** Rejects when the signal fires: a script that waits for the network would not notice. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
