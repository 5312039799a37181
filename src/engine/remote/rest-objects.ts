import { EMPTY_TREE_OID, MODE } from '../../base/ids.ts';
import { dirname, joinPath } from '../../base/paths.ts';
import type { TreeEntry } from '../../core/generated/mesa_core.js';
import type { Core } from '../../core/load.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { MemoryCache } from '../cache/memory.ts';
import { isTree, readTree } from './git-tree.ts';
import { nameOf } from './rest-api.ts';
import type { Listing, RestApi, Row } from './rest-api.ts';
import { findNaming } from './rest-search.ts';

/** Bytes of trees and of blobs just written that are kept. */
const MEMORY_BYTES = 32 * 1024 * 1024;
/** Places and sizes kept before they are forgotten all at once. */
const MAX_PLACES = 200_000;
/** Directories that are tried as submodules when a listing does not hash to its id. */
const MAX_TRIED = 64;

/** Where an object was seen. */
interface Place {
  change: string;
  path: string;
  tree: boolean;
}

/** A directory that was listed: its trees, and the sizes of the files they name. */
export interface ListedTrees {
  objects: StoredObject[];
  sizes: { oid: string; size: number }[];
}

/** What a {@link RestObjects} is made of. */
export interface RestObjectsOptions {
  core: Core;
  api: RestApi;
  /** The changes looked at, with the root trees they are known to have. */
  roots: () => { change: string; tree: string }[];
  /** Something was not where it had been seen: a change has moved on. */
  moved: () => void;
}

/**
 * The objects of one repo by their ids, out of an API that knows paths only. A directory's listing names the ids of what is in it, so the tree is
 * encoded here and has to hash to the id its own parent names; a file's bytes have to hash to the id its directory names.
 */
export class RestObjects {
  readonly #options: RestObjectsOptions;
  readonly #memory = new MemoryCache(MEMORY_BYTES);
  readonly #places = new Map<string, Place>();
  readonly #sizes = new Map<string, number>();
  readonly #lent = new Set<(oids: string[]) => Promise<StoredObject[]>>();
  /** What sides are made of, which can be had nowhere else. */
  readonly #held = new Map<string, StoredObject>();
  /** Content of operations under way, by client. */
  readonly #carried = new Map<string, Map<string, StoredObject>>();
  /** Trees of changes in conflict, which the API has no ids for. */
  readonly #conflicted = new Map<string, Map<string, StoredObject>>();

  constructor(options: RestObjectsOptions) {
    this.#options = options;
  }

  /** Keeps what a client's operations need until they are answered: it may be nowhere else any more. */
  carry(client: string, objects: readonly StoredObject[]): void {
    const carried = this.#carried.get(client) ?? new Map<string, StoredObject>();
    for (const object of objects) carried.set(object.oid, object);
    this.#carried.set(client, carried);
  }

  /** Lets go of what was carried for a client. */
  putDown(client: string): void {
    this.#carried.delete(client);
  }

  /** Looks into what a mount has at hand, too. */
  lend(near: (oids: string[]) => Promise<StoredObject[]>): void {
    this.#lent.add(near);
  }

  /** Remembers objects made or written here. */
  put(objects: readonly StoredObject[]): void {
    for (const object of objects) this.#memory.put(object);
  }

  /** Keeps objects that the API does not have. */
  hold(objects: readonly StoredObject[]): void {
    for (const object of objects) this.#held.set(object.oid, object);
  }

  /** A file's size in bytes, as far as it is known. */
  sizeOf(oid: string): number | undefined {
    return this.#sizes.get(oid) ?? this.peek(oid)?.bytes.length;
  }

  isHeld(oid: string): boolean {
    return this.#held.has(oid);
  }

  get heldCount(): number {
    return this.#held.size;
  }

