import type { Clock } from '../../base/env.ts';
import { isWithin } from '../../base/paths.ts';
import type { TouchedPath } from '../../wire/events.ts';
import type { View } from './trees.ts';

interface Arrival {
  at: number;
  /** Counts arrivals. */
  turn: number;
  before: View;
  paths: TouchedPath[];
}

/**
 * Remembers peers' edits for a while. An edit that became visible less than `window` milliseconds ago and that has not been read since is racing
 * with ours: a write then says it replaces what was there before that edit, so that both are kept. Later, or once read, the later edit wins.
 */
export class Races {
  readonly #clock: Clock;
  readonly #window: number;
  #arrivals: Arrival[] = [];
  readonly #reads = new Map<string, number>();
  #turn = 0;

  constructor(clock: Clock, window: number) {
    this.#clock = clock;
    this.#window = window;
  }

  /** A peer's edit of `paths` has become visible; `before` is the version without it. */
  arrived(before: View, paths: TouchedPath[]): void {
    if (this.#window <= 0 || paths.length === 0) return;
    this.#expire();
    this.#turn += 1;
    this.#arrivals.push({ at: this.#clock.now(), turn: this.#turn, before, paths });
  }

  /** Counts what has arrived; taken together with a view it says what that view shows. */
  get turn(): number {
    return this.#turn;
  }

  /** The content of `path` was read in the view of `turn`: what had arrived by then was seen. */
  read(path: string, turn: number): void {
    if (this.#arrivals.length > 0) this.#reads.set(path, turn);
  }

  /** The version a write of `path` has to be taken against, or `null` for the present one. */
  before(path: string): View | null {
    this.#expire();
    const seen = this.#reads.get(path) ?? 0;
    return this.#arrivals.find((arrival) => arrival.turn > seen && arrival.paths.some((touched) => touches(touched, path)))?.before ?? null;
  }

  /** Whether any arrival is still remembered, and with it the objects of the version before it. */
  get active(): boolean {
    this.#expire();
    return this.#arrivals.length > 0;
  }

  /** Forgets everything: another change is looked at. */
  clear(): void {
    this.#arrivals = [];
    this.#reads.clear();
  }

  #expire(): void {
    const oldest = this.#clock.now() - this.#window;
    if (this.#arrivals.every((arrival) => arrival.at > oldest)) return;
    this.#arrivals = this.#arrivals.filter((arrival) => arrival.at > oldest);
    if (this.#arrivals.length === 0) this.#reads.clear();
  }
}

/** Whether an edit of one path concerns a write of another: the same, below a subtree that changed, or above what changed. */
function touches(touched: TouchedPath, path: string): boolean {
  return touched.path === path || isWithin(path, touched.path) || (touched.recursive && isWithin(touched.path, path));
}
