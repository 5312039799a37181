import type { Pending } from './pending.ts';

/** Operations kept at most while no head that holds them can be noted. */
const MAX_WAITING = 10_000;
/** And bytes of those that are laid on heads. */
const MAX_BYTES = 64 * 1024 * 1024;

interface Waiting {
  client: string;
  seq: number;
  repoSeq: number;
  /** The change that its effect is in. */
  change: string;
  /** What is laid on a head of that change that does not hold it; left out where none is gone back to. */
  operation: Pending | undefined;
}

/**
 * Operations that the server has accepted and that journals still keep: no head that holds them is noted on this device yet, and until then a page that
 * begins without a network shows them out of the journal.
 */
export class Unnoted {
  #waiting: Waiting[] = [];
  /** Of each client whose operations are sent from here, the last that a noted head holds. */
  readonly #held = new Map<string, number>();

  /** Takes in what the server has accepted of a batch. What went into a change that `wasLeft` shows there from now on, and nowhere else. */
  add(
    client: string,
    accepted: readonly { seq: number; repoSeq: number; change: string }[],
    batch: readonly Pending[],
    wasLeft: (change: string) => boolean,
  ): void {
    for (const { seq, repoSeq, change } of accepted) {
      const operation = wasLeft(change) ? batch.find((each) => each.seq === seq) : undefined;
      this.#waiting.push({ client, seq, repoSeq, change, operation: operation && { ...operation, body: { kind: 'files', target: { change }, edits: [] } } });
    }
  }

  /** Forgets operations for which no head need be noted, but for what is laid on heads. */
  forget(client: string, seqs: ReadonlySet<number>): void {
    this.#waiting = this.#waiting.filter((each) => each.operation !== undefined || each.client !== client || !seqs.has(each.seq));
  }

  /** What a head at `repoSeq` lacks of a client's, in its change or in another. */
  over(client: string, repoSeq: number): Pending[] {
    return this.#waiting.flatMap(({ operation, ...each }) => (operation !== undefined && each.client === client && each.repoSeq > repoSeq ? [operation] : []));
  }

  /** Of each client, the last that waits. */
  get last(): ReadonlyMap<string, number> {
    const last = new Map<string, number>();
    for (const { client, seq } of this.#waiting) last.set(client, Math.max(seq, last.get(client) ?? 0));
    return last;
  }

  /** The backend has gone back: it may have nothing of what it accepted. */
  wentBack(): void {
    for (const each of this.#waiting) each.operation = undefined;
    this.#held.clear();
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
    let bytes = 0;
    const last = this.#waiting.findLast(({ operation }, index) => {
      bytes += operation?.bytes ?? 0;
      return bytes > MAX_BYTES || this.#waiting.length - index > MAX_WAITING;
    });
    return last?.repoSeq ?? null;
  }

  /** Of each client sent from here, the last operation that a head at `repoSeq` holds. */
  heldAt(repoSeq: number): Record<string, number> {
    for (const operation of this.#waiting) if (operation.repoSeq <= repoSeq) this.hold(operation.client, operation.seq);
    return Object.fromEntries(this.#held);
  }

  /** The head is known to hold an operation of a client that is sent from here, though it has no answer yet. */
  hold(client: string, seq: number): void {
    this.#held.set(client, Math.max(seq, this.#held.get(client) ?? 0));
  }
}
