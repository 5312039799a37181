import { clear, delMany, entries, get, getMany, keys, promisifyRequest, setMany } from 'idb-keyval';
import type { UseStore } from 'idb-keyval';
import type { Clock, TimerHandle } from '../../base/env.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { answerOf, IdbDatabase, isQuota } from '../storage/idb-database.ts';
import type { ObjectCache, OpenDiskCache } from './interface.ts';

/** What is stored of an object under its oid, and beside it when it was used. */
type Row = Pick<StoredObject, 'kind' | 'bytes'>;
type Use = [size: number, used: number];

/** Bytes that are kept when room is made. */
const LAST_BYTES = 1024 * 1024;

const STORES = ['objects', 'uses', 'notes'] as const;
/** Under which notes the retained objects are. */
const RETAINED = 'retained:';
/** The version of the database: 2 added the notes. */
const VERSION = 2;
/** Milliseconds in which writes are gathered into one transaction; and where they fail, so that not everything is tried again at every write. */
const GATHER = 50;
const FAILING = 5_000;
/** Milliseconds for which no room is made after that was of no use. */
const FULL = 60_000;
/** The part of the limit that is left after old objects are removed, so that it isn't done at every write. */
const ROOM = 0.8;
/** Bytes of objects that could not be stored and wait for the next try. */
const MAX_UNSTORED = 16 * 1024 * 1024;

/** Makes caches in IndexedDB. */
export function openIdbCache(idb: IDBFactory, clock: Clock): OpenDiskCache {
  return (name, maxBytes) => new IdbCache(new IdbDatabase(idb, name, { version: VERSION, stores: STORES }), clock, maxBytes);
}

/**
 * Keeps objects in IndexedDB up to a number of bytes, least recently used first to go. Reads and writes are gathered into few transactions, with
 * relaxed durability: it is a cache. Where storage fails it turns into one that holds nothing.
 */
