import type { ApplyResult, Edit } from '../../core/generated/mesa_core.js';
import { KeptPool } from '../../core/kept-pool.ts';
import type { Question } from '../../core/kept-pool.ts';
import type { Core } from '../../core/load.ts';
import type { FetchObjects, StoredObject } from '../../core/resolve.ts';

/** Bytes of objects a pool may hold before a new one is begun. */
const POOL_BYTES = 24 * 1024 * 1024;

/** What {@link Versions} are made of. */
export interface VersionsOptions {
  core: Core;
  fetch: FetchObjects;
  /** Keeps what was made. */
  made: (objects: StoredObject[]) => void;
}

/** Versions of one repo, which are looked at, edited and merged here, since a plain API takes only their outcome. */
export class Versions {
  readonly #options: VersionsOptions;
  readonly #pool: KeptPool;

  constructor(options: VersionsOptions) {
    this.#options = options;
    this.#pool = new KeptPool({ ...options, limit: POOL_BYTES });
  }

  /** Asks the core, bringing in what it lacks. @throws MissingObjectError */
  ask<T extends object>(question: Question<T>): Promise<T> {
    return this.#pool.ask(question);
  }

  /** The version that edits make of another, which may be in conflict. @throws MissingObjectError */
  apply(trees: string[], side: string | null, edits: Edit[]): Promise<ApplyResult> {
    return this.#pool.make((pool) => pool.apply(trees, side, edits));
  }

  /** Objects by id, where they are to be had. */
  async objects(oids: string[]): Promise<StoredObject[]> {
    const here = oids.map((oid) => this.#pool.get(oid)).filter((object) => object !== null);
    const known = new Set(here.map(({ oid }) => oid));
    const lacking = oids.filter((oid) => !known.has(oid));
    return lacking.length === 0 ? here : [...here, ...(await this.#options.fetch(lacking))];
  }

  /** Takes in a blob that was made here. */
  blob(bytes: Uint8Array): string {
    const oid = this.#options.core.hashObject('blob', bytes);
    this.#options.made([{ oid, kind: 'blob', bytes }]);
    return oid;
  }
}
