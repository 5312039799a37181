import type { OpResult } from '../../src/wire/operations.ts';
import type { RepoCommit } from '../../src/server/storage/interface.ts';
import type { EventRecord } from '../../src/server/storage/records.ts';

/** A write somebody made, found again by its token. */
export interface Write {
  token: number;
  /** The mount, or `rest`. */
  by: string;
  what: string;
  /** When it was made. */
  at: number;
  /** `acked`: resolved. `refused`: rejected, and has no effect. `unsure`: rejected or never settled, and may have one. */
  status: 'waiting' | 'acked' | 'refused' | 'unsure';
  settledAt: number;
  error: string;
  /** Tokens it took away knowingly: said by those whose operations cannot be looked into. */
  removed: ReadonlySet<number>;
}

/** What a mount showed at a path. */
export interface Look {
  by: string;
  /** Counts a mount's openings and changes of place: looks are compared within one. */
  era: number;
  at: number;
  /** When it began and ended, in an order of all looks: one that begins when another has ended sees no older state. */
  begun: number;
  done: number;
  /** `''`: the whole, in one state. */
  path: string;
  version: string;
  /** There may have been operations on top of what the server had accepted. */
  pending: boolean;
}

/** Something that has to have had a reason by then: a token that a mount ought to show and did not. */
export interface Claim {
  token: number;
  by: string;
  at: number;
  /** What was shown instead. */
  version: string;
  what: string;
}

/** An operation that the backend answered. */
export interface Answered {
  at: number;
  result: OpResult;
}

/** What was done and seen in a run: what the checker goes by. */
export class Ledger {
  readonly writes: Map<number, Write> = new Map();
  readonly looks: Look[] = [];
  readonly claims: Claim[] = [];
  /** Bodies that were sent to the operations' endpoint, by mount, in order. */
  readonly sent: { by: string; at: number; body: Uint8Array }[] = [];
  /** By `client/seq`. */
  readonly answered: Map<string, Answered> = new Map();
  readonly events: { at: number; event: EventRecord }[] = [];
  /** What broke a promise already. */
  readonly violations: string[] = [];
  /** Tokens that a text held twice when it was written: a conflict's text shows shared lines on both sides. */
  readonly doubled: Set<number> = new Set();
  readonly #origins = new Set<string>();

  /** Takes in a commit of the backend. */
  committed(at: number, batch: RepoCommit): void {
    for (const { client, seq, result } of batch.operations) {
      const name = `${client}/${seq}`;
      if (this.answered.has(name)) this.violations.push(`P3: operation ${name} was answered anew`);
      this.answered.set(name, { at, result: JSON.parse(result) as OpResult });
    }
    for (const { origin, change } of batch.evolution) {
      if (origin === null) continue;
      const name = `${origin.client}/${origin.seq} ${change}`;
      if (this.#origins.has(name)) this.violations.push(`P3: operation ${name} made two versions of one change`);
      this.#origins.add(name);
    }
    for (const event of batch.events) this.events.push({ at, event });
  }
}
