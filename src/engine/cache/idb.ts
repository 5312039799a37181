import { clear, delMany, entries, get, getMany, keys, setMany } from 'idb-keyval';
import type { UseStore } from 'idb-keyval';
import type { Clock, TimerHandle } from '../../base/env.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { IdbDatabase, isQuota } from '../storage/idb-database.ts';
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
/** Milliseconds in which writes are gathered into one transaction. */
const GATHER = 50;
/** The part of the limit that is left after old objects are removed, so that it isn't done at every write. */
const ROOM = 0.8;

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
  readonly #notes = new Map<string, unknown>();
  /** Oids that stay, by the name they are retained under, once they have been read. */
  #retained: Promise<Map<string, ReadonlySet<string>>> | null = null;
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

  async retain(name: string, oids: readonly string[]): Promise<void> {
    (await this.#loadRetained()).set(name, new Set(oids));
    this.note(RETAINED + name, [...oids]);
    await this.flush();
  }

  note(key: string, value: unknown): void {
    this.#notes.set(key, value);
    this.#schedule();
  }

  async noted(key: string): Promise<unknown> {
    if (this.#notes.has(key)) return this.#notes.get(key);
    return get<unknown>(key, this.#store('notes')).catch(() => undefined);
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
    this.#uses = null;
    this.#retained = null;
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
    this.#timer ??= this.#clock.set(() => void this.flush(), GATHER);
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
    const stored = changed.size === 0 || (await this.#writeObjects(objects, changed, uses));
    // Notes come after the objects they speak of, and not at all without them.
    if (stored && notes.length > 0) await setMany(notes, this.#database.store('notes', 'strict'));
    for (const [key, value] of notes) if (this.#notes.get(key) === value) this.#notes.delete(key);
    if (total(uses) > this.#maxBytes) await this.#shrink(uses, this.#maxBytes * ROOM);
    return stored;
  }

  /** Stores objects, making room where there is none; answers whether they are stored. */
  async #writeObjects(objects: StoredObject[], changed: Map<string, Use>, uses: Map<string, Use>): Promise<boolean> {
    const attempt = async (): Promise<true> => {
      await setMany(
        objects.map(({ oid, kind, bytes }): [string, Row] => [oid, { kind, bytes }]),
        this.#store('objects'),
      );
      await setMany([...changed], this.#store('uses'));
      for (const [oid, use] of changed) uses.set(oid, use);
      return true;
    };
    try {
      return await attempt();
    } catch (error) {
      // No room: what is old makes way. What can't be stored then is fetched again when it is needed.
      if (!isQuota(error)) return false;
      await this.#shrink(uses, half(uses));
      return await attempt().catch(() => false);
    } finally {
      for (const object of objects) if (this.#waiting.get(object.oid) === object) this.#waiting.delete(object.oid);
    }
  }

  #loadRetained(): Promise<Map<string, ReadonlySet<string>>> {
    const load = async (): Promise<Map<string, ReadonlySet<string>>> => {
      const store = this.#store('notes');
      const names = (await keys<string>(store)).filter((key) => key.startsWith(RETAINED));
      const lists = await getMany<string[]>(names, store);
      return new Map(names.map((name, index) => [name.slice(RETAINED.length), new Set(lists[index])]));
    };
    this.#retained ??= load().catch(() => new Map<string, ReadonlySet<string>>());
    return this.#retained;
  }

  async #shrink(uses: Map<string, Use>, target: number): Promise<void> {
    const retained = [...(await this.#loadRetained()).values()];
    const oldest = [...uses].filter(([oid]) => !retained.some((oids) => oids.has(oid))).toSorted(([, a], [, b]) => a[1] - b[1]);
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
