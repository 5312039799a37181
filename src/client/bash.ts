import type { BashOptions } from 'just-bash';
import { FsError } from '../base/errors.ts';
import type { ShellOptions, ShellResult } from '../rpc/types.ts';
import type { Calls } from './calls.ts';
import type { MesaFileSystem } from './file-system.ts';
import type { Platform } from './platform.ts';

/** Options of a shell, those of just-bash. With functions among them (commands of your own) the shell runs in the page, else beside the data. */
export type MesaBashOptions = Pick<
  BashOptions,
  'env' | 'cwd' | 'executionLimits' | 'fetch' | 'network' | 'python' | 'javascript' | 'commands' | 'customCommands' | 'logger'
> & {
  /** Wall-clock milliseconds of one `exec`; 30,000 unless given. */
  timeoutMs?: number;
};

/** Options of one command line. */
export interface ExecOptions {
  cwd?: string;
  env?: Record<string, string>;
  stdin?: string;
  timeoutMs?: number;
  /** Ends it; what it answers then has exit code 130. */
  signal?: AbortSignal;
}

/** Runs a command line. */
export type Exec = (command: string, options: ExecOptions) => Promise<ShellResult>;

/** A shell wherever it runs. */
interface Shell {
  exec: Exec;
  close: () => Promise<void>;
}

/** Closes the shells of those who forgot to, where a runtime tells what nobody holds any more. */
const forgotten = typeof FinalizationRegistry === 'undefined' ? null : new FinalizationRegistry<Shell>((shell) => void shell.close().catch(() => undefined));

/**
 * A bash over the mount's files. No process is started: it is an interpreter, kept until it or its mount is closed, or nobody holds it any more.
 *
 * @example
 * ```ts
 * await using bash = fs.bash({ cwd: '/acme/app' });
 * const { stdout } = await bash.exec('grep -r TODO . | wc -l');
 * ```
 */
export class MesaBash {
  readonly #shell: Shell;

  private constructor(shell: Shell) {
    this.#shell = shell;
    forgotten?.register(this, shell, this);
  }

  /**
   * Runs a command line; what fails in it is an exit code. Each begins in the shell's directory and environment; files stay.
   *
   * @throws FsError ECANCELED when the shell or its mount is closed, ENOENT or ENOTDIR when the shell's `cwd` is no directory that is there, EINVAL for an
   * option there is not, of `fs.bash` or of this, or what is no command line
   */
  exec(command: string, options: ExecOptions = {}): Promise<ShellResult> {
    return this.#shell.exec(command, options);
  }

  /** Lets go of the shell, once the command lines under way have ended. Twice is fine. */
  close(): Promise<void> {
    forgotten?.unregister(this);
    return this.#shell.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Makes a shell of a mount. */
  static over(fs: MesaFileSystem, calls: Calls, platform: Platform, options: MesaBashOptions): MesaBash {
    return new MesaBash(staysHere(options) ? inPage(fs, calls, platform, options) : besideData(calls, options));
  }
}

/** A shell that takes no command lines once it or its mount is closed, and is let go of when the last has ended. */
function closable(calls: Calls, run: Exec, letGo?: () => Promise<void>): Shell {
  const running = new Set<Promise<ShellResult>>();
  let closed: Promise<void> | undefined;
  return {
    exec: async (command, options) => {
      if (closed !== undefined) throw new FsError('ECANCELED', 'exec', '/', { hint: 'the shell is closed; fs.bash() makes another' });
      // One in the page would go on without its files.
      if (calls.isClosed) throw new FsError('ECANCELED', 'exec', '/', { hint: 'the mount is closed' });
      const result = run(command, options);
      running.add(result);
      try {
        return await result;
      } finally {
        running.delete(result);
      }
    },
    close: () => (closed ??= Promise.allSettled(running).then(letGo)),
  };
}

/** Whether an option can't go to the engine. */
function staysHere({ fetch, network, python, javascript, customCommands, logger }: MesaBashOptions): boolean {
  return [fetch, network, python, javascript, customCommands, logger].some((option) => option !== undefined && option !== false);
}

function besideData(calls: Calls, options: MesaBashOptions): Shell {
  let opened: number | undefined;
  const open = once(async () => (opened = await calls.call('shellOpen', options as ShellOptions)));
  const run: Exec = async (command, { signal, ...exec }) => {
    // Without a turn where it is open: what is called before the mount is closed begins before that.
    const shell = opened ?? (await open());
    try {
      return await calls.cancellable(signal, 'shellExec', shell, command, exec);
    } catch (error) {
      if (signal?.aborted === true) return canceled();
      throw error;
    }
  };
  return closable(calls, run, async () => {
    if (opened === undefined) return;
    await calls.call('shellClose', opened).catch((error: unknown) => {
      // It went with its mount.
      if (!(error instanceof FsError) || error.code !== 'ECANCELED') throw error;
    });
  });
}

function inPage(fs: MesaFileSystem, calls: Calls, platform: Platform, options: MesaBashOptions): Shell {
  const load = once(async () => {
    const [{ runHere }, { Bash }] = await Promise.all([import('./page-shell.ts'), platform.bash()]);
    return runHere(Bash, fs, options);
  });
  return closable(calls, async (command, exec) => (await load())(command, exec));
}

/** Makes something when it is first wanted, and again when that failed: a network that was away may be back. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    if (made !== null) return made;
    const making = make();
    made = making;
    making.catch(() => (made = null));
    return making;
  };
}

function canceled(): ShellResult {
  return { stdout: '', stderr: 'bash: canceled\n', exitCode: 130, env: {} };
}
