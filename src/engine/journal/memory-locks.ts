import type { HeldLock, Locks } from './device.ts';

/** A process that takes locks: it can end at any moment, and then holds none. */
export interface LockOwner {
  readonly ended: boolean;
  /** Calls back in a later turn, unless the process ends before. */
  later(callback: () => void): void;
}

interface Waiter {
  owner: LockOwner;
  grant: () => void;
}

interface Held {
  owner: LockOwner;
  lost: AbortController;
}

/** The locks of a device in memory: who holds each, and who waits for it. */
export class LockTable {
  readonly #held = new Map<string, Held>();
  readonly #waiting = new Map<string, Waiter[]>();

  /** The locks as one process takes them. */
  of(owner: LockOwner): Locks {
    return {
      tryHold: (name) => new Promise((resolve) => owner.later(() => resolve(this.#held.has(name) ? null : this.#take(name, owner)))),
      hold: (name, signal) => this.#wait(name, owner, signal),
      steal: (name) => new Promise((resolve) => owner.later(() => resolve(this.#steal(name, owner)))),
    };
  }

  /** Frees what a process held, and forgets what it waited for. */
  release(owner: LockOwner): void {
    for (const [name, waiters] of this.#waiting)
      this.#waiting.set(
        name,
        waiters.filter((waiter) => waiter.owner !== owner),
      );
    for (const [name, held] of [...this.#held]) if (held.owner === owner) this.#free(name, held);
  }

  #wait(name: string, owner: LockOwner, signal: AbortSignal): Promise<HeldLock> {
    return new Promise((resolve, reject) => {
      if (owner.ended) return;
      if (signal.aborted) return reject(signal.reason);
      const waiters = this.#waiting.get(name) ?? [];
      this.#waiting.set(name, waiters);
      const waiter: Waiter = {
        owner,
        grant: () => {
          signal.removeEventListener('abort', abort);
          const lock = this.#take(name, owner);
          owner.later(() => resolve(lock));
        },
      };
      const abort = (): void => {
        const list = this.#waiting.get(name) ?? [];
        this.#waiting.set(
          name,
          list.filter((each) => each !== waiter),
        );
        reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      waiters.push(waiter);
      if (!this.#held.has(name)) this.#next(name);
    });
  }

  #take(name: string, owner: LockOwner): HeldLock {
    const held: Held = { owner, lost: new AbortController() };
    this.#held.set(name, held);
    return { lost: held.lost.signal, release: () => this.#free(name, held) };
  }

  #steal(name: string, owner: LockOwner): HeldLock {
    const robbed = this.#held.get(name);
    const lock = this.#take(name, owner);
    robbed?.owner.later(() => robbed.lost.abort(new DOMException(`The lock ${name} was stolen`, 'AbortError')));
    return lock;
  }

  #free(name: string, held: Held): void {
    if (this.#held.get(name) !== held) return;
    this.#held.delete(name);
    this.#next(name);
  }

  #next(name: string): void {
    const waiter = this.#waiting.get(name)?.shift();
    if (waiter !== undefined) waiter.grant();
    else this.#waiting.delete(name);
  }
}
