import type { Clock } from '../../base/env.ts';
import { isWithin } from '../../base/paths.ts';
import type { Edit, Terms } from '../../core/generated/mesa_core.js';
import type { TouchedPath } from '../../wire/events.ts';
import type { View } from './trees.ts';

/** What was seen at a path, of what had arrived. */
export interface Seen {
  type: 'seen';
  path: string;
  terms: Terms;
}

/** Edits of peers that are remembered at once, where they race for long; the oldest count as seen then. */
const MAX_ARRIVALS = 1_000;

interface Arrival {
  at: number;
  /** Counts arrivals. */
  turn: number;
  before: View;
  /** The same with what was written and seen here since: the first so many of those that are remembered. */
  known: View;
  laid: number;
  /** `null` while it is being found out what is different: it may be anything. */
  paths: TouchedPath[] | null;
}

/** What would be there without a peer's edit. */
export interface Before {
  /** The version before it. */
  view: View;
  /** That version with what was written and seen here since, and what is still to be laid on it. */
  known: View;
  since: (Edit | Seen)[];
  /** Keeps what that comes to, for the next time. */
  laid: (known: View) => void;
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
  /** What was written here, and seen of what had arrived, since the first arrival that is remembered. */
  #own: (Edit | Seen)[] = [];
  /** How many were let go of before those. */
  #past = 0;
  #turn = 0;

  constructor(clock: Clock, window: number) {
    this.#clock = clock;
    this.#window = window;
  }

  /**
   * A peer's edit becomes visible with this call; `before` is the version without it. Who reads from now on sees it: the paths that it concerns are told
   * with the answer, once they are known, and the version without it, where that is another: one in which something is taken back that was refused.
   */
  arriving(before: View): (paths: TouchedPath[], instead?: View) => void {
    if (this.#window <= 0) return () => undefined;
    this.#expire();
    this.#turn += 1;
    const arrival: Arrival = { at: this.#clock.now(), turn: this.#turn, before, known: before, laid: this.#past + this.#own.length, paths: null };
    this.#arrivals.push(arrival);
    if (this.#arrivals.length > MAX_ARRIVALS) this.#forget(this.#arrivals.slice(-MAX_ARRIVALS));
    return (paths, instead = before) => {
      Object.assign(arrival, { paths, before: instead, known: instead });
      if (paths.length === 0) this.#forget(this.#arrivals.filter((each) => each !== arrival));
    };
  }

  /** Edits were made here: the next ones are made by somebody who knows of them, whatever has arrived. */
  wrote(edits: readonly Edit[]): void {
    if (this.active) this.#own.push(...edits);
  }

  /** Counts what has arrived; taken together with a view it says what that view shows. */
  get turn(): number {
    return this.#turn;
  }

  /** `terms` were read at `path` in the view of `turn`: what had arrived by then was seen. */
  read(path: string, turn: number, terms: Terms): void {
    if (this.#arrivals.length === 0) return;
    if (this.#racing(path, turn) !== undefined) this.#own.push({ type: 'seen', path, terms });
    this.#reads.set(path, turn);
  }

  /** The version a write of `path` has to be taken against, or `null` for the present one. */
  before(path: string): Before | null {
    this.#expire();
    const racing = this.#racing(path, Infinity);
    if (racing === undefined) return null;
    const count = this.#past + this.#own.length;
    const laid = (known: View): void => void Object.assign(racing, { known, laid: count });
    return { view: racing.before, known: racing.known, since: this.#own.slice(racing.laid - this.#past), laid };
  }

  /** The first arrival up to `turn` that concerns a path and was not seen there. */
  #racing(path: string, turn: number): Arrival | undefined {
    const seen = this.#reads.get(path) ?? 0;
    return this.#arrivals.find((arrival) => arrival.turn > seen && arrival.turn <= turn && (arrival.paths?.some((touched) => touches(touched, path)) ?? true));
  }

  /** Whether any arrival is still remembered, and with it the objects of the version before it. */
  get active(): boolean {
    this.#expire();
    return this.#arrivals.length > 0;
  }

  /** Forgets everything: another change is looked at. */
  clear(): void {
    this.#forget([]);
  }

  #expire(): void {
    const now = this.#clock.now();
    // A clock that was set back says nothing of how long ago anything was: the window begins anew.
    for (const arrival of this.#arrivals) arrival.at = Math.min(arrival.at, now);
    const left = this.#arrivals.filter(({ at }) => at > now - this.#window);
    if (left.length < this.#arrivals.length) this.#forget(left);
  }

  /** Goes on with some of the arrivals, and with what was written and seen since. */
  #forget(left: Arrival[]): void {
    this.#arrivals = left;
    const end = this.#past + this.#own.length;
    const least = left.reduce((first, { laid }) => Math.min(first, laid), end);
    this.#own.splice(0, least - this.#past);
    this.#past = least;
    if (left.length === 0) this.#reads.clear();
  }
}

/** Whether an edit of one path concerns a write of another: the same, above it or below it. What a conflict hides shows once that is settled. */
function touches(touched: TouchedPath, path: string): boolean {
  return touched.path === path || isWithin(path, touched.path) || isWithin(touched.path, path);
}
