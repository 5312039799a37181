import type { Origin } from '../../wire/events.ts';
import type { Adoption } from './adoption.ts';
import { inCausalOrder } from './causal.ts';
import type { After } from './causal.ts';
import type { Driver } from './driver.ts';
import { showsIn } from './pending.ts';
import type { Foreign, Pending } from './pending.ts';
import { isDone } from './siblings.ts';
import type { Siblings } from './siblings.ts';
import type { Unnoted } from './unnoted.ts';

/** What an {@link Overlay} is made of. */
export interface OverlayParts {
  /** Our own name, and what sends our operations. */
  client: string;
  own: () => Driver;
  /** What sends the operations that others have left; `null` where nothing outlives the page. */
  adoption: () => Adoption | null;
  siblings: Siblings;
  unnoted: Unnoted;
  /** The operations that are sent from here and have no answer yet. */
  pending: () => Pending[];
  /** Something that was waited for has happened: what is to be sent is looked at again. */
  wake: () => void;
}

/**
 * Which of this device's operations lie on top of a head: all that it is not known to hold, whichever engine wrote them and whichever sends them. What a head
 * is known to hold is told by events, by answers and by what is asked, in any order; it is taken in here, so that nothing shows twice, or not at all.
 */
export class Overlay {
  readonly #parts: OverlayParts;

  constructor(parts: OverlayParts) {
    this.#parts = parts;
  }

