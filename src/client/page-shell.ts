import type { Bash } from 'just-bash';
import type { ShellResult } from '../rpc/types.ts';
import type { Exec } from './bash.ts';

/** The longest that timers take. */
const LONGEST = 2 ** 31 - 1;

/** Runs command lines in the page, each with an end to its time. */
export function runHere(bash: Bash, timeoutMs = 30_000): Exec {
  return async (command, { timeoutMs: ms = timeoutMs, signal, ...options }) => {
    const late = AbortSignal.timeout(Math.min(ms, LONGEST));
    const ends = AbortSignal.any(signal === undefined ? [late] : [late, signal]);
    // A command that waits for something else would not notice.
    const ended = new Promise<ShellResult>((resolve) => ends.addEventListener('abort', () => resolve(failed('', 1)), { once: true }));
    // A redirect into a directory that is not there rejects instead of failing its command.
    const running = bash
      .exec(command, { ...options, signal: ends })
      .catch((error: unknown) => failed(error instanceof Error ? error.message : String(error), 1));
    const { stdout, stderr, exitCode, env } = await Promise.race([running, ended]);
    if (signal?.aborted === true) return failed('canceled', 130);
    return late.aborted ? failed(`timed out after ${ms} ms`, 124) : { stdout, stderr, exitCode, env };
  };
}

function failed(message: string, exitCode: number): ShellResult {
  return { stdout: '', stderr: `bash: ${message}\n`, exitCode, env: {} };
}
