/** Assertions that run everywhere: they know no test runner. */

/** Runs a test of a name. */
export type TestFunction = (name: string, body: () => Promise<void>) => void;

/** @throws Error unless the condition holds */
export function ok(condition: unknown, message = 'expected something true'): asserts condition {
  if (!condition) throw new Error(message);
}

/** @throws Error unless both are the same by value; byte arrays are compared by content */
export function equal(actual: unknown, expected: unknown, message = ''): void {
  const a = show(actual);
  const b = show(expected);
  if (a !== b) throw new Error(`${message}${message === '' ? '' : ': '}expected ${b}\n     but got ${a}`);
}

/** What a failure of a file call looks like. */
export interface Failure {
  code: string;
  path?: string;
  syscall?: string;
  /** Part of the message. */
  message?: string;
}

/** @throws Error unless the promise rejects with this failure */
export async function fails(promise: Promise<unknown>, failure: Failure): Promise<void> {
  let caught: unknown;
  try {
    await promise;
  } catch (error) {
    caught = error;
  }
  if (!(caught instanceof Error)) throw new Error(`expected ${failure.code}, but nothing failed`);
  const { code, path, syscall } = caught as { code?: unknown; path?: unknown; syscall?: unknown };
  equal(code, failure.code, caught.message);
  ok(caught.message.startsWith(`${failure.code}: `), `the message does not begin with the code: ${caught.message}`);
  if (failure.path !== undefined) equal(path, failure.path, 'path');
  if (failure.syscall !== undefined) equal(syscall, failure.syscall, 'syscall');
  if (failure.message !== undefined) ok(caught.message.includes(failure.message), `"${caught.message}" does not say "${failure.message}"`);
}

/** Waits until the condition holds: for what happens by itself. @throws Error after 40 seconds, which is longer than any wait between two tries */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 40_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function show(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part instanceof Uint8Array)
      return `bytes ${part.length}: ${Array.from(part.subarray(0, 200), (byte) => byte.toString(16).padStart(2, '0')).join('')}#${sum(part)}`;
    if (part === undefined) return '(undefined)';
    if (typeof part === 'object' && part !== null && !Array.isArray(part))
      return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    return part;
  });
}

function sum(bytes: Uint8Array): number {
  return bytes.reduce((total, byte) => (Math.imul(total, 31) + byte) | 0, 0);
}