  /** The names whose operations may be in a head that is opened, unknown to us. */
  get clients(): string[] {
    const own = this.own.length > 0 ? [this.#parts.client] : [];
    return [...own, ...(this.#parts.adoption()?.clients ?? []), ...this.#parts.siblings.clients];
  }

  /** What this engine has written and has no answer yet. */
  get own(): readonly Pending[] {
    return this.#parts.own().pending;
  }

  /** What is waiting, by client. */
  queues(): Map<string, readonly Pending[]> {
    const queues = new Map<string, readonly Pending[]>([[this.#parts.client, this.own]]);
    for (const client of this.#parts.siblings.clients) queues.set(client, this.#parts.siblings.of(client));
    for (const [client, queue] of this.#parts.adoption()?.queues ?? []) queues.set(client, queue);
    return queues;
  }

  /**
   * The operations to lay on top of a head, each after those it was made on top of, with those that were accepted after it. `holds`: of each client, the last
   * operation that a head holds which is not the present one.
   */
  over(head: { change: string; repoSeq: number }, bookmark: string | null, holds: Readonly<Record<string, number>> = {}): Pending[] {
    const queues = this.#lacking(head).map(([client, queue]): [string, readonly Pending[]] => [client, queue.filter(({ seq }) => seq > (holds[client] ?? 0))]);
    const isLacking = ({ included, done }: Pending & Partial<Foreign>): boolean => !included && (!done || !isDone(done, head, bookmark));
    return inCausalOrder(new Map(queues)).filter((operation) => isLacking(operation) && showsIn(operation, head.change, bookmark));
  }

  /** A head is stood at, by way of a bookmark or not: what other engines wrote that it holds is let go of. */
  settle(head: { change: string; repoSeq: number }, bookmark: string | null): void {
    this.#parts.siblings.settle(head, bookmark);
  }

  /**
   * The head of a change, followed to by a bookmark or not, holds what `origin` names and all before it of the same client that shows there. Answers whether that
   * is ours, and whether any of it was laid on the head.
   */
  include(origin: Origin | null, change: string, bookmark: string | null): { own: boolean; laid: boolean } {
    if (origin === null) return { own: false, laid: false };
    const shown = this.#parts.siblings.include(origin);
    const driver = origin.client === this.#parts.client ? this.#parts.own() : this.#parts.adoption()?.driverOf(origin.client);
    const isHeld = (each: Pending): boolean => each.seq <= origin.seq && !each.included && showsIn(each, change, bookmark);
    const held = (driver?.pending ?? []).filter(isHeld);
    for (const operation of held) {
      operation.included = true;
      this.#parts.unnoted.hold(origin.client, operation.seq);
    }
    // Ours may have waited for it.
    if (shown) this.#parts.wake();
    return { own: origin.client === this.#parts.client, laid: shown || held.length > 0 };
  }

  /** The head of a change holds, of each client named, the operation named and all before it. */
  includeAll(accepted: Readonly<Record<string, number>> | undefined, change: string, bookmark: string | null): void {
    for (const [client, seq] of Object.entries(accepted ?? {})) if (seq > 0) this.include({ client, seq }, change, bookmark);
  }

  /** A head has come for which not all clients of this device were `asked` about. Answers whether it has to be asked for again. */
  doubt(asked: Readonly<Record<string, number>>): boolean {
    return this.#parts.siblings.doubt(asked);
  }

  /** Whether it is being asked what the head holds. */
  get inDoubt(): boolean {
    return this.#parts.siblings.inDoubt;
  }

  /** What the head holds is known of every client now. */
  trust(): void {
    this.#parts.siblings.trust();
  }

  /** The backend has gone back, as one restored from a copy does. */
  wentBack(): void {
    this.#parts.unnoted.wentBack();
    this.#parts.siblings.wentBack();
    for (const operation of this.#parts.pending()) operation.included = false;
  }

  /** Of each client that has a journal here, the last operation that the present head holds. */
  holds(head: { change: string; repoSeq: number }, bookmark: string | null): Record<string, number> {
    const held = { ...this.#parts.siblings.held, ...this.#parts.unnoted.heldAt(head.repoSeq) };
    // The head of another change may hold what comes after what is laid on this one.
    for (const [client, queue] of this.#lacking(head)) {
      const first = queue.find((operation) => !operation.included && showsIn(operation, head.change, bookmark))?.seq ?? Infinity;
      if ((held[client] ?? 0) >= first) held[client] = first - 1;
    }
    return held;
  }

  /** The change that a pending operation makes, and what it is made on. */
  creationOf(change: string): { parents: string[] } | null {
    const theirs = this.#parts.siblings.clients.flatMap((client) => this.#parts.siblings.of(client));
    const { body } = [...this.#parts.pending(), ...theirs].find((operation) => operation.body.kind === 'change.create' && operation.body.id === change) ?? {};
    return body?.kind === 'change.create' ? body : null;
  }

  /** Where pending operations put a bookmark, or `null` where they don't. */
  movedTo(bookmark: string): string | null {
    const puts = inCausalOrder(this.queues()).filter(
      ({ body }) => (body.kind === 'bookmark.move' || body.kind === 'bookmark.create') && body.name === bookmark,
    );
    const body = puts.at(-1)?.body;
    return body?.kind === 'bookmark.move' || body?.kind === 'bookmark.create' ? body.change : null;
  }

  /**
   * The last operation of each other client that is shown, or that a journal may still hold: what is written now is made on top of them. One that has an answer
   * counts too: until a head that holds it is shown, and noted on this device, it is laid on heads.
   */
  present(): After | undefined {
    const after: Record<string, number> = {};
    const { adoption, siblings, unnoted, client: own } = this.#parts;
    const queues = (adoption()?.queues ?? []).map(([client, queue]): [string, number] => [client, queue.at(-1)?.seq ?? 0]);
    for (const [client, seq] of [...queues, ...siblings.last, ...unnoted.last]) {
      if (client !== own && seq > (after[client] ?? 0)) after[client] = seq;
    }
    return Object.keys(after).length === 0 ? undefined : after;
  }

  /** A change has been made under another id than the one it was given here: what waits to go into it goes there. */
  renamed(from: string, to: string): void {
    for (const operation of this.#parts.pending()) {
      if (operation.change === from) operation.change = to;
      const { body } = operation;
      if (body.kind === 'files' && 'change' in body.target && body.target.change === from) operation.body = { ...body, target: { change: to } };
    }
  }

  /** A bookmark that was followed to a change has gone on to another: what waits to be written by its name goes there. */
  followed(bookmark: string, from: string, to: string): void {
    for (const operation of [...this.queues().values()].flat()) {
      const { body } = operation;
      if (operation.change === from && body.kind === 'files' && 'bookmark' in body.target && body.target.bookmark === bookmark) operation.change = to;
    }
  }

  /** What may have to be laid on a head, by client. */
  #lacking({ repoSeq }: { repoSeq: number }): [string, readonly Pending[]][] {
    return [...this.queues()].map(([client, queue]) => [client, [...this.#parts.unnoted.over(client, repoSeq), ...queue]]);
  }
}