  /** Lets go of all held objects but these. */
  holdOnly(oids: ReadonlySet<string>): void {
    for (const oid of this.#held.keys()) if (!oids.has(oid)) this.#held.delete(oid);
  }

  /** Remembers where an object stands. */
  place(oid: string, change: string, path: string, tree: boolean): void {
    if (this.#places.size > MAX_PLACES) this.#places.clear();
    this.#places.set(oid, { change, path, tree });
  }

  peek(oid: string): StoredObject | undefined {
    if (oid === EMPTY_TREE_OID) return { oid, kind: 'tree', bytes: new Uint8Array(0) };
    const found = this.#held.get(oid) ?? this.#memory.get(oid);
    if (found !== undefined) return found;
    for (const objects of [...this.#carried.values(), ...this.#conflicted.values()]) {
      const object = objects.get(oid);
      if (object !== undefined) return object;
    }
    return undefined;
  }

  /** Lets go of what was made of a change while it was in conflict. */
  settled(change: string): void {
    this.#conflicted.delete(change);
  }

  /** The objects that can be had; the others are left out. */
  async get(oids: readonly string[], signal?: AbortSignal): Promise<StoredObject[]> {
    const near = await this.near(oids);
    const here = new Set(near.map(({ oid }) => oid));
    const far = await Promise.all(oids.filter((oid) => !here.has(oid)).map((oid) => this.#fetch(oid, signal)));
    return [...near, ...far.filter((object) => object !== null)];
  }

  /** The objects that are at hand. */
  async near(oids: readonly string[]): Promise<StoredObject[]> {
    const found = new Map<string, StoredObject>();
    const lacking = (): string[] => oids.filter((oid) => !found.has(oid));
    for (const oid of oids) {
      const object = this.peek(oid);
      if (object !== undefined) found.set(oid, object);
    }
    for (const lent of this.#lent) {
      if (lacking().length === 0) break;
      for (const object of await lent(lacking())) found.set(object.oid, object);
    }
    return [...found.values()];
  }

  /** Fetches what the API has and the mount lacks, where it was last seen. For what is asked of this remote by the one who lends. */
  async fetch(oids: readonly string[], signal?: AbortSignal): Promise<StoredObject[]> {
    const found = await Promise.all(oids.map(async (oid) => this.peek(oid) ?? (await this.#fetch(oid, signal))));
    return found.filter((object) => object !== null);
  }

  /** A tree with those below it down to `depth` levels; without a request when it is one level that is at hand. */
  async trees(oid: string, depth: number, signal?: AbortSignal): Promise<ListedTrees | null> {
    const known = depth === 1 ? this.#known(oid) : null;
    if (known !== null) return known;
    for await (const place of this.#placesOf(oid)) {
      const listed = await this.list(place.change, place.path, depth, signal);
      if (listed?.objects.some((object) => object.oid === oid) === true) return listed;
    }
    return null;
  }

  /** Lists a directory of a change. Trees that don't hash to the id their parent names are left out. `null`: the path is no directory there. */
  async list(change: string, path: string, depth: number, signal?: AbortSignal): Promise<ListedTrees | null> {
    const listing = await this.#options.api.list(change, path, depth, signal);
    return listing === null ? null : this.takeIn(change, path, listing, depth);
  }

  /**
   * Makes the trees of a change in conflict as it reads: the API lists files with marker text, which no tree of the change names. Only the directories on
   * the way to a conflict differ from what the API says of them. Answers the root.
   */
  async readConflicted(change: string, conflicts: readonly string[], signal?: AbortSignal): Promise<string> {
    const { core, api } = this.#options;
    const directories = new Set(['']);
    for (const path of conflicts) for (let at = dirname(path); at !== ''; at = dirname(at)) directories.add(at);
    const deepestFirst = [...directories].toSorted((a, b) => b.length - a.length);
    const listings = await Promise.all(deepestFirst.map((path) => api.list(change, path, 1, signal)));
    const made = new Map<string, string>();
    const trees = new Map<string, StoredObject>();
    for (const [index, path] of deepestFirst.entries()) {
      const rows = listings[index]?.rows ?? [];
      this.#notice(change, rows);
      const entries = rows.filter(({ sha }) => sha !== EMPTY_TREE_OID).map((row) => ({ ...entryOf(row), oid: made.get(row.path) ?? row.sha }));
      const bytes = core.encodeTree(entries);
      const oid = core.hashObject('tree', bytes);
      made.set(path, oid);
      trees.set(oid, { oid, kind: 'tree', bytes });
    }
    this.#conflicted.set(change, trees);
    return made.get('') ?? EMPTY_TREE_OID;
  }

  /** Makes the trees of a listing and remembers where everything stands. */
  takeIn(change: string, top: string, listing: Listing, depth: number): ListedTrees {
    this.#notice(change, listing.rows);
    this.place(listing.sha, change, top, true);
    const inside = new Map<string, Row[]>([[top, []]]);
    const expected = new Map([[top, listing.sha]]);
    for (const row of listing.rows) {
      if (row.type !== 'dir' || levelsBelow(top, row.path) >= depth) continue;
      inside.set(row.path, []);
      expected.set(row.path, row.sha);
    }
    for (const row of listing.rows) inside.get(dirname(row.path))?.push(row);
    const objects: StoredObject[] = [];
    for (const [path, rows] of inside) {
      const object = this.#encode(rows, expected.get(path) ?? '');
      if (object !== null) objects.push(object);
    }
    this.put(objects);
    const sizes = listing.rows.filter(({ type }) => type !== 'dir').map(({ sha, size }) => ({ oid: sha, size }));
    return { objects, sizes };
  }

  /** Encodes a directory's rows as the tree of this id; `null` when they make another. */
  #encode(rows: readonly Row[], oid: string): StoredObject | null {
    const { core } = this.#options;
    const matches = (entries: TreeEntry[]): StoredObject | null => {
      const bytes = core.encodeTree(entries);
      return core.verifyObject(oid, 'tree', bytes) ? { oid, kind: 'tree', bytes } : null;
    };
    // A directory that is kept although it is empty may be listed; git has no tree for it.
    const full = rows.filter(({ sha }) => sha !== EMPTY_TREE_OID).map(entryOf);
    const found = matches(full) ?? (full.length < rows.length ? matches(rows.map(entryOf)) : null);
    if (found !== null) return found;
    // A submodule is listed as a directory.
    const directories = full.filter(({ mode }) => mode === MODE.tree).slice(0, MAX_TRIED);
    for (const one of directories) {
      const tried = matches(full.map((entry) => (entry === one ? { ...entry, mode: MODE.submodule } : entry)));
      if (tried !== null) return tried;
    }
    return directories.length < 2 ? null : matches(full.map((entry) => (directories.includes(entry) ? { ...entry, mode: MODE.submodule } : entry)));
  }

  #notice(change: string, rows: readonly Row[]): void {
    if (this.#sizes.size > MAX_PLACES) this.#sizes.clear();
    for (const { sha, path, type, size } of rows) {
      this.place(sha, change, path, type === 'dir');
      if (type !== 'dir') this.#sizes.set(sha, size);
    }
  }

  /** A tree at hand all of whose files have a known size. */
  #known(oid: string): ListedTrees | null {
    const tree = this.peek(oid);
    if (tree === undefined) return null;
    const files = readTree(tree.bytes).filter((entry) => !isTree(entry) && entry.mode !== MODE.submodule);
    const sizes = files.flatMap((entry) => {
      const size = this.sizeOf(entry.oid);
      return size === undefined ? [] : { oid: entry.oid, size };
    });
    return sizes.length < files.length ? null : { objects: [tree], sizes };
  }

  async #fetch(oid: string, signal: AbortSignal | undefined): Promise<StoredObject | null> {
    for await (const place of this.#placesOf(oid)) {
      const object = place.tree ? await this.#treeAt(place, oid, signal) : await this.#blobAt(place, oid, signal);
      if (object !== null) return object;
    }
    this.#options.moved();
    return null;
  }

  async #treeAt({ change, path }: Place, oid: string, signal: AbortSignal | undefined): Promise<StoredObject | null> {
    const listed = await this.list(change, path, 1, signal);
    return listed?.objects.find((object) => object.oid === oid) ?? null;
  }

  async #blobAt({ change, path }: Place, oid: string, signal: AbortSignal | undefined): Promise<StoredObject | null> {
    const bytes = await this.#options.api.bytes(change, path, signal);
    return bytes !== null && this.#options.core.verifyObject(oid, 'blob', bytes) ? { oid, kind: 'blob', bytes } : null;
  }

  /** Where an object may stand: where it was last seen, then wherever the trees at hand have it, which others may have read. */
  async *#placesOf(oid: string): AsyncGenerator<Place> {
    const last = this.#places.get(oid);
    if (last !== undefined) yield last;
    for (const { change, tree } of this.#options.roots()) {
      const place = tree === oid ? { change, path: '', tree: true } : await this.#search(change, tree, oid);
      if (place !== null && (place.path !== last?.path || change !== last.change)) yield place;
    }
  }

  /** Where the trees at hand of a change have an object. What is beside it is likely to be asked for next: where that stands is remembered. */
  async #search(change: string, root: string, oid: string): Promise<Place | null> {
    const naming = await findNaming(root, oid, (oids) => this.near(oids));
    let found: Place | null = null;
    for (const entry of naming?.entries ?? []) {
      const place = { change, path: joinPath(naming?.path ?? '', entry.name), tree: isTree(entry) };
      if (entry.oid === oid) found ??= place;
      else if (!this.#places.has(entry.oid)) this.place(entry.oid, place.change, place.path, place.tree);
    }
    return found;
  }
}

function entryOf(row: Row): TreeEntry {
  const mode = Number.parseInt(row.mode, 8);
  return { name: nameOf(row), oid: row.sha, mode: row.type === 'dir' && mode !== MODE.submodule ? MODE.tree : mode };
}

/** How many levels `path` lies below `top`. */
function levelsBelow(top: string, path: string): number {
  const rest = top === '' ? path : path.slice(top.length + 1);
  return rest.split('/').length;
}
