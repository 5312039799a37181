import type { HeldLock, Locks } from './device.ts';

/** Locks of the platform: held by a page or worker, free when it ends. */
export class WebLocks implements Locks {
  readonly #locks: LockManager;

  constructor(locks: LockManager) {
    this.#locks = locks;
  }

  tryHold(name: string): Promise<HeldLock | null> {
    return this.#request(name, { ifAvailable: true });
  }

  async hold(name: string, signal: AbortSignal): Promise<HeldLock> {
    return granted(await this.#request(name, { signal }), name);
  }

  async steal(name: string): Promise<HeldLock> {
    return granted(await this.#request(name, { steal: true }), name);
  }

  /** Asks for a lock, and answers as soon as it is granted or not. */
  #request(name: string, options: LockOptions): Promise<HeldLock | null> {
    return new Promise((resolve, reject) => {
      const lost = new AbortController();
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      let given = false;
      this.#locks
        .request(name, options, async (lock) => {
          if (lock === null) return resolve(null);
          given = true;
          resolve({ lost: lost.signal, release });
          await released;
        })
        // Rejects before it is granted when it can't be, and after that when it is stolen.
        .catch((error: unknown) => (given ? lost.abort(error) : reject(error)));
    });
  }
}

function granted(lock: HeldLock | null, name: string): HeldLock {
  if (lock === null) throw new Error(`The lock ${name} was not granted`);
  return lock;
}
