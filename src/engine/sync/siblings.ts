import type { Clock, TimerHandle } from '../../base/env.ts';
import type { Origin } from '../../wire/events.ts';
import type { Answer, Journals } from '../journal/journals.ts';
import type { JournaledOperation } from '../journal/records.ts';
import { makeForeign } from './pending.ts';
import type { Foreign } from './pending.ts';

/** Clients that are remembered. */
const MAX_ANSWERED = 1_000;
/** Milliseconds after which the journals of other engines are read again while something of them is shown. */
const REVIEW = 10_000;

/** What {@link Siblings} need. */
export interface SiblingsPorts {
  clock: Clock;
  journals: Journals | null;
  /** Moves to the head that was noted here last, if that is a later one: what a journal let go is in it. */
  catchUp: () => Promise<void>;
  /** What they have waiting is another than before. */
  changed: () => void;
}

/** What the other engines of this device have not had an answer to: shown here, and sent by them. */
export class Siblings {
  readonly #ports: SiblingsPorts;
  /** By client, each in the order of its numbers. */
  readonly #operations = new Map<string, Map<number, Foreign>>();
  /** Of each client heard of, the last operation that has an answer: its journal may be heard of later than that. */
  readonly #answered = new Map<string, number>();
  /** And the last that the head holds. */
  readonly #held = new Map<string, number>();
  /** Operations that were known and are settled, by client and number: refused, in a head, or gone to another change. */
  readonly #settled = new Set<string>();
  /** Of each client, the last operation that has an answer and that no head noted here is known to hold: its journal may keep it still. */
  readonly #unnoted = new Map<string, number>();
  #timer: TimerHandle = null;
  #closed = false;

  constructor(ports: SiblingsPorts) {
    this.#ports = ports;
  }

