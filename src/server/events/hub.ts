import type { StoredObject } from '../../core/resolve.ts';
import { Lru } from '../lru.ts';
import type { Storage } from '../storage/interface.ts';
import type { EventRecord } from '../storage/records.ts';
import type { Cursor } from './cursor.ts';
import { encodeCursor } from './cursor.ts';
import { News } from './news.ts';

/** An event on its way to a reader: `id` is the reader's cursor after it, `data` is JSON text. */
export interface Delivery {
  event: EventRecord['kind'] | 'reset';
  id: string;
  data: string;
  /** What is new with it; asked for at once or not at all. Absent for what was missed. */
  objects?: () => readonly StoredObject[];
}

/** The rooms a reader is in: repo id → what {@link roomKey} gives. */
export type Rooms = ReadonlyMap<string, ReadonlySet<string>>;

/** How far back a repo's events are kept in memory: so many of them, in so many characters. */
const RECENT = 256;
const RECENT_LENGTH = 128 * 1024;
/** Events read from storage at a time. */
const PAGE = 200;
/** Characters of events a reader may have missed; beyond that looking anew is less. */
const MISSED_LENGTH = 4 * 1024 * 1024;

/** The key of a room within its repo. */
export function roomKey(kind: EventRecord['kind'], subject: string): string {
  return `${kind}:${subject}`;
}

/** Passes a repo's events on to whoever is in the room they are for, and lets a reader catch up from where it left. */
export class Hub {
  readonly #storage: Storage;
  readonly #epoch: string;
  readonly #readers = new Map<string, Map<string, Set<Subscription>>>();
  readonly #recent = new Lru<string, EventRecord[]>(500);
  /** Of each repo that is listened to, the last event that was passed on, or where its first reader came. */
  readonly #seen = new Map<string, number>();
  /** What was stored of each of them at the last review. */
  readonly #stored = new Map<string, number>();

  constructor(storage: Storage, epoch: string) {
    this.#storage = storage;
    this.#epoch = epoch;
  }

