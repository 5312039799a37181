import type { Core } from '../../core/load.ts';
import type { StoredObject } from '../../core/resolve.ts';
import type { ObjectCache } from '../cache/interface.ts';
import { MemoryCache } from '../cache/memory.ts';
import { MissingObjectError } from '../../core/resolve.ts';
import { isTree, readTree } from '../remote/git-tree.ts';
import { Batcher } from './batcher.ts';

/** What an {@link ObjectStore} is made of. */
export interface ObjectStoreOptions {
  core: Core;
  /** Fetches objects from the backend; those it lacks are left out. */
  fetch: (oids: string[]) => Promise<StoredObject[]>;
  memory: MemoryCache;
  disk: ObjectCache | null;
}

/**
 * The objects of one repo, from the nearest place that has them: made here and not yet accepted (pinned), memory, disk, the backend. Whatever is
 * asked for in one tick goes out as one request, and an object under way is not asked for twice.
 */
export class ObjectStore {
  readonly #core: Core;
  readonly #memory: MemoryCache;
  readonly #disk: ObjectCache | null;
  readonly #pinned = new Map<string, StoredObject>();
  /** Those of the pinned that the disk has not been given. */
  readonly #unstored = new Set<string>();
  /** Those made here that were let go before the disk was given them: the server may name them all the same. */
  readonly #dropped = new Set<string>();
  /** What the core has made here: nobody has written it, so no operation brings it along. Made again it is not told once more. */
  readonly #made = new Set<string>();
  #pinnedBytes = 0;
  readonly #sizes = new Map<string, number>();
  readonly #batcher: Batcher;

