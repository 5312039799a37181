import type { Pending } from './pending.ts';

/** Operations kept at most while no head that holds them can be noted. */
const MAX_WAITING = 10_000;

interface Waiting {
  client: string;
  seq: number;
  repoSeq: number;
  /** The change that its effect is in. */
  change: string;
}

/**
 * Operations that the server has accepted and that journals still keep: no head that holds them is noted on this device yet, and until then a page that
 * begins without a network shows them out of the journal.
 */
export class Unnoted {
  #waiting: Waiting[] = [];
  /** Of each client whose operations are sent from here, the last that a noted head holds. */
  readonly #held = new Map<string, number>();

  /** Takes in what the server has accepted. */
  add(client: string, accepted: readonly { seq: number; repoSeq: number; change: string }[]): void {
    for (const { seq, repoSeq, change } of accepted) this.#waiting.push({ client, seq, repoSeq, change });
  }

  /** Forgets operations for which no head need be noted. */
  forget(client: string, seqs: ReadonlySet<number>): void {
    this.#waiting = this.#waiting.filter((operation) => operation.client !== client || !seqs.has(operation.seq));
  }

  /** Takes out those that the head of a change at `repoSeq` holds, by client; of every change where `null` is given. */
  take(repoSeq: number, change: string | null): Map<string, number[]> {
    const taken = new Map<string, number[]>();
    const isHeld = (operation: Waiting): boolean => operation.repoSeq <= repoSeq && (change === null || operation.change === change);
    for (const operation of this.#waiting) {
      if (!isHeld(operation)) continue;
      const seqs = taken.get(operation.client);
      if (seqs === undefined) taken.set(operation.client, [operation.seq]);
      else seqs.push(operation.seq);
    }
    this.#waiting = this.#waiting.filter((operation) => !isHeld(operation));
    return taken;
  }

  /** Where a head would have to stand that lets enough of them go, when there are too many; else `null`. */
  get tooMany(): number | null {
    return this.#waiting.at(-MAX_WAITING - 1)?.repoSeq ?? null;
  }

  /** Of each client sent from here, the last operation that a head at `repoSeq` holds. */
  heldAt(repoSeq: number, queues: ReadonlyMap<string, readonly Pending[]>): Record<string, number> {
    for (const operation of this.#waiting) if (operation.repoSeq <= repoSeq) this.#hold(operation.client, operation.seq);
    for (const [client, queue] of queues) for (const { seq, included } of queue) if (included) this.#hold(client, seq);
    return Object.fromEntries(this.#held);
  }

  #hold(client: string, seq: number): void {
    this.#held.set(client, Math.max(seq, this.#held.get(client) ?? 0));
  }
}
