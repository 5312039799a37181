import type { Clock } from '../../base/env.ts';

/** A request without a whole answer after the time it was given. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';

  constructor(ms: number) {
    super(`The server did not answer in ${Math.round(ms / 1000)} s`);
  }
}

/**
 * Runs a task for so many milliseconds at most, and no longer than until `signal` fires. What it then fails with is the reason: platforms fail in the middle
 * of a body with an error of their own, and what does not look at its signal does not fail at all.
 *
 * @throws TimeLimitError when the time is over
 */
export async function withinTime<T>(clock: Clock, ms: number, signal: AbortSignal | null, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const timer = clock.set(() => limit.abort(new TimeLimitError(ms)), ms);
  const either = signal === null ? limit.signal : AbortSignal.any([limit.signal, signal]);
  try {
    return await unlessAborted(task(either), either);
  } finally {
    clock.clear(timer);
  }
}

/** What a promise comes to, unless the signal fires first; then the signal's reason is thrown, whatever the promise fails with. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | null): Promise<T> {
  if (signal === null) return promise;
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([aborted.promise, promise]);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', abort);
    promise.catch(() => undefined);
    aborted.promise.catch(() => undefined);
  }
}
