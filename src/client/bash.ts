import type { BashOptions } from 'just-bash';
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

/** A bash over the mount's files. No process is started: it is an interpreter. */
export class MesaBash {
  readonly #exec: (command: string, options: ExecOptions) => Promise<ShellResult>;

  private constructor(exec: (command: string, options: ExecOptions) => Promise<ShellResult>) {
    this.#exec = exec;
  }

  /** Runs a command line; what fails in it is an exit code. Each begins in the shell's directory and environment; files stay. */
  exec(command: string, options: ExecOptions = {}): Promise<ShellResult> {
    return this.#exec(command, options);
  }

  /** Makes a shell of a mount. */
  static over(fs: MesaFileSystem, calls: Calls, platform: Platform, options: MesaBashOptions): MesaBash {
    return new MesaBash(staysHere(options) ? inPage(fs, platform, options) : besideData(calls, options));
  }
}

/** Whether an option can't go to the engine. */
function staysHere({ fetch, network, python, javascript, customCommands, logger }: MesaBashOptions): boolean {
  return [fetch, network, python, javascript, customCommands, logger].some((option) => option !== undefined && option !== false);
}

function besideData(calls: Calls, options: MesaBashOptions): (command: string, options: ExecOptions) => Promise<ShellResult> {
  const open = once(() => calls.call('shellOpen', options as ShellOptions));
  return async (command, { signal, ...exec }) => {
    const shell = await open();
    try {
      return await calls.cancellable(signal, 'shellExec', shell, command, exec);
    } catch (error) {
      if (signal?.aborted === true) return canceled();
      throw error;
    }
  };
}

function inPage(fs: MesaFileSystem, platform: Platform, options: MesaBashOptions): (command: string, options: ExecOptions) => Promise<ShellResult> {
  const { timeoutMs: _, ...shell } = options;
  const load = once(async () => new (await platform.bash()).Bash({ ...shell, fs, defenseInDepth: false }));
  return async (command, { timeoutMs: __, ...exec }) => {
    const bash = await load();
    try {
      const { stdout, stderr, exitCode, env } = await bash.exec(command, exec);
      return { stdout, stderr, exitCode, env };
    } catch (error) {
      if (exec.signal?.aborted === true) return canceled();
      // A redirect into a directory that is not there rejects instead of failing its command.
      return { stdout: '', stderr: `bash: ${error instanceof Error ? error.message : String(error)}\n`, exitCode: 1, env: {} };
    }
  };
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
