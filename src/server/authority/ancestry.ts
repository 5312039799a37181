import { VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { ApiError } from '../../wire/errors.ts';
import { LIMITS } from '../../wire/limits.ts';
import type { Asker } from './objects.ts';
import { asRefusal, MAX_SIDES } from './refusal.ts';
import { sameTrees } from './versions.ts';
import type { RepoView, Version } from './view.ts';
import { requireChange, ROOT } from './view.ts';

/** What is needed of a view to walk its history. */
export type History = Pick<RepoView, 'change'>;

/** The content of a version. */
export type Content = Pick<Version, 'trees' | 'side'>;

/** Answers the version of a change that a merge is to be made of. */
export type VersionOf = (id: string) => Promise<Content>;

/** Merges of bases that one merge may take. */
const MAX_BASES = 1_000;

const LEFT = 1;
const RIGHT = 2;
const STALE = 4;

/**
 * The nearest changes that all of `left` together and `right` both stand on; none of them is an ancestor of another. Empty when only the virtual
 * root is shared. A change is made after everything it stands on, so walking back by that order visits only what lies between.
 */
export async function commonAncestors(view: History, left: readonly string[], right: string): Promise<string[]> {
  const seen = new Map<string, { flags: number; seq: number; parents: string[] }>();
  const queue: string[] = [];
  const mark = async (id: string, flags: number): Promise<void> => {
    if (id === VIRTUAL_ROOT_CHANGE_ID) return;
    const known = seen.get(id);
    if (known !== undefined) {
      known.flags |= flags;
      return;
    }
    const { createdSeq, parents } = await requireChange(view, id);
    seen.set(id, { flags, seq: createdSeq, parents });
    queue.push(id);
  };
  for (const id of left) await mark(id, LEFT);
  await mark(right, RIGHT);

  const found: string[] = [];
  const seqOf = (id: string): number => seen.get(id)?.seq ?? 0;
  const flagsOf = (id: string): number => seen.get(id)?.flags ?? 0;
  while (queue.some((id) => (flagsOf(id) & STALE) === 0)) {
    queue.sort((a, b) => seqOf(a) - seqOf(b));
    const id = queue.pop();
    const node = id === undefined ? undefined : seen.get(id);
    if (id === undefined || node === undefined) break;
    const shared = (node.flags & (LEFT | RIGHT)) === (LEFT | RIGHT);
    if (shared && (node.flags & STALE) === 0) found.push(id);
    const flags = shared ? node.flags | STALE : node.flags;
    for (const parent of node.parents) await mark(parent, flags);
  }
  return found;
}

/**
 * The content several changes have together: what a merge of them starts with, and what a change standing on them is compared to. Where histories cross, each
 * merge needs one of the same bases: they are made once.
 *
 * @throws ApiError MERGE_CONFLICT when histories cross in more ways than can be followed
 */
export async function mergeVersions(
  view: History,
  objects: Asker,
  ids: readonly string[],
  versionOf: VersionOf,
  made: Map<string, Content> = new Map(),
): Promise<Content> {
  const [first, ...others] = ids;
  if (first === undefined) return ROOT;
  const key = ids.join();
  const known = made.get(key);
  if (known !== undefined) return known;
  let content: Content = await versionOf(first);
  for (const [index, id] of others.entries()) {
    const bases = await commonAncestors(view, ids.slice(0, index + 1), id);
    const base = await mergeVersions(view, objects, bases.toReversed(), versionOf, made);
    content = await mergeContent(objects, content, base, await versionOf(id));
  }
  made.set(key, content);
  if (made.size <= MAX_BASES) return content;
  throw new ApiError('MERGE_CONFLICT', `The histories of the changes to merge cross in more than ${MAX_BASES} ways; merge fewer of them at a time.`);
}

/** Brings what `theirs` did to `base` into `ours`; conflicts are kept as terms. */
export async function mergeContent(objects: Asker, ours: Content, base: Content, theirs: Content): Promise<Content> {
  return {
    trees: await mergeTrees(objects, ours.trees, base.trees, theirs.trees),
    side: await mergeSides(objects, ours.side, base.side, theirs.side),
  };
}

async function mergeTrees(objects: Asker, ours: string[], base: string[], theirs: string[]): Promise<string[]> {
  if (sameTrees(base, theirs) || sameTrees(ours, theirs)) return ours;
  if (sameTrees(ours, base)) return theirs;
  const { trees } = await objects.ask((pool) => pool.mergeTrees([ours, base, theirs])).catch(refuse);
  if (trees.length <= LIMITS.maxTerms) return trees;
  throw new ApiError(
    'MERGE_CONFLICT',
    `The merge would be in conflict between more than ${MAX_SIDES} versions, which is as many as can be kept; resolve conflicts first.`,
  );
}

async function mergeSides(objects: Asker, ours: string | null, base: string | null, theirs: string | null): Promise<string | null> {
  if (base === theirs || ours === theirs) return ours;
  if (ours === base) return theirs;
  return (await objects.ask((pool) => pool.mergeSides([ours, base, theirs])).catch(refuse)).side;
}

function refuse(error: unknown): never {
  throw asRefusal(error, 'The merge cannot be made');
}
