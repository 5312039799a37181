import type { Pending } from './pending.ts';

/** Operations kept at most while no head that holds them can be noted. */
const MAX_WAITING = 10_000;

interface Waiting {
  client: string;
  seq: number;
  repoSeq: number;
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
  add(client: string, accepted: readonly { seq: number; repoSeq: number }[]): void {
    this.#waiting.push(...accepted.map(({ seq, repoSeq }) => ({ client, seq, repoSeq })));
  }

  /** Forgets operations for which no head need be noted. */
  forget(client: string, seqs: ReadonlySet<number>): void {
    this.#waiting = this.#waiting.filter((operation) => operation.client !== client || !seqs.has(operation.seq));
  }

  /** Takes out those that a head at `repoSeq` holds, by client. */
  take(repoSeq: number): Map<string, number[]> {
    const taken = new Map<string, number[]>();
    for (const { client, seq, repoSeq: at } of this.#waiting) {
      if (at > repoSeq) continue;
      const seqs = taken.get(client);
      if (seqs === undefined) taken.set(client, [seq]);
      else seqs.push(seq);
    }
    this.#waiting = this.#waiting.filter((operation) => operation.repoSeq > repoSeq);
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