class IdbCache implements ObjectCache {
  readonly #database: IdbDatabase;
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #waiting = new Map<string, StoredObject>();
  readonly #used = new Map<string, number>();
  /** Sizes and last uses of what is stored, once they have been read. */
  #uses: Promise<Map<string, Use>> | null = null;
  /** Notes to write: what is made of those that are stored; `undefined` is to be removed. */
  readonly #notes = new Map<string, (stored: unknown) => unknown>();
  /** Objects that could not be stored and were given up. */
  readonly #lacking = new Set<string>();
  /** Objects could not be stored the last time. */
  #failing = false;
  /** When it is tried again to make room, after that was of no use. */
  #fullUntil = -Infinity;
  #timer: TimerHandle = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(database: IdbDatabase, clock: Clock, maxBytes: number) {
    this.#database = database;
    this.#clock = clock;
    this.#maxBytes = maxBytes;
  }

  async get(oids: readonly string[]): Promise<StoredObject[]> {
    const found: StoredObject[] = [];
    const asked = oids.filter((oid) => {
      const waiting = this.#waiting.get(oid);
      if (waiting !== undefined) found.push(waiting);
      return waiting === undefined;
    });
    if (asked.length === 0) return found;
    const rows = await getMany<Row>(asked, this.#store('objects')).catch(() => []);
    rows.forEach((row, index) => {
      const oid = asked[index];
      if (row === undefined || oid === undefined || !(row.bytes instanceof Uint8Array)) return;
      this.#used.set(oid, this.#clock.now());
      found.push({ oid, kind: row.kind, bytes: row.bytes });
    });
    return found;
  }

  put(objects: readonly StoredObject[]): void {
    for (const object of objects) if (object.bytes.length <= this.#maxBytes / 4) this.#waiting.set(object.oid, object);
    if (this.#waiting.size > 0) this.#schedule();
  }

  async retain(name: string, oids: readonly string[]): Promise<boolean> {
    this.note(RETAINED + name, () => (oids.length === 0 ? undefined : [...oids]));
    return this.flush();
  }

  async lacking(oids: readonly string[]): Promise<string[]> {
    // As stored, not as remembered: other pages remove objects too.
    const found = await this.#store('objects')('readonly', (objects) => Promise.all(oids.map((oid) => answerOf(objects.getKey(oid))))).catch(() => []);
    return oids.filter((_, index) => found[index] === undefined);
  }

  async retained(): Promise<string[]> {
    // As of now: what is written out meanwhile is in the one or in the other.
    const waiting = new Map([...this.#notes].filter(([key]) => key.startsWith(RETAINED)));
    const names = new Set([...(await this.#retainedKeys().catch(() => [])), ...waiting.keys()]);
    return [...names].filter((key) => waiting.get(key)?.(undefined) !== undefined || !waiting.has(key)).map((key) => key.slice(RETAINED.length));
  }

  note(key: string, over: (stored: unknown) => unknown): void {
    const before = this.#notes.get(key);
    this.#notes.set(key, before === undefined ? over : (stored) => over(before(stored)));
    this.#schedule();
  }

  async noted(key: string): Promise<unknown> {
    const before = this.#notes.get(key);
    const stored = await get<unknown>(key, this.#store('notes')).catch(() => undefined);
    // What is written out meanwhile is there already, or not yet: made of itself it is the same.
    const over = this.#notes.get(key) ?? before;
    return over === undefined ? stored : over(stored);
  }

  async shrink(recent: readonly string[]): Promise<void> {
    const uses = await this.#loadUses();
    const now = this.#clock.now();
    for (const oid of recent) {
      const known = uses.get(oid);
      if (known !== undefined) uses.set(oid, [known[0], now]);
    }
    await this.#shrink(uses, half(uses)).catch(() => undefined);
  }

  async clear(): Promise<void> {
    this.#waiting.clear();
    this.#notes.clear();
    this.#used.clear();
    await this.#writing;
    for (const store of STORES) await clear(this.#store(store));
    this.#lacking.clear();
    this.#uses = null;
  }

  async recover(load: (oids: string[]) => Promise<StoredObject[]>): Promise<void> {
    if (this.#lacking.size === 0 || this.#failing) return;
    const oids = [...this.#lacking];
    this.put(await load(oids));
    for (const oid of oids) this.#lacking.delete(oid);
  }

  flush(): Promise<boolean> {
    if (this.#timer !== null) this.#clock.clear(this.#timer);
    this.#timer = null;
    const written = this.#writing.then(() => this.#write()).catch(() => false);
    this.#writing = written.then(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    await this.flush();
    this.#database.close();
  }

  #schedule(): void {
    this.#timer ??= this.#clock.set(() => void this.flush(), this.#failing ? FAILING : GATHER);
  }

  /** Stores what waits; answers whether it is stored. */
  async #write(): Promise<boolean> {
    const objects = [...this.#waiting.values()];
    const notes = [...this.#notes];
    const now = this.#clock.now();
    const uses = await this.#loadUses();
    const changed = new Map<string, Use>();
    for (const { oid, bytes } of objects) changed.set(oid, [bytes.length, now]);
    for (const [oid, used] of this.#used) {
      const known = uses.get(oid);
      if (known !== undefined) changed.set(oid, [known[0], used]);
    }
    this.#used.clear();
    const stored = (changed.size === 0 || (await this.#writeObjects(objects, changed, uses))) && this.#lacking.size === 0;
    // Notes come after the objects they speak of, and not at all without them.
    if (stored) await this.#writeNotes(notes);
    if (total(uses) > this.#maxBytes) await this.#shrink(uses, this.#maxBytes * ROOM);
    return stored;
  }

  async #writeNotes(notes: [key: string, over: (stored: unknown) => unknown][]): Promise<void> {
    if (notes.length === 0) return;
    await this.#database.store('notes', 'strict')('readwrite', (rows) => {
      for (const [key, over] of notes) {
        const request: IDBRequest<unknown> = rows.get(key);
        request.onsuccess = () => {
          const value = over(request.result);
          if (value === undefined) rows.delete(key);
          else rows.put(value, key);
        };
      }
      return promisifyRequest(rows.transaction);
    });
    for (const [key, over] of notes) if (this.#notes.get(key) === over) this.#notes.delete(key);
  }

  /** Stores objects, making room where there is none; answers whether they are stored. What is not waits for the next try, as far as it isn't too much. */
  async #writeObjects(objects: StoredObject[], changed: Map<string, Use>, uses: Map<string, Use>): Promise<boolean> {
    const attempt = async (): Promise<void> => {
      await setMany(
        objects.map(({ oid, kind, bytes }): [string, Row] => [oid, { kind, bytes }]),
        this.#store('objects'),
      );
      await setMany([...changed], this.#store('uses'));
    };
    try {
      await attempt().catch(async (error: unknown) => {
        const wait = this.#fullUntil - this.#clock.now();
        // More than that: the clock was set back.
        if (!isQuota(error) || (wait > 0 && wait <= FULL)) throw error;
        // No room: what is old makes way.
        this.#fullUntil = this.#clock.now() + FULL;
        await this.#shrink(uses, half(uses));
        await attempt();
      });
    } catch {
      this.#failing = true;
      this.#giveUp();
      return false;
    }
    this.#failing = false;
    this.#fullUntil = -Infinity;
    for (const [oid, use] of changed) uses.set(oid, use);
    for (const object of objects) {
      this.#lacking.delete(object.oid);
      if (this.#waiting.get(object.oid) === object) this.#waiting.delete(object.oid);
    }
    return true;
  }

  /** Gives up what has waited longest of more than there is room for in memory: it is fetched again when it is needed. */
  #giveUp(): void {
    let bytes = [...this.#waiting.values()].reduce((sum, object) => sum + object.bytes.length, 0);
    for (const [oid, object] of this.#waiting) {
      if (bytes <= MAX_UNSTORED) return;
      bytes -= object.bytes.length;
      this.#waiting.delete(oid);
      this.#lacking.add(oid);
    }
  }

  /** What stays, whichever page retains it. Where that can't be read, nothing is given up. */
  async #loadRetained(): Promise<Set<string>> {
    const waiting = [...this.#notes].filter(([key]) => key.startsWith(RETAINED));
    const lists = await getMany<string[] | undefined>(await this.#retainedKeys(), this.#store('notes'));
    return new Set([...lists, ...waiting.map(([, over]) => over(undefined) as string[] | undefined)].flatMap((oids) => oids ?? []));
  }

  async #retainedKeys(): Promise<string[]> {
    return (await keys<string>(this.#store('notes'))).filter((key) => key.startsWith(RETAINED));
  }

  async #shrink(uses: Map<string, Use>, target: number): Promise<void> {
    const retained = await this.#loadRetained();
    const oldest = [...uses].filter(([oid]) => !retained.has(oid)).toSorted(([, a], [, b]) => a[1] - b[1]);
    const gone: string[] = [];
    let bytes = total(uses);
    for (const [oid, [size]] of oldest) {
      if (bytes <= target) break;
      bytes -= size;
      gone.push(oid);
    }
    await delMany(gone, this.#store('objects'));
    await delMany(gone, this.#store('uses'));
    for (const oid of gone) uses.delete(oid);
  }

  #store(name: (typeof STORES)[number]): UseStore {
    return this.#database.store(name, 'relaxed');
  }

  #loadUses(): Promise<Map<string, Use>> {
    this.#uses ??= entries<string, Use>(this.#store('uses')).then(
      (rows) => new Map(rows),
      () => new Map<string, Use>(),
    );
    return this.#uses;
  }
}

/** What to shrink to where room is needed: little would be won by giving up the last of it, with the trees that lead to everything. */
function half(uses: Map<string, Use>): number {
  return Math.max(LAST_BYTES, total(uses) / 2);
}

function total(uses: Map<string, Use>): number {
  let bytes = 0;
  for (const [size] of uses.values()) bytes += size;
  return bytes;
}
