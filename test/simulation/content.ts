import type { Core } from '../../src/core/load.ts';
import type { StoredObject } from '../../src/core/resolve.ts';
import { MissingObjectError } from '../../src/core/resolve.ts';
import type { ObjectPool, Terms } from '../../src/core/generated/mesa_core.js';
import { versionOf } from '../../src/engine/mount/version.ts';
import { marksIn } from './texts.ts';

/** A version of the repo's content. */
export interface Version {
  trees: readonly string[];
  side: string | null;
}

/** What a path holds. */
export interface Held {
  terms: Terms;
  version: string;
}

/** The mode of a directory. */
export const TREE = 0o040000;

/** Looks into versions as the backend has them, without asking it. */
export class Content {
  readonly #core: Core;
  readonly objects: Map<string, StoredObject>;
  readonly #pool: ObjectPool;
  readonly #marks = new Map<string, number[]>();

  constructor(core: Core, objects: Map<string, StoredObject>) {
    this.#core = core;
    this.objects = objects;
    this.#pool = core.pool();
  }

  /** Every file, link and conflict of a version, by path. */
  files(version: Version): Map<string, Held> {
    const found = new Map<string, Held>();
    const walk = (directory: string): void => {
      const listed = this.#ask((pool) => pool.list([...version.trees], version.side ?? undefined, directory));
      for (const { name, kind, terms } of 'entries' in listed ? listed.entries : []) {
        const path = directory === '' ? name : `${directory}/${name}`;
        if (kind === 'dir') walk(path);
        else found.set(path, { terms, version: versionOf(terms) });
      }
    };
    walk('');
    return found;
  }

  /** What a path holds in a version, as `stat` names it. */
  versionAt(version: Version, path: string): string {
    if (path === '') return versionOf(version.trees.map((oid) => ({ oid, mode: TREE })));
    const { found } = this.#ask((pool) => pool.lookup([...version.trees], version.side ?? undefined, [path]));
    return versionOf(found[0]?.terms ?? [null]);
  }

  /** The tokens in what a path holds, in trees all below: those of its positive terms. What was never sent, and is nowhere, holds none. */
  marks(terms: Terms): Set<number> {
    const positive = terms.filter((_, index) => index % 2 === 0);
    return new Set(positive.flatMap((term) => (term === null ? [] : (this.marksOf(term.oid, term.mode) ?? []))));
  }

  /** In how many more positive terms than negative ones a token is: none, and a merge does away with it. */
  weight(terms: Terms, token: number): number {
    const signs = terms.map((term, index) => (term !== null && this.marksOf(term.oid, term.mode)?.includes(token) === true ? 1 - 2 * (index % 2) : 0));
    return signs.reduce((sum, sign) => sum + sign, 0);
  }

  /** Whether any term holds a token, be it negative. */
  holds(terms: Terms, token: number): boolean {
    return terms.some((term) => term !== null && this.marksOf(term.oid, term.mode)?.includes(token) === true);
  }

  /** The tokens in an object, as often as they are there, as far as its bytes are known. */
  marksOf(oid: string, mode: number): number[] | null {
    const known = this.#marks.get(oid);
    if (known !== undefined) return known;
    const object = this.objects.get(oid);
    if (object === undefined) return oid === EMPTY_TREE ? [] : null;
    let marks: number[] = [];
    if (mode === TREE) {
      const entries = this.#core.decodeTree(object.bytes);
      for (const entry of entries) marks.push(...(this.marksOf(entry.oid, entry.mode) ?? []));
      // More of it may come to be known.
      if (!entries.every(({ oid: inside }) => this.#marks.has(inside) || inside === EMPTY_TREE)) return marks;
    } else marks = marksIn(new TextDecoder().decode(object.bytes));
    this.#marks.set(oid, marks);
    return marks;
  }

  free(): void {
    this.#pool.free();
  }

  #ask<T extends object>(question: (pool: ObjectPool) => T | { missing: string[] }): T {
    for (;;) {
      const answer = question(this.#pool);
      if (!('missing' in answer)) return answer;
      for (const oid of answer.missing) {
        const object = this.objects.get(oid);
        if (object === undefined && oid !== EMPTY_TREE) throw new MissingObjectError([oid]);
        this.#pool.putTrusted(oid, object?.kind ?? 'tree', object?.bytes ?? new Uint8Array(0));
      }
    }
  }
}

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
