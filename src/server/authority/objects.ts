import { MODE } from '../../base/ids.ts';
import type { Core } from '../../core/load.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { KeptPool } from '../../core/kept-pool.ts';
import type { Question } from '../../core/kept-pool.ts';
import { ApiError } from '../../wire/errors.ts';
import type { Storage } from '../storage/interface.ts';
import type { ObjectInfo } from '../storage/records.ts';

/** Bytes of objects past which the pool is begun anew. */
const POOL_BYTES = 16 * 1024 * 1024;

/** Lets the core compute with the objects of a repo. */
export interface Asker {
  ask<T extends object>(question: Question<T>): Promise<T>;
}

/** What an entry names. */
interface Named {
  oid: string;
  mode: number;
}

/** The kind of object that an entry names, unless it is a submodule. */
export function kindOf({ mode }: Pick<Named, 'mode'>): 'tree' | 'blob' {
  return mode === MODE.tree ? 'tree' : 'blob';
}

/** Objects sent along with a batch, by oid: they count only once an operation that names them is accepted. */
export type Sent = ReadonlyMap<string, StoredObject>;

/**
 * The objects of a repo, for the one who writes to it: what was just made and is not stored yet, what the open batch brought along, and what is
 * stored. The pool keeps the trees that are written to again and again, so that an edit of a warm path reads nothing from storage.
 */
export class RepoObjects implements Asker {
  readonly #core: Core;
  readonly #storage: Storage;
  readonly #repo: string;
  readonly #pending = new Map<string, StoredObject>();
  readonly #pool: KeptPool;
  /** What the pool was given and is not stored. */
  readonly #lent = new Set<string>();
  #sent: Sent = new Map();

  constructor(core: Core, storage: Storage, repo: string) {
    this.#core = core;
    this.#storage = storage;
    this.#repo = repo;
    const made = (objects: StoredObject[]): void => {
      // Of names and bytes that came from outside; the pool, which tells no attacks, makes what is refused here again when it is asked again.
      for (const { kind, bytes } of objects) core.hashObject(kind, bytes);
      for (const object of objects) this.#pending.set(object.oid, object);
    };
    this.#pool = new KeptPool({ core, fetch: (oids) => this.#fetch(oids), made, limit: POOL_BYTES });
  }

  /** Lets the core compute with whatever objects it turns out to need; what it makes is kept for the next commit. */
  ask<T extends object>(question: Question<T>): Promise<T> {
    return this.#pool.make(question);
  }

  /** Keeps a commit for the next commit to storage; answers its oid. */
  addCommit(bytes: Uint8Array): string {
    const oid = this.#core.hashObject('commit', bytes);
    this.#pending.set(oid, { oid, kind: 'commit', bytes });
    return oid;
  }

  /** Keeps a blob for the next commit to storage; answers its oid. */
  addBlob(bytes: Uint8Array): string {
    const oid = this.#core.hashObject('blob', bytes);
    this.#pending.set(oid, { oid, kind: 'blob', bytes });
    return oid;
  }

  /** Begins a step; {@link drop} takes back what it keeps. */
  mark(): number {
    this.#reclaim();
    return this.#pending.size;
  }

  /** Lets go of what was kept since a mark: the step it was for has failed, or has changed nothing. */
  drop(mark: number): void {
    for (const oid of [...this.#pending.keys()].slice(mark)) this.#pending.delete(oid);
    this.#reclaim();
  }

  /** Says which objects the open batch brought along. */
  bring(sent: Sent): void {
    this.#sent = sent;
  }

  /** What the directories that the batch brought along name: kept, they could not be read without it. */
  *namedBySent(): Generator<Named> {
    for (const oid of this.#sent.keys()) yield* this.sentEntries(oid);
  }

  /**
   * What entries name and is neither sent nor stored.
   *
   * @throws ApiError BAD_OBJECT when one is of another kind than its mode says
   */
  async lacked(entries: Iterable<Named>): Promise<string[]> {
    const wanted = { blob: new Set<string>(), tree: new Set<string>() };
    for (const entry of entries) if (entry.mode !== MODE.submodule) wanted[kindOf(entry)].add(entry.oid);
    const oids = [...wanted.blob, ...wanted.tree];
    if (oids.length === 0) return oids;
    const known = await this.info(oids);
    for (const named of ['blob', 'tree'] as const) {
      for (const oid of wanted[named]) {
        const kind = known.get(oid)?.kind ?? named;
        if (kind !== named) throw new ApiError('BAD_OBJECT', `The object ${oid} is a ${kind} and cannot be named as a ${named}.`);
      }
    }
    return oids.filter((oid) => !known.has(oid));
  }

  /** Keeps an object of the batch, with everything below it that came too. */
  accept(root: string): void {
    const open = [root];
    for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
      const object = this.#sent.get(oid);
      if (object === undefined || this.#pending.has(oid)) continue;
      this.#pending.set(oid, object);
      for (const entry of this.sentEntries(oid)) open.push(entry.oid);
    }
  }

  /** Keeps what the core was given of the batch: it does not tell where it has made just that. */
  acceptLent(): void {
    for (const oid of this.#lent) this.accept(oid);
  }

  /** What a directory that came with the batch holds; nothing for one that did not come. */
  sentEntries(oid: string): Named[] {
    const object = this.#sent.get(oid);
    return object?.kind === 'tree' ? this.#core.decodeTree(object.bytes) : [];
  }

  /** Of the oids given, kind and size of those that can be had. */
  async info(oids: readonly string[]): Promise<Map<string, ObjectInfo>> {
    const known = new Map<string, ObjectInfo>();
    const unknown: string[] = [];
    for (const oid of oids) {
      const object = this.#sent.get(oid) ?? this.#pending.get(oid);
      if (object === undefined) unknown.push(oid);
      else known.set(oid, { oid, kind: object.kind, size: object.bytes.length });
    }
    if (unknown.length > 0) for (const info of await this.#storage.objectInfo(this.#repo, unknown)) known.set(info.oid, info);
    return known;
  }

  /** What the next commit has to store. */
  pending(): StoredObject[] {
    return [...this.#pending.values()];
  }

  /** Is called when what was pending is stored. */
  stored(): void {
    for (const oid of this.#pending.keys()) this.#lent.delete(oid);
    this.#pending.clear();
    this.#sent = new Map();
  }

  /** Forgets everything not stored. */
  reset(): void {
    this.#pending.clear();
    this.#sent = new Map();
    this.#renew();
  }

  close(): void {
    this.#pool.close();
  }

  /** The core does not tell that it has made what it was given: of what nobody keeps any more it may know nothing. */
  #reclaim(): void {
    for (const oid of this.#lent) if (!this.#pending.has(oid)) return this.#renew();
  }

  #renew(): void {
    this.#lent.clear();
    this.#pool.renew();
  }

  async #fetch(oids: string[]): Promise<StoredObject[]> {
    const found: StoredObject[] = [];
    const unknown: string[] = [];
    for (const oid of oids) {
      const object = this.#pending.get(oid) ?? this.#sent.get(oid);
      if (object === undefined) {
        unknown.push(oid);
        continue;
      }
      found.push(object);
      this.#lent.add(oid);
    }
    if (unknown.length > 0) for (const object of await this.#storage.objects(this.#repo, unknown)) found.push(object);
    return found;
  }
}
