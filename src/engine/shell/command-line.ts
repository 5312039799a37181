import type { Bash } from 'just-bash';
import type { Clock } from '../../base/env.ts';
import type { FsArgs } from '../../rpc/contract.ts';
import type { ShellResult } from '../../rpc/types.ts';
import type { ShellFs } from './fs.ts';

/** More than this a platform's timer doesn't take: it would fire at once. */
const LONGEST = 2 ** 31 - 1;
/** Exit codes that shells and `timeout` use. */
const EXIT = { failed: 1, timedOut: 124, canceled: 130 } as const;

/** What one shell runs its command lines with. */
export interface Interpreter {
  clock: Clock;
  /** Makes the interpreter of one command line, which begins as every other of the shell; they share its scratch. */
  bash: (fs: ShellFs) => Bash;
  /** Makes what one command line sees of the mount. */
  files: () => ShellFs;
  /** @throws FsError when the command line is none, or can't begin where the shell does */
  check: (command: string, options: object) => Promise<void>;
  timeoutMs: number;
}

/** Runs one command line, until it ends, takes too long or `canceled` fires. @throws FsError when it can't begin */
export async function runLine(
  { clock, bash, files, check, timeoutMs: usual }: Interpreter,
  command: string,
  options: NonNullable<FsArgs<'shellExec'>[2]>,
  canceled: AbortSignal,
): Promise<ShellResult> {
  const { timeoutMs = usual, cwd, env, stdin } = options;
  const timeout = new AbortController();
  const timer = timeoutMs <= LONGEST ? clock.set(() => timeout.abort(), timeoutMs) : null;
  const ends = AbortSignal.any([canceled, timeout.signal]);
  // Its own, so that it is told of its own writes.
  const fs = files();
  let result: ShellResult = { stdout: '', stderr: '', exitCode: 0, env: {} };
  let begun = false;
  try {
    await Promise.race([check(command, options), aborted(ends)]);
    begun = true;
    const run = bash(fs).exec(command, {
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
    if (timer !== null) clock.clear(timer);
  }
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
