import type { Clock } from '../../src/base/env.ts';

/** Milliseconds since the Unix epoch at which every run begins. */
export const BEGINNING: number = Date.UTC(2026, 0, 1);

/** Something that falls due. */
export interface Entry {
  at: number;
  /** Breaks ties: what was set first comes first. */
  turn: number;
  callback: (() => void) | null;
}

/** A clock that stands still until it is told to go on, and then jumps from one thing to do to the next. */
export class VirtualClock implements Clock {
  readonly #heap: Entry[] = [];
  #now = BEGINNING;
  #turn = 0;

  now(): number {
    return this.#now;
  }

  set(callback: () => void, ms: number): Entry {
    const wait = Number.isFinite(ms) ? Math.max(0, ms) : 2 ** 31;
    const entry: Entry = { at: this.#now + wait, turn: this.#turn, callback };
    this.#turn += 1;
    this.#push(entry);
    return entry;
  }

  clear(handle: unknown): void {
    (handle as Entry).callback = null;
  }

  /** Lets time pass until `until`, doing what falls due on the way; `idle` waits until nobody has anything left to do at that moment. */
  async run(until: number, idle: () => Promise<void>): Promise<void> {
    await idle();
    for (let entry = this.#heap[0]; entry !== undefined && entry.at <= until; entry = this.#heap[0]) {
      this.#pop();
      const { callback } = entry;
      if (callback === null) continue;
      entry.callback = null;
      this.#now = Math.max(this.#now, entry.at);
      callback();
      await idle();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** When the next thing falls due, or `null`. */
  next(): number | null {
    for (let entry = this.#heap[0]; entry !== undefined; entry = this.#heap[0]) {
      if (entry.callback !== null) return entry.at;
      this.#pop();
    }
    return null;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !before(entry, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      if (left === undefined) break;
      const right = heap[2 * at + 2];
      const side = right !== undefined && before(right, left) ? 2 : 1;
      const child = side === 2 && right !== undefined ? right : left;
      if (!before(child, last)) break;
      heap[at] = child;
      at = 2 * at + side;
    }
    heap[at] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.turn < b.turn);
}

/** Resolves once every promise that can settle without time passing has. */
export function idle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
