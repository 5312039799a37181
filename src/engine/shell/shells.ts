import type { CustomCommand } from 'just-bash';
import { delay } from '../../base/env.ts';
import type { Env } from '../../base/env.ts';
import { FsError } from '../../base/errors.ts';
import type { FsArgs } from '../../rpc/contract.ts';
import type { ShellOptions, ShellResult } from '../../rpc/types.ts';
import type { Mount } from '../mount/mount.ts';
import type { RunWasi } from './wasi/program.ts';

/** The part of just-bash that is used; the same in its builds for Node and for browsers. */
export type BashModule = Pick<typeof import('just-bash'), 'Bash' | 'InMemoryFs'>;
/** Loads the interpreter. */
export type LoadBash = () => Promise<BashModule>;
/** Loads what runs WASI programs. */
export type LoadWasi = () => Promise<RunWasi>;

/** Milliseconds that command lines under way are given when their mount is closed. */
const LAST_CALL = 3_000;

/** One shell. */
export interface Shell {
  /** Runs a command line. @throws FsError when the command line is none, or can't begin where the shell does */
  run: (command: string, options: NonNullable<FsArgs<'shellExec'>[2]>, canceled: AbortSignal) => Promise<ShellResult>;
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
    const shell = await interpreterOf(this.#mount, this.#env.clock, bash, options, this.#wasi === undefined ? undefined : lazyWasi(this.#wasi));
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
    const running = shell.run(command, options, signal === undefined ? this.#ending.signal : AbortSignal.any([signal, this.#ending.signal]));
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
