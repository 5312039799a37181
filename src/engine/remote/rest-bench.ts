import type { ApplyResult, Edit, ObjectPool } from '../../core/generated/mesa_core.js';
import type { Core } from '../../core/load.ts';
import { withObjects } from '../../core/resolve.ts';
import type { StoredObject } from '../../core/resolve.ts';

/** Bytes of objects a pool may hold before a new one is begun. */
const POOL_BYTES = 24 * 1024 * 1024;

/** What a {@link Bench} is made of. */
export interface BenchOptions {
  core: Core;
  /** Objects by id; those that are not to be had are left out. */
  fetch: (oids: string[]) => Promise<StoredObject[]>;
  /** Keeps what was made. */
  made: (objects: StoredObject[]) => void;
}

/** Where versions of one repo are looked at, edited and merged: the core with the objects it needs. */
export class Bench {
  readonly #options: BenchOptions;
  #pool: ObjectPool | null = null;
  #bytes = 0;
  #asking = 0;

  constructor(options: BenchOptions) {
    this.#options = options;
  }

  /** Asks the core, bringing in what it lacks. @throws MissingObjectError */
  async ask<T extends object>(question: (pool: ObjectPool) => T | { missing: string[] }): Promise<T> {
    if (this.#asking === 0 && this.#bytes > POOL_BYTES) this.close();
    this.#pool ??= this.#options.core.pool();
    const pool = this.#pool;
    this.#asking += 1;
    try {
      return await withObjects(pool, (oids) => this.#fetch(oids), question);
    } finally {
      this.#asking -= 1;
    }
  }

  /** The version that edits make of another. @throws MissingObjectError */
  apply(tree: string, side: string | null, edits: Edit[]): Promise<ApplyResult> {
    return this.ask((pool) => {
      const applied = pool.apply([tree], side, edits);
      if (!('missing' in applied)) this.take(pool);
      return applied;
    });
  }

  /** Objects by id, where they are to be had. */
  async objects(oids: string[]): Promise<StoredObject[]> {
    const here = oids.flatMap((oid): StoredObject[] => {
      const object = this.#pool?.get(oid);
      return object === undefined ? [] : [{ oid, ...object }];
    });
    const known = new Set(here.map(({ oid }) => oid));
    const lacking = oids.filter((oid) => !known.has(oid));
    return lacking.length === 0 ? here : [...here, ...(await this.#options.fetch(lacking))];
  }

  /** Takes in a blob that was made here. */
  blob(bytes: Uint8Array): string {
    const oid = this.#options.core.hashObject('blob', bytes);
    this.#pool?.putTrusted(oid, 'blob', bytes);
    this.#take([{ oid, kind: 'blob', bytes }]);
    return oid;
  }

  /** Keeps what the pool has made. */
  take(pool: ObjectPool): void {
    this.#take(pool.takeCreated() as StoredObject[]);
  }

  /** Frees the pool; the next question begins another. */
  close(): void {
    this.#pool?.free();
    this.#pool = null;
    this.#bytes = 0;
  }

  async #fetch(oids: string[]): Promise<StoredObject[]> {
    const objects = await this.#options.fetch(oids);
    for (const { bytes } of objects) this.#bytes += bytes.length;
    return objects;
  }

  #take(objects: StoredObject[]): void {
    for (const { bytes } of objects) this.#bytes += bytes.length;
    this.#options.made(objects);
  }
}
