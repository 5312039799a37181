import type { Bash, CustomCommand } from 'just-bash';
import { delay } from '../../base/env.ts';
import type { Env } from '../../base/env.ts';
import { FsError } from '../../base/errors.ts';
import type { FsArgs } from '../../rpc/contract.ts';
import type { ShellOptions, ShellResult } from '../../rpc/types.ts';
import type { Mount } from '../mount/mount.ts';
import type { ShellFs } from './fs.ts';
import type { RunWasi } from './wasi/program.ts';

/** The part of just-bash that is used; the same in its builds for Node and for browsers. */
export type BashModule = Pick<typeof import('just-bash'), 'Bash' | 'InMemoryFs'>;
/** Loads the interpreter. */
export type LoadBash = () => Promise<BashModule>;
/** Loads what runs WASI programs. */
export type LoadWasi = () => Promise<RunWasi>;

/** More than this a platform's timer doesn't take: it would fire at once. */
const LONGEST = 2 ** 31 - 1;
/** Milliseconds that command lines under way are given when their mount is closed. */
const LAST_CALL = 3_000;
/** Exit codes that shells and `timeout` use. */
const EXIT = { failed: 1, timedOut: 124, canceled: 130 } as const;

/** What one shell is made of. */
export interface Shell {
  /** Makes the interpreter of one command line, which begins as every other of the shell; they share its scratch. */
  bash: (fs: ShellFs) => Bash;
  /** Makes what one command line sees of the mount. */
  files: () => ShellFs;
  /** @throws FsError when the command line is none, or can't begin where the shell does */
  check: (command: string) => Promise<void>;
  timeoutMs: number;
}

/** The shells of one mount. They run here, beside the data: a `grep` over many files crosses no boundary for each of them. */
export class Shells {
  readonly #mount: Mount;
  readonly #env: Env;
  readonly #load: LoadBash;
  readonly #wasi: LoadWasi | undefined;
  readonly #shells = new Map<number, Shell>();
  /** The command lines under way. */
  readonly #running = new Set<Promise<ShellResult>>();
  /** Ends them. */
  readonly #ending = new AbortController();
  #ended: Promise<void> | null = null;
  #next = 1;

  constructor(mount: Mount, env: Env, load: LoadBash, wasi?: LoadWasi) {
    this.#mount = mount;
    this.#env = env;
    this.#load = load;
    this.#wasi = wasi;
  }

  /** Makes a shell; answers its number. @throws FsError ECANCELED when the mount is being closed */
  async open(options: ShellOptions): Promise<number> {
    this.#refuseWhenEnded();
    // Mounts that run no shell load nothing of it.
    const [bash, { interpreterOf }] = await Promise.all([this.#load(), import('./interpreter.ts')]);
    const shell = await interpreterOf(this.#mount, bash, options, this.#wasi === undefined ? undefined : lazyWasi(this.#wasi));
    const id = this.#next;
    this.#next += 1;
    this.#shells.set(id, shell);
    return id;
  }

  /**
   * Runs a command line. What goes wrong in it is an exit code, never an error.
   *
   * @throws FsError ENOENT when the shell is closed or its directory is not there, EINVAL for what is no command line, ECANCELED when the mount is being closed
   */
  async exec(id: number, command: string, options: FsArgs<'shellExec'>[2] = {}, signal?: AbortSignal): Promise<ShellResult> {
    this.#refuseWhenEnded();
    const shell = this.#shells.get(id);
    if (shell === undefined) throw new FsError('ENOENT', 'exec', `shell ${id}`);
    const running = this.#run(shell, command, options, signal === undefined ? this.#ending.signal : AbortSignal.any([signal, this.#ending.signal]));
    this.#running.add(running);
    return running.finally(() => this.#running.delete(running));
  }

  close(id: number): void {
    this.#shells.delete(id);
  }

  /** Takes no more command lines, and waits for those under way; what takes too long is cancelled. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    if (this.#running.size === 0) return;
    const patience = new AbortController();
    const late = delay(this.#env.clock, LAST_CALL, patience.signal).then(
      () => this.#ending.abort(),
      () => undefined,
    );
    await Promise.allSettled(this.#running);
    patience.abort();
    await late;
  }

  async #run(shell: Shell, command: string, options: NonNullable<FsArgs<'shellExec'>[2]>, canceled: AbortSignal): Promise<ShellResult> {
    const { timeoutMs = shell.timeoutMs, cwd, env, stdin } = options;
    const timeout = new AbortController();
    const timer = timeoutMs <= LONGEST ? this.#env.clock.set(() => timeout.abort(), timeoutMs) : null;
    const ends = AbortSignal.any([canceled, timeout.signal]);
    // Its own, so that it is told of its own writes.
    const fs = shell.files();
    let result: ShellResult = { stdout: '', stderr: '', exitCode: 0, env: {} };
    let begun = false;
    try {
      await Promise.race([shell.check(command), aborted(ends)]);
      begun = true;
      const run = shell.bash(fs).exec(command, {
        signal: ends,
        ...(cwd === undefined ? {} : { cwd }),
        ...(env === undefined ? {} : { env }),
        ...(stdin === undefined ? {} : { stdin }),
      });
      const { stdout, stderr, exitCode, env: left } = await Promise.race([run, aborted(ends)]);
      result = { stdout, stderr, exitCode, env: left };
      await Promise.race([fs.accepted(), aborted(ends)]);
      return result;
    } catch (error) {
      if (timeout.signal.aborted) return failed(result, `timed out after ${timeoutMs} ms`, EXIT.timedOut);
      if (canceled.aborted) return failed(result, 'canceled', EXIT.canceled);
      if (!begun) throw error;
      // A redirect into a directory that is not there rejects instead of failing its command.
      return failed(result, error instanceof Error ? error.message : String(error), EXIT.failed);
    } finally {
      if (timer !== null) this.#env.clock.clear(timer);
    }
  }

  #refuseWhenEnded(): void {
    if (this.#ended !== null) throw new FsError('ECANCELED', 'exec', '/', { hint: 'the mount is closed' });
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

/** What a command line answers that failed after it had said this much. */
function failed({ stdout, stderr, env }: ShellResult, message: string, exitCode: number): ShellResult {
  return { stdout, stderr: `${stderr}bash: ${message}\n`, exitCode, env };
}

/** Rejects when the signal fires: a script that waits for the network would not notice. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
