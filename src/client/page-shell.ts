import type { Bash } from 'just-bash';
import { NullDeviceFs } from '../rpc/null-device.ts';
import { checksOf } from '../rpc/shell-checks.ts';
import type { ShellResult } from '../rpc/types.ts';
import type { Exec, MesaBashOptions } from './bash.ts';
import type { MesaFileSystem } from './file-system.ts';

/** The longest that timers take. */
const LONGEST = 2 ** 31 - 1;

/** Runs command lines in the page, each with an end to its time. @throws FsError EINVAL for an option there is not */
export function runHere(BashClass: typeof Bash, fs: MesaFileSystem, { timeoutMs = 30_000, ...options }: MesaBashOptions): Exec {
  const check = checksOf(options, fs);
  const bash = new BashClass({ ...options, fs: new NullDeviceFs(fs), defenseInDepth: false });
  return async (command, { timeoutMs: ms = timeoutMs, signal, ...given }) => {
    const late = AbortSignal.timeout(Math.min(ms, LONGEST));
    const ends = AbortSignal.any(signal === undefined ? [late] : [late, signal]);
    // A command that waits for something else would not notice.
    const ended = new Promise<ShellResult>((resolve) => ends.addEventListener('abort', () => resolve(failed('', 1)), { once: true }));
    const run = async (): Promise<ShellResult> => {
      await check(command, given);
      // A redirect into a directory that is not there rejects instead of failing its command.
      return bash.exec(command, { ...given, signal: ends }).catch((error: unknown) => failed(error instanceof Error ? error.message : String(error), 1));
    };
    const { stdout, stderr, exitCode, env } = await Promise.race([run(), ended]);
    if (signal?.aborted === true) return failed('canceled', 130);
    return late.aborted ? failed(`timed out after ${ms} ms`, 124) : { stdout, stderr, exitCode, env };
  };
}

function failed(message: string, exitCode: number): ShellResult {
  return { stdout: '', stderr: `bash: ${message}\n`, exitCode, env: {} };
}
