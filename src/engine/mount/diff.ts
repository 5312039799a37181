import { isWithin, joinPath } from '../../base/paths.ts';
import type { Listed } from '../../core/generated/mesa_core.js';
import type { TouchedPath } from '../../wire/events.ts';
import type { Trees, View } from './trees.ts';
import { sameTerms } from './version.ts';

/** Paths named one by one; beyond, whole directories are. */
const MAX_PATHS = 500;

/** A directory to compare, and its side tree in either version. */
interface Pair {
  path: string;
  sides: [old: string | null, now: string | null];
}

/**
 * The paths whose content differs between two versions, by going down into the directories that differ, a level at a time. When there are very many,
 * the directories not looked into are named as a whole. Times are not content; directories that are there without any are.
 */
export async function changedPaths(trees: Trees, before: View, after: View): Promise<TouchedPath[]> {
  const found: TouchedPath[] = [];
  for (let level: Pair[] = [{ path: '', sides: [before.side, after.side] }]; level.length > 0;) {
    if (found.length + level.length > MAX_PATHS) return [...found, ...level.map(({ path }) => ({ path, recursive: true }))];
    const below = await Promise.all(level.map((pair) => compare(trees, before, after, pair, found)));
    level = below.flat();
  }
  return found;
}

/**
 * The paths in which two versions look different. `hints` are all the paths in which the backend's state differs, `null` when those are not known; `exact`:
 * nothing is on top of either, so that no others differ but conflicts whose sides changed places. What is on top may move what is in them. Where the
 * versions can't be compared it says too much rather than too little.
 */
export async function differingPaths(trees: Trees, before: View, after: View, hints: TouchedPath[] | null, exact: boolean): Promise<TouchedPath[]> {
  try {
    if (hints !== null && exact) return [...hints, ...(await displacedConflicts(trees, before, after, hints))];
    // What is on the way to the hints comes in one request.
    const inside = (hints ?? []).map(({ path }) => path).filter((path) => path !== '');
    if (inside.length > 0) await trees.lookup(after, inside);
    const paths = await changedPaths(trees, before, after);
    // Where a directory has the same terms, what is in conflict in it may still have them in another order: that follows the order of the roots.
    return [...paths, ...(await displacedConflicts(trees, before, after, paths))];
  } catch {
    return [EVERYTHING];
  }
}

const EVERYTHING: TouchedPath = { path: '', recursive: true };

/**
 * The conflicts that differ between two versions, those that came or went too, beside the paths named. An edit elsewhere may do that: conflicts share the
 * slots of the root trees, and when one comes or goes the sides of another may change places; and an edit in a directory may leave a conflict where it was.
 */
export async function displacedConflicts(trees: Trees, before: View, after: View, named: readonly TouchedPath[]): Promise<TouchedPath[]> {
  if (before.trees.length === 1 && after.trees.length === 1) return [];
  try {
    const [olds, news] = await Promise.all([trees.conflicts(before), trees.conflicts(after)]);
    const [was, is] = [olds, news].map((conflicts) => new Map(conflicts.map((conflict) => [conflict.path, conflict.terms])));
    const isNamed = (path: string): boolean => named.some((touched) => touched.path === path || (touched.recursive && isWithin(touched.path, path)));
    return [...new Set([...olds, ...news].map(({ path }) => path))].flatMap((path) => {
      const [old, now] = [was?.get(path), is?.get(path)];
      if (isNamed(path) || (old !== undefined && now !== undefined && sameTerms(old, now))) return [];
      // A directory may have been or be what is not in conflict.
      return [{ path, recursive: old === undefined || now === undefined }];
    });
  } catch {
    return [EVERYTHING];
  }
}

/** Compares one directory: notes what differs in it, and answers the directories in it to compare. */
async function compare(trees: Trees, before: View, after: View, { path, sides }: Pair, found: TouchedPath[]): Promise<Pair[]> {
  const [olds, news] = await Promise.all([entries(trees, before, path), entries(trees, after, path)]);
  const [oldSides, newSides] = await Promise.all(sides.map((oid) => trees.sidesIn(oid)));
  const below: Pair[] = [];
  for (const name of new Set([...olds.keys(), ...news.keys()])) {
    const old = olds.get(name);
    const now = news.get(name);
    const child = joinPath(path, name);
    if (old?.kind === 'dir' && now?.kind === 'dir') {
      const inside: Pair['sides'] = [oldSides?.get(name) ?? null, newSides?.get(name) ?? null];
      if (inside[0] !== inside[1] || !sameTerms(old.terms, now.terms)) below.push({ path: child, sides: inside });
    } else if (old === undefined || now === undefined || old.kind !== now.kind || !sameTerms(old.terms, now.terms)) {
      found.push({ path: child, recursive: old?.kind === 'dir' || (now?.kind === 'dir' && (await entries(trees, after, child)).size > 0) });
    }
  }
  return below;
}

async function entries(trees: Trees, view: View, path: string): Promise<Map<string, Listed>> {
  const listed = await trees.list(view, path);
  return new Map(typeof listed === 'string' ? [] : listed.map((entry) => [entry.name, entry]));
}
