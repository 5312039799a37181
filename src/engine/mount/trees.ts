import { MODE } from '../../base/ids.ts';
import type { Core } from '../../core/load.ts';
import { KeptPool } from '../../core/kept-pool.ts';
import type { Question } from '../../core/kept-pool.ts';
import type { FetchObjects, StoredObject } from '../../core/resolve.ts';
import type { Edit, EditResult, Listed, Lookup, Terms } from '../../core/generated/mesa_core.js';
import { isTree, readTree } from '../remote/git-tree.ts';
import type { ObjectStore } from './objects.ts';

/** A version of a repo's content: its root trees (several when conflicted) and its side tree. */
export interface View {
  readonly trees: readonly string[];
  readonly side: string | null;
}

/** Whether two versions are the same, mtimes and explicit directories included. */
export function sameView(a: View, b: View): boolean {
  return a.side === b.side && a.trees.length === b.trees.length && a.trees.every((tree, index) => tree === b.trees[index]);
}

/** The root of a version: a directory, whatever is in it. */
export function rootOf(view: View): Lookup {
  return { terms: view.trees.map((oid) => ({ oid, mode: MODE.tree })), kind: 'dir', mtime: null, through: null, throughTerms: null };
}

/** Bytes of objects a pool may hold before a new one is begun. */
const POOL_BYTES = 24 * 1024 * 1024;

/** Questions to the core about versions of one repo, with what it lacks brought in. */
export class Trees {
  readonly #objects: ObjectStore;
  readonly #pool: KeptPool;
  readonly #hydrate: (paths: string[]) => Promise<void>;

  /** `hydrate` brings in what is on the way to some paths, and their blobs, in one request. */
  constructor(core: Core, objects: ObjectStore, hydrate: (paths: string[]) => Promise<void>) {
    this.#objects = objects;
    this.#hydrate = hydrate;
    this.#pool = new KeptPool({ core, fetch: (oids) => objects.get(oids), made: (made) => objects.pinMade(made), limit: POOL_BYTES });
  }

  /** What each path holds, in the order asked. With `side` left out of the view, explicit directories are not seen and less is fetched. */
  async lookup(view: View, paths: string[]): Promise<Lookup[]> {
    const answer = await this.ask((pool) => pool.lookup([...view.trees], view.side ?? undefined, paths), paths);
    return answer.found;
  }

  /** What one path holds. */
  async at(view: View, path: string): Promise<Lookup> {
    if (path === '') return rootOf(view);
    const [found] = await this.lookup(view, [path]);
    if (found === undefined) throw new Error(`The core answered nothing for "${path}"`);
    return found;
  }

  /** What one path holds as far as the objects on this device tell, or `null`. */
  async atNear(view: View, path: string): Promise<Lookup | null> {
    const question: Question<{ found: Lookup[] }> = (pool) => pool.lookup([...view.trees], view.side ?? undefined, [path]);
    const answer = await this.#pool.ask(question, (oids) => this.#objects.near(oids)).catch(() => null);
    return answer?.found[0] ?? null;
  }

  /** What one path holds as far as the objects at hand tell, or `null`. */
  peek(view: View, path: string): Lookup | null {
    if (path === '') return rootOf(view);
    return this.#pool.peek((pool) => pool.lookup([...view.trees], view.side ?? undefined, [path]))?.found[0] ?? null;
  }

  /** The entries of a directory, or why there are none. */
  async list(view: View, path: string): Promise<Listed[] | 'ENOENT' | 'ENOTDIR'> {
    const answer = await this.ask((pool) => pool.list([...view.trees], view.side ?? undefined, path));
    return 'error' in answer ? answer.error : answer.entries;
  }

  /** The side trees in a side tree, by name; none in `null`. */
  async sidesIn(oid: string | null): Promise<Map<string, string>> {
    const [tree] = oid === null ? [] : await this.#objects.get([oid]);
    return new Map(
      readTree(tree?.bytes ?? new Uint8Array(0))
        .filter(isTree)
        .map((entry) => [entry.name, entry.oid]),
    );
  }

  /** The version that edits make of another. The objects made are pinned. */
  async apply(view: View, edits: Edit[]): Promise<{ view: View; results: EditResult[] }> {
    if (edits.length === 0) return { view, results: [] };
    const paths = edits.flatMap((edit) => (edit.type === 'rename' ? [edit.from, edit.to] : [edit.path]));
    return this.#apply(view, edits, this.#fetchOnTheWay(paths));
  }

  /** The same with what is on this device. @throws MissingObjectError */
  applyNear(view: View, edits: Edit[]): Promise<{ view: View; results: EditResult[] }> {
    return this.#apply(view, edits, (oids) => this.#objects.near(oids));
  }

  /** A conflict's text, in jj's snapshot style. */
  render(terms: Terms): Promise<{ bytes: Uint8Array; mode: number; conflicted: boolean; hunks: number }> {
    return this.ask((pool) => pool.render(terms, { style: 'snapshot', labels: [] }));
  }

  /** What a written file means, given the conflict it replaces, with the blobs its terms are made of. */
  async parse(bytes: Uint8Array, terms: Terms): Promise<{ terms: Terms; blobs: StoredObject[] }> {
    const before = new Set(terms.map((term) => term?.oid));
    const answer = await this.#pool.make((pool) => pool.parse(bytes, terms));
    // What was made before is not made again, and who made it then may have let go of it.
    const made = answer.terms.filter((term) => term !== null && !before.has(term.oid)).map((term) => this.#pool.get(term?.oid ?? ''));
    return { terms: answer.terms, blobs: made.filter((object) => object?.kind === 'blob') as StoredObject[] };
  }

  /** The paths in conflict, sorted. */
  async conflicts(view: View): Promise<{ path: string; terms: Terms }[]> {
    if (view.trees.length === 1) return [];
    return (await this.ask((pool) => pool.conflicts([...view.trees]))).paths;
  }

  /** Asks the core, bringing in what it lacks; `paths` are those the question is about, for bringing in all that is on the way at once. */
  ask<T extends object>(question: Question<T>, paths: string[] | null = null): Promise<T> {
    return this.#pool.ask(question, paths === null ? undefined : this.#fetchOnTheWay(paths));
  }

  /** Nothing may be asked afterwards. */
  close(): void {
    this.#pool.close();
  }

  async #apply(view: View, edits: Edit[], fetch: FetchObjects): Promise<{ view: View; results: EditResult[] }> {
    const answer = await this.#pool.make((pool) => pool.apply([...view.trees], view.side ?? undefined, edits), fetch);
    return { view: { trees: answer.trees, side: answer.side ?? null }, results: answer.results };
  }

  #fetchOnTheWay(paths: string[]): FetchObjects {
    let wanted = true;
    return async (oids) => {
      if (wanted && (await this.#objects.near(oids)).length < oids.length) {
        wanted = false;
        await this.#hydrate(paths);
      }
      return this.#objects.get(oids);
    };
  }
}
