import type { Clock } from '../../base/env.ts';
import { MODE } from '../../base/ids.ts';
import { dirname, isWithin, segments } from '../../base/paths.ts';
import type { Remote } from '../remote/interface.ts';
import { isTree, readTree } from '../remote/git-tree.ts';
import type { ObjectStore } from './objects.ts';
import type { Trees, View } from './trees.ts';

/** The deepest listing the backend gives. */
const MAX_DEPTH = 10;
/** Milliseconds after which a listing is no continuation of the one before. */
const STREAK_GAP = 2_000;
/** Listings in a row from which on whole subtrees are fetched. */
const LONG_STREAK = 3;

/** What {@link Listings} is made of. */
export interface ListingsOptions {
  clock: Clock;
  trees: Trees;
  objects: ObjectStore;
  /** The version the backend knows. */
  head: () => View;
  fetch: (oid: string, depth: number) => ReturnType<Remote['trees']>;
}

/**
 * Fetches directories with the sizes of their files before they are listed. One directory is fetched alone; a walk is noticed (several at once, or
 * one after another) and answered with whole subtrees, ever deeper, so that it costs a handful of requests.
 */
export class Listings {
  readonly #options: ListingsOptions;
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #learning = new Map<string, Promise<void>>();
  /** Fetches that have no answer yet. */
  readonly #underWay = new Set<{ root: string; depth: number; done: Promise<void> }>();
  #streak = 0;
  #last = Number.NEGATIVE_INFINITY;
  #listed: ReadonlySet<string> = new Set();

  constructor(options: ListingsOptions) {
    this.#options = options;
  }

  /** Brings in the directory's entries unless they are at hand. */
  async load(view: View, path: string): Promise<void> {
    const { trees, objects } = this.#options;
    const content = { trees: view.trees, side: null };
    const found = trees.peek(content, path) ?? (await trees.at(content, path));
    const oids = found.terms.filter((term) => term !== null && term.mode === MODE.tree).map((term) => term?.oid ?? '');
    const isHere = async (): Promise<boolean> => (await objects.near(oids)).length === oids.length;
    if (await isHere()) return;
    // What a walk asks for next is often on its way: a disk answers one after another, so that not all ask at once.
    const awaited = [...this.#underWay].find(({ root, depth }) => isBelow(path, root, depth));
    await awaited?.done;
    if (awaited !== undefined && (await isHere())) return;
    await new Promise<void>((resolve) => {
      const waiters = this.#waiting.get(path);
      if (waiters !== undefined) waiters.push(resolve);
      else this.#waiting.set(path, [resolve]);
      if (this.#waiting.size === 1 && waiters === undefined) void this.#flush();
    });
  }

  /** Learns the sizes of the files in a directory; those who ask while it is under way share it. Never fails. */
  async sizes(directory: string): Promise<void> {
    let learning = this.#learning.get(directory);
    if (learning === undefined) {
      learning = this.#fetch(directory, 1).catch(() => this.#recall(directory).catch(() => undefined));
      this.#learning.set(directory, learning);
      void learning.then(() => this.#learning.delete(directory));
    }
    await learning;
  }

  async #flush(): Promise<void> {
    for (let round = 0; round < 4; round += 1) await Promise.resolve();
    const now = this.#options.clock.now();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    const paths = waiting.map(([path]) => path);
    // Who lists the same directory again follows its edits: that is no walk.
    const goesOn = now - this.#last < STREAK_GAP && paths.some((path) => !this.#listed.has(path));
    this.#streak = goesOn ? this.#streak + 1 : 0;
    this.#listed = new Set(paths);
    const { root, depth } = plan(paths, this.#streak);
    // A listing of an ancestor may stop short of a path; then its trees come one level at a time.
    const fetching = { root, depth, done: this.#fetch(root, depth).catch(() => undefined) };
    this.#underWay.add(fetching);
    await fetching.done;
    this.#underWay.delete(fetching);
    this.#last = this.#options.clock.now();
    for (const [, resolve] of waiting) for (const done of resolve) done();
  }

  /** Learns them from what is kept on this device. */
  async #recall(directory: string): Promise<void> {
    await this.#options.objects.recallSizes(await this.#treesAt(directory));
  }

  async #treesAt(directory: string): Promise<string[]> {
    const { trees, head } = this.#options;
    const { terms } = await trees.at({ trees: head().trees, side: null }, directory);
    return terms.filter((term) => term !== null && term.mode === MODE.tree).map((term) => term?.oid ?? '');
  }

  async #fetch(directory: string, depth: number): Promise<void> {
    const { objects } = this.#options;
    const oids = await this.#treesAt(directory);
    const sides = depth > 1 ? this.#sides(directory, depth) : null;
    // Should the listing fail first, nobody waits for them.
    sides?.catch(() => undefined);
    const listings = await Promise.all([...new Set(oids)].map((oid) => this.#options.fetch(oid, depth)));
    for (const listing of listings) {
      for (const { oid, size } of listing.sizes) objects.noteSize(oid, size);
      objects.keepSizes(objects.keep(listing.objects).filter(({ kind }) => kind === 'tree'));
    }
    await sides;
  }

  /** Brings in the side trees of a directory and those below it, with their tables: a level at a time, one request each. */
  async #sides(directory: string, depth: number): Promise<void> {
    const { objects } = this.#options;
    let level = await this.#sideOf(directory);
    for (let left = depth; left > 0 && level.length > 0; left -= 1) {
      const trees = (await objects.get(level)).filter(({ kind }) => kind === 'tree');
      const entries = trees.flatMap(({ bytes }) => readTree(bytes));
      objects.prefetch(entries.filter((entry) => !isTree(entry)).map(({ oid }) => oid));
      level = entries.filter(isTree).map(({ oid }) => oid);
    }
  }

  /** The side tree of a directory, if it has one. */
  async #sideOf(directory: string): Promise<string[]> {
    let oid = this.#options.head().side;
    for (const name of segments(directory)) {
      if (oid === null) return [];
      const [tree] = await this.#options.objects.get([oid]);
      oid = readTree(tree?.bytes ?? new Uint8Array(0)).find((entry) => entry.name === name && isTree(entry))?.oid ?? null;
    }
    return oid === null ? [] : [oid];
  }
}

/** Which directory to fetch, and how deep, to answer wishes for `paths` and for what is likely to be asked next. */
function plan(paths: string[], streak: number): { root: string; depth: number } {
  const [only] = paths;
  if (only !== undefined && paths.length === 1 && streak < LONG_STREAK) return { root: only, depth: Math.min(MAX_DEPTH, 2 ** streak) };
  let root = commonAncestor(paths);
  // The further a walk goes on, the higher up it is likely to have begun.
  for (let up = streak; up >= LONG_STREAK && root !== ''; up -= 1) root = dirname(root);
  return { root, depth: MAX_DEPTH };
}

/** Whether a listing of `root` so many levels deep lists a directory. */
function isBelow(path: string, root: string, depth: number): boolean {
  return (path === root || isWithin(root, path)) && segments(path).length < segments(root).length + depth;
}

/** The deepest directory that holds all the paths. */
function commonAncestor(paths: string[]): string {
  let common = segments(paths[0] ?? '');
  for (const path of paths.slice(1)) {
    const parts = segments(path);
    const differs = common.findIndex((name, index) => name !== parts[index]);
    if (differs >= 0) common = common.slice(0, differs);
  }
  return common.join('/');
}
