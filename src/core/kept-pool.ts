import type { ObjectPool } from './generated/mesa_core.js';
import type { Core } from './load.ts';
import { withObjects } from './resolve.ts';
import type { FetchObjects, StoredObject } from './resolve.ts';

/** A question to the core, or to what it has at hand. */
export type Question<T extends object> = (pool: ObjectPool) => T | { missing: string[] };

/** What a {@link KeptPool} is made of. */
export interface KeptPoolOptions {
  core: Core;
  /** Objects by id; those that are not to be had are left out. */
  fetch: FetchObjects;
  /** Keeps what was made. */
  made: (objects: StoredObject[]) => void;
  /** Bytes of objects past which a new pool is begun, as soon as nobody is asking. */
  limit: number;
}

/** The core with the objects of one repo, from one question to the next, so that trees are decoded once. What it lacks is fetched; its memory is bounded. */
export class KeptPool {
  readonly #options: KeptPoolOptions;
  #pool: ObjectPool | null = null;
  #bytes = 0;
  #asking = 0;
  #closed = false;

  constructor(options: KeptPoolOptions) {
    this.#options = options;
  }

  /**
   * Asks the core, bringing in what it lacks with `fetch`, or as always.
   *
   * @throws MissingObjectError when an object is not to be had
   */
  async ask<T extends object>(question: Question<T>, fetch: FetchObjects = this.#options.fetch): Promise<T> {
    if (this.#closed) throw new Error('The repo is closed');
    if (this.#asking === 0 && this.#bytes > this.#options.limit) this.renew();
    const pool = this.#open();
    this.#asking += 1;
    try {
      return await withObjects(pool, async (oids) => this.#count(await fetch(oids)), question);
    } finally {
      this.#asking -= 1;
      if (this.#closed && this.#asking === 0) this.renew();
    }
  }

  /** As {@link ask}, for what makes objects: they are kept, and passed to `look`. */
  make<T extends object>(question: Question<T>, fetch?: FetchObjects, look?: (objects: StoredObject[]) => void): Promise<T> {
    return this.ask((pool) => {
      const answer = question(pool);
      // At once: should another call trap, what is not taken yet is gone.
      if (!('missing' in answer)) {
        const created = this.#count(pool.takeCreated() as StoredObject[]);
        this.#options.made(created);
        look?.(created);
      }
      return answer;
    }, fetch);
  }

  /** Asks with the objects at hand; `null` when that takes others. */
  peek<T extends object>(question: Question<T>): T | null {
    if (this.#closed) return null;
    const answer = question(this.#open());
    return 'missing' in answer ? null : answer;
  }

  /** An object at hand. */
  get(oid: string): StoredObject | null {
    const object = this.#pool?.get(oid);
    return object === undefined ? null : { oid, ...object };
  }

  /** Begins anew with no objects. Nobody may be asking. */
  renew(): void {
    this.#pool?.free();
    this.#pool = null;
    this.#bytes = 0;
  }

  /** Frees the pool once nobody is asking. Nothing may be asked afterwards. */
  close(): void {
    this.#closed = true;
    if (this.#asking === 0) this.renew();
  }

  #open(): ObjectPool {
    this.#pool ??= this.#options.core.pool();
    return this.#pool;
  }

  #count(objects: StoredObject[]): StoredObject[] {
    for (const { bytes } of objects) this.#bytes += bytes.length;
    return objects;
  }
}
