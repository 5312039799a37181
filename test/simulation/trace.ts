import { hashText } from './random.ts';
import { BEGINNING } from './clock.ts';
import type { VirtualClock } from './clock.ts';

/** What happened in a run, in order: always as a hash, as text only when asked for. */
export class Trace {
  readonly lines: string[] | null;
  readonly #clock: VirtualClock;
  #low = 0x811c9dc5;
  #high = 0x01000193;

  constructor(clock: VirtualClock, keep: boolean) {
    this.#clock = clock;
    this.lines = keep ? [] : null;
  }

  add(who: string, what: string): void {
    const line = `${(this.#clock.now() - BEGINNING).toFixed(1).padStart(9)} ${who.padEnd(8)} ${what}`;
    this.#low = hashText(line, this.#low);
    this.#high = hashText(line, this.#high ^ 0x5bd1e995);
    this.lines?.push(line);
  }

  /** Two runs with the same hash did the same. */
  get hash(): string {
    return this.#high.toString(16).padStart(8, '0') + this.#low.toString(16).padStart(8, '0');
  }
}

/** Counts by name. */
export class Tally {
  readonly counts: Record<string, number> = {};
  /** Puts looks in order; no count of anything. */
  turn = 0;

  add(name: string, by = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }
}