  get clients(): string[] {
    return [...this.#operations.keys()];
  }

  has(client: string): boolean {
    return this.#operations.has(client);
  }

  /** What is known of a client's operations, answered or not, in order. */
  of(client: string): Foreign[] {
    return [...(this.#operations.get(client)?.values() ?? [])];
  }

  /** Those of a client up to a number that have no answer, in order. */
  waiting(client: string, upTo: number = Infinity): Foreign[] {
    return this.of(client).filter(({ seq, done }) => seq <= upTo && done === null);
  }

  /**
   * A head has come that may hold what has no answer yet, of engines that were not `asked` about, since they were not known then: what they wrote is not shown
   * on it until that is known. Shown twice it would be in conflict with itself. Answers whether there is anything of the kind.
   */
  doubt(asked: Readonly<Record<string, number>>): boolean {
    const doubtful = this.clients.filter((client) => asked[client] === undefined).flatMap((client) => this.waiting(client));
    for (const operation of doubtful) operation.included = true;
    return doubtful.length > 0;
  }

  /** Whether the head may hold what it is not known to hold. */
  get inDoubt(): boolean {
    return this.clients.some((client) => this.of(client).some(({ included }) => included));
  }

  /** Of what is left, nothing is in the head. */
  trust(): void {
    for (const client of this.clients) for (const operation of this.of(client)) operation.included = false;
  }

  /** Whether nothing is missing before or between those of a client up to a number that have no answer: what others say may be lost on the way. */
  isWhole(client: string, upTo: number): boolean {
    const operations = this.#operations.get(client);
    return this.waiting(client, upTo).every(
      ({ prev }) => prev === undefined || this.hasAnswer(client, prev) || operations?.has(prev) === true || this.#settled.has(nameOf(client, prev)),
    );
  }

  /** Of each of them, the last operation that the head holds, as far as is known. */
  get held(): Record<string, number> {
    return Object.fromEntries(this.clients.flatMap((client) => (this.#held.has(client) ? [[client, this.#held.get(client) ?? 0]] : [])));
  }

  /** Of each client, the last operation that is shown, or that its journal may still keep. */
  get last(): ReadonlyMap<string, number> {
    const last = new Map(this.#unnoted);
    for (const [client, operations] of this.#operations) for (const seq of operations.keys()) last.set(client, Math.max(seq, last.get(client) ?? 0));
    return last;
  }

  /** A head is noted on this device that holds, of each client named, the operation named and all before it. */
  noted(holds: Readonly<Record<string, number>>): void {
    for (const [client, seq] of this.#unnoted) if (seq <= (holds[client] ?? 0)) this.#unnoted.delete(client);
  }

  /** Takes in an operation of another engine. */
  show(client: string, operation: JournaledOperation): void {
    const { seq } = operation;
    if (this.hasAnswer(client, seq)) return;
    const operations = this.#operations.get(client) ?? new Map<number, Foreign>();
    this.#operations.set(client, operations);
    if (!operations.has(seq)) {
      const isLate = seq < ([...operations.keys()].at(-1) ?? 0);
      operations.set(seq, makeForeign(operation));
      // Heard of later than one after it.
      if (isLate) this.#operations.set(client, new Map([...operations].toSorted(([a], [b]) => a - b)));
    }
    this.#timer ??= this.#ports.clock.set(() => void this.#review(), REVIEW);
  }

  /** Takes in what became of operations. */
  heardAnswers(client: string, answers: readonly Answer[]): void {
    const operations = this.#operations.get(client);
    for (const { seq, done } of answers) {
      const operation = operations?.get(seq);
      if (done !== null) raise(this.#unnoted, client, seq);
      // The server may answer before the journal has written, and what has an answer is not shown any more.
      if (operation === undefined) raise(this.#answered, client, seq);
      else if (done === null) this.#drop(client, seq, true);
      else operation.done = done;
    }
    this.#ports.changed();
  }

  /** The head holds what `origin` names, and all before it of the same client. Answers whether any of that was shown. */
  include(origin: Origin): boolean {
    this.#hold(origin);
    const held = this.of(origin.client).filter(({ seq }) => seq <= origin.seq);
    for (const { seq } of held) this.#drop(origin.client, seq, true);
    return held.length > 0;
  }

  /** The backend has gone back, as one restored from a copy does: what it has answered it may not have, and heads not hold. */
  wentBack(): void {
    for (const known of [this.#answered, this.#held, this.#settled, this.#unnoted]) known.clear();
    void this.#review();
  }

  /** Lets go of what a head holds. */
  settle(head: { change: string; repoSeq: number }, bookmark: string | null): void {
    for (const [client, operations] of this.#operations) {
      for (const [seq, { done }] of operations) {
        if (done === null || !isDone(done, head, bookmark)) continue;
        this.#drop(client, seq, true);
        if (!isElsewhere(done, head, bookmark)) this.#hold({ client, seq });
      }
    }
  }

  /** Whether an operation is known to have an answer. */
  hasAnswer(client: string, seq: number): boolean {
    return seq <= (this.#answered.get(client) ?? 0);
  }

  /** Forgets a client, whose operations are sent from here now. Answers whether there were any, which were let go of already, and the last that the head holds. */
  take(client: string): { known: boolean; isGone: (seq: number) => boolean; held: number } {
    const operations = this.#operations.get(client);
    this.#operations.delete(client);
    const held = this.#held.get(client) ?? 0;
    const isGone = (seq: number): boolean => seq <= held || this.#settled.has(nameOf(client, seq));
    return { known: operations !== undefined, isGone, held };
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) this.#ports.clock.clear(this.#timer);
  }

  #drop(client: string, seq: number, isSettled: boolean): boolean {
    // That a journal does not keep it any more proves nothing: what was cleared away is stored anew.
    if (isSettled) remember(this.#settled, nameOf(client, seq));
    return this.#operations.get(client)?.delete(seq) ?? false;
  }

  #hold({ client, seq }: Origin): void {
    for (const known of [this.#answered, this.#held, this.#unnoted]) raise(known, client, seq);
  }

  /** Looks what other engines' journals hold: what they said of it may have been lost. */
  async #review(): Promise<void> {
    this.#timer = null;
    const { journals, clock, catchUp, changed } = this.#ports;
    let isShort = false;
    for (const client of this.clients) {
      const before = this.of(client);
      const kept = await journals?.read(client).catch(() => null);
      if (kept === null || kept === undefined || this.#closed || !this.has(client)) continue;
      const seqs = new Set(kept.operations.map(({ seq }) => seq));
      const isKnown = (seq: number): boolean => this.#operations.get(client)?.has(seq) === true || this.#settled.has(nameOf(client, seq));
      const missing = kept.operations.filter(({ seq }) => !isKnown(seq) && !this.hasAnswer(client, seq));
      for (const operation of missing) this.show(client, operation);
      if (!before.every(({ seq }) => seqs.has(seq))) await catchUp();
      const gone = before.filter(({ seq }) => !seqs.has(seq) && this.#drop(client, seq, false));
      if (gone.length + missing.length > 0) changed();
      isShort ||= gone.length > 0;
    }
    if (this.#closed || (!isShort && [...this.#operations.values()].every((operations) => operations.size === 0))) return;
    this.#timer ??= clock.set(() => void this.#review(), REVIEW);
  }
}

interface Standpoint {
  change: string;
  repoSeq: number;
}

/** Whether what is answered is in a head, or went elsewhere. */
export function isDone(done: Standpoint, head: Standpoint, bookmark: string | null): boolean {
  return done.repoSeq <= head.repoSeq || isElsewhere(done, head, bookmark);
}

/** Who follows no bookmark does not follow it into another change. */
function isElsewhere(done: Standpoint, head: Standpoint, bookmark: string | null): boolean {
  return bookmark === null && done.change !== head.change;
}

function raise(numbers: Map<string, number>, client: string, seq: number): void {
  const before = numbers.get(client) ?? 0;
  numbers.delete(client);
  numbers.set(client, Math.max(before, seq));
  const [oldest] = numbers.keys();
  if (numbers.size > MAX_ANSWERED && oldest !== undefined) numbers.delete(oldest);
}

function remember(names: Set<string>, name: string): void {
  names.add(name);
  const [oldest] = names;
  if (names.size > MAX_ANSWERED && oldest !== undefined) names.delete(oldest);
}

function nameOf(client: string, seq: number): string {
  return `${client}/${seq}`;
}