  /**
   * Passes on events that are stored, in order, with the objects that were stored with them. Where some before them were stored elsewhere (a backend that was
   * stopped may still finish a write after the next has begun), whoever listens is told to look anew.
   */
  publish(repo: string, events: readonly EventRecord[], made: readonly StoredObject[]): void {
    const recent = this.#recent.get(repo) ?? [];
    const last = recent.at(-1)?.seq ?? this.#seen.get(repo);
    if (last !== undefined && events[0] !== undefined && events[0].seq > last + 1) this.reset(repo);
    if (this.#readers.has(repo)) this.#seen.set(repo, events.at(-1)?.seq ?? 0);
    this.#recent.set(repo, newest([...(this.#recent.get(repo) ?? []), ...events]));
    const rooms = this.#readers.get(repo);
    if (rooms === undefined) return;
    const news = new News(made);
    for (const event of events) {
      let objects: readonly StoredObject[] | null = null;
      const shared: Delivery = {
        event: event.kind,
        id: encodeCursor(this.#epoch, [[repo, event.seq]]),
        data: event.data,
        objects: () => (objects ??= news.of(event)),
      };
      for (const reader of rooms.get(roomKey(event.kind, event.subject)) ?? []) reader.offer(repo, event, shared);
    }
  }

  /**
   * Looks, now and then, whether more is stored of the repos that are listened to than was passed on here: by a backend that was stopped and has finished a
   * write since, say. Whoever listens is told to look anew. What is being stored right now is passed on in a moment: it counts the next time.
   */
  async review(): Promise<void> {
    for (const repo of this.#readers.keys()) {
      const seen = this.#seen.get(repo) ?? 0;
      const before = this.#stored.get(repo) ?? 0;
      const state = await this.#storage.state(repo);
      if (state !== null && this.#readers.has(repo)) this.#stored.set(repo, state.seq);
      if (before <= seen || before <= (this.#seen.get(repo) ?? 0)) continue;
      this.#seen.set(repo, before);
      this.reset(repo);
    }
  }

  /** Tells every reader of a repo to look at it anew: it is gone, or its history is. */
  reset(repo: string): void {
    this.#recent.delete(repo);
    const readers = new Set([...(this.#readers.get(repo)?.values() ?? [])].flatMap((readers) => [...readers]));
    for (const reader of readers) reader.reset();
  }

  /**
   * Enters rooms. Events are kept back until {@link Subscription.flow} is called.
   *
   * @param cursor where to go on from; without one, from now. A reader whose cursor does not know a repo is told to look anew: it knew another of that name
   */
  async subscribe(rooms: Rooms, cursor: Cursor | null): Promise<{ subscription: Subscription; backlog: Delivery[] }> {
    const subscription = new Subscription(this.#epoch, () => this.#leave(rooms, subscription));
    this.#enter(rooms, subscription);
    try {
      const foreign = cursor !== null && cursor.epoch !== this.#epoch;
      const missed: { repo: string; events: EventRecord[] }[] = [];
      let lost = foreign;
      let length = 0;
      for (const repo of rooms.keys()) {
        const now = (await this.#storage.state(repo))?.seq ?? 0;
        if (!this.#seen.has(repo)) this.#seen.set(repo, now);
        const from = foreign ? now : (cursor?.seqs.get(repo) ?? now);
        const events = lost || from > now ? null : await this.#since(repo, from, now);
        for (const { data } of events ?? []) length += data.length;
        lost ||= events === null || length > MISSED_LENGTH || cursor?.seqs.has(repo) === false;
        subscription.place(repo, events === null ? now : from);
        if (events !== null) missed.push({ repo, events });
      }
      return { subscription, backlog: this.#backlog(rooms, subscription, missed, lost) };
    } catch (error) {
      subscription.close();
      throw error;
    }
  }

  #backlog(rooms: Rooms, subscription: Subscription, missed: { repo: string; events: EventRecord[] }[], lost: boolean): Delivery[] {
    const backlog: Delivery[] = [];
    for (const { repo, events } of missed) {
      for (const event of events) {
        subscription.place(repo, event.seq);
        if (lost || !rooms.get(repo)?.has(roomKey(event.kind, event.subject))) continue;
        backlog.push({ event: event.kind, id: subscription.cursor, data: event.data });
      }
    }
    return lost ? [{ event: 'reset', id: subscription.cursor, data: '{}' }] : backlog;
  }

  /** The events of a repo after `from` up to `to`, or `null` when they are no longer all there, or too much. */
  async #since(repo: string, from: number, to: number): Promise<EventRecord[] | null> {
    const recent = this.#recent.get(repo) ?? [];
    const [first, last] = [recent[0], recent.at(-1)];
    if (first !== undefined && last !== undefined && first.seq <= from + 1 && last.seq >= to) return recent.filter(({ seq }) => seq > from && seq <= to);
    const found: EventRecord[] = [];
    let length = 0;
    for (let seq = from; seq < to;) {
      const { events, complete } = await this.#storage.events(repo, seq, PAGE);
      const last = events.at(-1);
      length += events.reduce((sum, { data }) => sum + data.length, 0);
      if (!complete || last === undefined || length > MISSED_LENGTH) return null;
      found.push(...events.filter((event) => event.seq <= to));
      seq = last.seq;
    }
    return found;
  }

  #enter(rooms: Rooms, subscription: Subscription): void {
    for (const [repo, keys] of rooms) {
      const readers = this.#readers.get(repo) ?? new Map<string, Set<Subscription>>();
      this.#readers.set(repo, readers);
      for (const key of keys) readers.set(key, (readers.get(key) ?? new Set()).add(subscription));
    }
  }

  #leave(rooms: Rooms, subscription: Subscription): void {
    for (const [repo, keys] of rooms) {
      const readers = this.#readers.get(repo);
      for (const key of keys) {
        readers?.get(key)?.delete(subscription);
        if (readers?.get(key)?.size === 0) readers.delete(key);
      }
      if (readers?.size !== 0) continue;
      this.#readers.delete(repo);
      this.#seen.delete(repo);
      this.#stored.delete(repo);
    }
  }
}

/** The last events, as many as are kept in memory. */
function newest(events: readonly EventRecord[]): EventRecord[] {
  let length = 0;
  let from = events.length;
  while (from > 0 && events.length - from < RECENT) {
    length += events[from - 1]?.data.length ?? 0;
    if (length > RECENT_LENGTH) break;
    from -= 1;
  }
  return events.slice(from);
}

/** One reader's place in the rooms it entered. */
export class Subscription {
  readonly #epoch: string;
  readonly #seqs = new Map<string, number>();
  readonly #leave: () => void;
  #waiting: { repo: string; event: EventRecord; shared: Delivery }[] = [];
  #sink: ((delivery: Delivery) => void) | null = null;
  /** It was told to look anew before it listened. */
  #isReset = false;

  constructor(epoch: string, leave: () => void) {
    this.#epoch = epoch;
    this.#leave = leave;
  }

  /** Where the reader stands. */
  get cursor(): string {
    return encodeCursor(this.#epoch, this.#seqs);
  }

  /** Says that the reader has seen a repo up to `seq`. */
  place(repo: string, seq: number): void {
    this.#seqs.set(repo, seq);
  }

  /** Passes events on from now, first those that came meanwhile. */
  flow(sink: (delivery: Delivery) => void): void {
    this.#sink = sink;
    if (this.#isReset) this.reset();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { repo, event, shared } of waiting) this.offer(repo, event, shared);
  }

  /** Takes an event of one of its rooms; `shared` is as a reader of this repo alone gets it. */
  offer(repo: string, event: EventRecord, shared: Delivery): void {
    if (this.#sink === null) return void this.#waiting.push({ repo, event, shared });
    if (event.seq <= (this.#seqs.get(repo) ?? 0)) return;
    this.#seqs.set(repo, event.seq);
    this.#sink(this.#seqs.size === 1 ? shared : { ...shared, id: this.cursor });
  }

  reset(): void {
    this.#isReset = true;
    this.#sink?.({ event: 'reset', id: this.cursor, data: '{}' });
  }

  /** Leaves the rooms; twice is fine. */
  close(): void {
    this.#leave();
  }
}
