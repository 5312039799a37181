/** A program to run, and all that it may see. It crosses a thread's boundary, so it holds plain values only. */
export interface WasiRun {
  /** The WebAssembly module. */
  program: Uint8Array;
  /** The first is the program's name. */
  args: string[];
  /** `NAME=value` each. */
  env: string[];
  stdin: Uint8Array;
  directories: WasiDirectory[];
  limits: WasiLimits;
}

/** A directory that a program is given, with everything in it. */
export interface WasiDirectory {
  /** What the program may call it; all names stand for the one directory. */
  names: string[];
  /** By path relative to it, parents first; `null` for a directory. */
  entries: [path: string, bytes: Uint8Array | null][];
}

/** What a program may use, in bytes. */
export interface WasiLimits {
  /** Its memory, a multiple of 64 KiB. */
  memory: number;
  /** What it writes to standard output and error. */
  output: number;
  /** One file. */
  file: number;
  /** What its files grow by together. */
  growth: number;
}

/** What became of a program. */
export interface WasiEnd {
  exitCode: number;
  stdout: Uint8Array;
  stderr: Uint8Array;
  /** What it did to its directories, in the order they were given. */
  changes: WasiChanges[];
}

/** What differs in a directory; paths are relative to it. */
export interface WasiChanges {
  removed: string[];
  made: string[];
  written: [path: string, bytes: Uint8Array][];
}

/**
 * Runs a program in a thread of its own, which ends when the signal fires: a program that loops for ever must stop nobody else.
 *
 * @throws Error when it is no program, or the thread can't be had
 */
export type RunWasi = (run: WasiRun, signal: AbortSignal) => Promise<WasiEnd>;

/** Exit codes that shells use. */
export const EXIT = { failed: 1, notRunnable: 126, notFound: 127, trapped: 134 } as const;

/** Whether files hold the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