  constructor(options: ObjectStoreOptions) {
    this.#core = options.core;
    this.#memory = options.memory;
    this.#disk = options.disk;
    this.#batcher = new Batcher({
      near: (oids) => this.#fromDisk(oids),
      far: async (oids) => this.keep(await options.fetch(oids)),
      sizeOf: (oid) => this.#sizes.get(oid),
    });
  }

  /** The object if it is at hand without waiting. */
  peek(oid: string): StoredObject | undefined {
    return this.#pinned.get(oid) ?? this.#memory.get(oid);
  }

  has(oid: string): boolean {
    return this.#pinned.has(oid) || this.#memory.has(oid);
  }

  /** Whether the object was made here and the backend may not have it. */
  isPinned(oid: string): boolean {
    return this.#pinned.has(oid);
  }

  /** Whether the core has made it here: the backend, which may have merged otherwise, may never have had it. */
  isMade(oid: string): boolean {
    return this.#made.has(oid);
  }

  /** The objects that can be had; the others are left out. */
  async get(oids: readonly string[]): Promise<StoredObject[]> {
    const here: StoredObject[] = [];
    const waiting: Promise<StoredObject | undefined>[] = [];
    for (const oid of oids) {
      const object = this.peek(oid);
      if (object === undefined) waiting.push(this.#batcher.load(oid));
      else here.push(object);
    }
    if (waiting.length === 0) return here;
    for (const object of await Promise.all(waiting)) if (object !== undefined) here.push(object);
    return here;
  }

  /** Asks for objects ahead of their use, without waiting; failures show when they are used. */
  prefetch(oids: readonly string[]): void {
    for (const oid of oids) if (!this.has(oid)) this.#batcher.load(oid).catch(() => undefined);
  }

  /** Those of the objects that can be had without the backend. */
  async near(oids: readonly string[]): Promise<StoredObject[]> {
    const here = oids.map((oid) => this.peek(oid)).filter((object) => object !== undefined);
    if (here.length === oids.length || this.#disk === null) return here;
    return [...here, ...(await this.#fromDisk(oids.filter((oid) => !this.has(oid))))];
  }

  /** Those of the objects that only the backend has. */
  async lacking(oids: readonly string[]): Promise<string[]> {
    const away = oids.filter((oid) => !this.has(oid));
    return this.#disk === null || away.length === 0 ? away : this.#disk.lacking(away);
  }

  /** Takes in objects from outside: those that don't hash to their id are dropped. Answers what was kept. */
  keep(objects: readonly StoredObject[]): StoredObject[] {
    const verified = this.#core.verifyObjects(objects);
    const sound = objects.filter((_, index) => verified[index]);
    for (const object of sound) this.#remember(object);
    this.#store(sound);
    return sound;
  }

  /** As {@link pin}, of what others made and the backend may not have: what does not hash to its id is dropped. */
  pinOthers(objects: readonly StoredObject[]): void {
    const unknown = objects.filter(({ oid }) => !this.#pinned.has(oid));
    if (unknown.length === 0) return;
    const verified = this.#core.verifyObjects(unknown);
    this.pin(unknown.filter((_, index) => verified[index]));
  }

  /** Takes in objects made here; they stay until {@link unpin}. */
  pin(objects: readonly StoredObject[]): void {
    for (const object of objects) {
      if (this.#pinned.has(object.oid)) continue;
      this.#pinned.set(object.oid, object);
      this.#unstored.add(object.oid);
      this.#pinnedBytes += object.bytes.length;
    }
    for (const object of objects) if (object.kind === 'blob') this.noteSize(object.oid, object.bytes.length);
  }

  /** As {@link pin}, of what the core has made. */
  pinMade(objects: readonly StoredObject[]): void {
    for (const { oid } of objects) if (!this.#pinned.has(oid)) this.#made.add(oid);
    for (const oid of this.#made) {
      if (this.#made.size <= MAX_MADE) break;
      this.#made.delete(oid);
    }
    this.pin(objects);
  }

  /** Lets the objects made here become ordinary cached ones. */
  unpin(): void {
    this.storePinned();
    const objects = [...this.#pinned.values()];
    this.#pinned.clear();
    this.#unstored.clear();
    this.#pinnedBytes = 0;
    for (const object of objects) this.#remember(object);
  }

  /** Has the objects made here kept beyond the page: the server's head names them now. */
  storePinned(): void {
    if (this.#unstored.size === 0) return;
    const objects = [...this.#unstored].map((oid) => this.#pinned.get(oid)).filter((object) => object !== undefined);
    this.#unstored.clear();
    this.#store(objects);
  }

  /** Whether nothing below these trees was let go of before the disk was given it. */
  isWhole(trees: readonly string[]): boolean {
    return !trees.some((oid) => this.#dropped.has(oid));
  }

  /** Brings back, for the disk, what of these trees was made here and let go. @throws MissingObjectError, and whatever a request fails with */
  async restore(trees: readonly string[]): Promise<void> {
    for (let level = trees.filter((oid) => this.#dropped.has(oid)); level.length > 0;) {
      const found = await this.get(level);
      if (found.length < new Set(level).size) throw new MissingObjectError(level);
      this.#store(found);
      level = found.filter(({ kind }) => kind === 'tree').flatMap(({ bytes }) => readTree(bytes).map(({ oid }) => oid));
      level = [...new Set(level)].filter((oid) => this.#dropped.has(oid));
    }
  }

  /** Bytes of objects made here. */
  get pinnedBytes(): number {
    return this.#pinnedBytes;
  }

  /** Lets go of the objects made here but for some: those in between are of no use to anyone. */
  keepPinned(wanted: ReadonlySet<string>): void {
    for (const [oid, { bytes }] of this.#pinned) {
      if (wanted.has(oid)) continue;
      this.#pinned.delete(oid);
      if (this.#unstored.delete(oid) && this.#disk !== null) this.#dropped.add(oid);
      this.#pinnedBytes -= bytes.length;
    }
  }

  /**
   * Keeps these objects beyond the page, under a name, whatever else has to go there: what only memory has, or the backend, is stored too. Answers whether all
   * of them are kept.
   */
  async retain(name: string, oids: readonly string[]): Promise<boolean> {
    if (this.#disk === null || !(await this.#disk.retain(name, oids))) return false;
    const lacking = await this.#disk.lacking(oids);
    for (let at = 0; at < lacking.length; at += RETAINED_AT_ONCE) {
      this.#disk.put(await this.get(lacking.slice(at, at + RETAINED_AT_ONCE)));
      if (!(await this.#disk.flush())) return false;
    }
    return lacking.length === 0 || (await this.#disk.lacking(lacking)).length === 0;
  }

  /** Makes room where the cache beyond the page shares it with what must not be lost. */
  async shrink(): Promise<void> {
    await this.#disk?.shrink(this.#memory.oids);
  }

  /** The size of a blob in bytes, when it is known. */
  sizeOf(oid: string): number | undefined {
    return this.#sizes.get(oid) ?? this.peek(oid)?.bytes.length;
  }

  noteSize(oid: string, size: number): void {
    if (this.#sizes.size > MAX_SIZES) this.#sizes.clear();
    this.#sizes.set(oid, size);
  }

  /** Has the sizes of the files in these directories kept beyond the page, beside the objects and as long as these: a file can be looked at though it was not read. */
  keepSizes(directories: readonly StoredObject[]): void {
    const rows = directories.map(({ oid, bytes }): StoredObject => {
      const sizes = readTree(bytes).flatMap((entry) => (isTree(entry) ? [] : [[entry.oid, this.#sizes.get(entry.oid)]]));
      return { oid: SIZES + oid, kind: 'blob', bytes: new TextEncoder().encode(JSON.stringify(sizes.filter(([, size]) => size !== undefined))) };
    });
    this.#disk?.put(rows.filter(({ bytes }) => bytes.length > 2));
  }

  /** Brings back the sizes that were kept of the files in these directories. */
  async recallSizes(directories: readonly string[]): Promise<void> {
    for (const { bytes } of (await this.#disk?.get(directories.map((oid) => SIZES + oid))) ?? []) {
      for (const [oid, size] of JSON.parse(new TextDecoder().decode(bytes)) as [string, number][]) this.noteSize(oid, size);
    }
  }

  async close(): Promise<void> {
    await this.#disk?.close();
  }

  #store(objects: readonly StoredObject[]): void {
    this.#disk?.put(objects);
    for (const { oid } of objects) this.#dropped.delete(oid);
  }

  async #fromDisk(oids: string[]): Promise<StoredObject[]> {
    if (this.#disk === null) return [];
    const found = await this.#disk.get(oids);
    // A disk may rot, and any script of the page's origin may write there. What is fetched instead takes the place of a bad one.
    const verified = await this.#core.verifyObjectsAside(found);
    const sound = found.filter((_, index) => verified[index]);
    for (const object of sound) this.#remember(object);
    return sound;
  }

  #remember(object: StoredObject): void {
    this.#memory.put(object);
    if (object.kind === 'blob') this.noteSize(object.oid, object.bytes.length);
  }
}

/** Begins the names of the sizes of a directory's files; the id of its tree follows. */
const SIZES = 'sizes:';
/** Objects that are stored at once to be retained. */
const RETAINED_AT_ONCE = 500;
/** Objects made here that are remembered. */
const MAX_MADE = 20_000;
/** Sizes kept before they are forgotten all at once: about 100 bytes each. */
const MAX_SIZES = 200_000;
