/** A timer that was set: what {@link Clock.clear} takes. */
export type TimerHandle = unknown;

/** Time, as injected: no module reads a global clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `callback` once after `ms` milliseconds. */
  set(callback: () => void, ms: number): TimerHandle;
  clear(handle: TimerHandle): void;
}

/** What the engine and the backend take from their surroundings. */
export interface Env {
  clock: Clock;
  /** Fills `bytes` with cryptographically strong random bytes. */
  random(bytes: Uint8Array): void;
  fetch(request: Request): Promise<Response>;
}

/** The clock of the platform. Only entry points call this. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    set: (callback, ms) => setTimeout(callback, ms),
    clear: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
  };
}

/** Clock, randomness and fetch of the platform. Only entry points call this. */
export function systemEnv(): Env {
  return {
    clock: systemClock(),
    random: (bytes) => void crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
    fetch: (request) => fetch(request),
  };
}

/** Waits `ms` milliseconds of the given clock; rejects with the signal's reason when aborted. */
export function delay(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const handle = clock.set(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    const abort = (): void => {
      clock.clear(handle);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}
