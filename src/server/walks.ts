import { EMPTY_TREE_OID } from '../base/ids.ts';
import type { Changed, ConflictedPath, Listed } from '../core/generated/mesa_core.js';
import { ApiError } from '../wire/errors.ts';
import type { Asker } from './authority/objects.ts';

/** Paths one walk goes through at most, and characters they have. */
const MAX_PATHS = 250_000;
const MAX_LENGTH = 64 * 1024 * 1024;

/**
 * What differs between two versions, by files. Directories that name each other may stand for more paths than anybody can count, so that is found out first:
 * each pair of directories is looked at once, however many paths lead to it.
 *
 * @throws ApiError PAYLOAD_TOO_LARGE
 */
export async function changedPaths(asker: Asker, before: string[], after: string[]): Promise<Changed[]> {
  await countPaths(asker, before, after, new Map());
  return (await asker.ask((pool) => pool.diffTrees(before, after))).changed;
}

/** The paths of a version that are in conflict, found out about as with {@link changedPaths}. @throws ApiError PAYLOAD_TOO_LARGE */
export async function conflictedPaths(asker: Asker, trees: string[]): Promise<ConflictedPath[]> {
  if (trees.length === 1) return [];
  await countPaths(asker, trees, trees, new Map());
  return (await asker.ask((pool) => pool.conflicts(trees))).paths;
}

type Count = [paths: number, characters: number];

/** Counts the paths below two directories that differ or are unresolved, directories among them, and their characters from there. `known`: what was counted before. */
async function countPaths(asker: Asker, before: string[], after: string[], known: Map<string, Count>): Promise<Count> {
  const key = `${before.join()}:${after.join()}`;
  const counted = known.get(key);
  if (counted !== undefined) return counted;
  const olds = new Map((await list(asker, before)).map((entry) => [entry.name, entry]));
  const pairs: [old: Listed | undefined, now: Listed | undefined][] = [];
  for (const now of await list(asker, after)) {
    const old = olds.get(now.name);
    olds.delete(now.name);
    if (old === undefined || !isSame(old, now)) pairs.push([old, now]);
  }
  for (const old of olds.values()) pairs.push([old, undefined]);
  let [paths, length] = [0, 0];
  for (const [old, now] of pairs) {
    const [below, more] = old?.kind === 'dir' || now?.kind === 'dir' ? await countPaths(asker, treesOf(old), treesOf(now), known) : [0, 0];
    paths += 1 + below;
    length += more + (1 + below) * ((now ?? old)?.name.length ?? 0);
    if (paths > MAX_PATHS || length > MAX_LENGTH) throw tooMany();
  }
  const count: Count = [paths, length];
  known.set(key, count);
  return count;
}

async function list(asker: Asker, trees: string[]): Promise<Listed[]> {
  if (trees.length === 0) return [];
  const { entries } = await asker.ask((pool) => {
    const answer = pool.list(trees, null, '');
    return 'missing' in answer || 'entries' in answer ? answer : { entries: [] };
  });
  return entries;
}

/** What is unresolved is looked into even where it is the same: its terms may be so only once they are simplified. */
function isSame({ terms: [old, ...more] }: Listed, { terms: [now, ...others] }: Listed): boolean {
  return more.length === 0 && others.length === 0 && old?.oid === now?.oid && old?.mode === now?.mode;
}

/** The trees a directory is made of; none for anything else. */
function treesOf(entry: Listed | undefined): string[] {
  return entry?.kind === 'dir' ? entry.terms.map((term) => term?.oid ?? EMPTY_TREE_OID) : [];
}

function tooMany(): ApiError {
  const message = `There is a difference or conflict at more than ${MAX_PATHS} paths, or at long ones; compare changes that are nearer to each other, or read the content of each with a path and a depth.`;
  return new ApiError('PAYLOAD_TOO_LARGE', message, { limit: MAX_PATHS });
}
