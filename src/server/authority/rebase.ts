import type { TouchedPath } from '../../wire/events.ts';
import type { ChangeRecord } from '../storage/records.ts';
import type { Content } from './ancestry.ts';
import { mergeContent, mergeVersions } from './ancestry.ts';
import { displacedConflicts } from './displaced.ts';
import type { Author, Draft, Edited } from './draft.ts';
import type { Workshop } from './versions.ts';
import { EVERYTHING, recommitChange } from './versions.ts';
import { requireVersion, ROOT } from './view.ts';

const MAX_PATHS = 200;

/**
 * Puts the descendants of every change edited in a draft on its new version, parents first. Each keeps what it did to its parents; where that meets
 * what the edit did, the descendant is left with a conflict, which is as good a state as any.
 */
export async function rebaseDescendants(shop: Workshop, draft: Draft, by: Author): Promise<void> {
  const edited = new Map(draft.edited);
  draft.edited.clear();
  const ids = await descendants(draft, [...edited.keys()]);
  if (ids.length === 0) return;
  const before = new Map([...edited].map(([id, edit]) => [id, edit.before]));
  const paths = touched([...edited.values()]);
  const quiet: Author = { ...by, origin: null };
  for (const id of ids) {
    const change = await draft.change(id);
    if (change === null) continue;
    if (!before.has(id)) before.set(id, change);
    const content = await rebased(shop, draft, change, before);
    const displaced = await displacedConflicts(shop.objects, change.trees, content.trees, paths);
    await recommitChange(shop, draft, change, content, quiet, [...paths, ...displaced]);
  }
  draft.edited.clear();
}

/** The paths of some edits, each once; everything when they are too many to name. */
function touched(edits: readonly Edited[]): TouchedPath[] {
  const paths = new Map<string, boolean>();
  for (const { path, recursive } of edits.flatMap((edit) => edit.paths)) paths.set(path, recursive || paths.get(path) === true);
  return paths.size > MAX_PATHS ? EVERYTHING : [...paths].map(([path, recursive]) => ({ path, recursive }));
}

/** All descendants of some changes, in an order in which parents come before their children. */
async function descendants(draft: Draft, roots: readonly string[]): Promise<string[]> {
  const found = new Map<string, number>();
  const queue = [...roots];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const child of await draft.children(id)) {
      if (found.has(child)) continue;
      const change = await draft.change(child);
      found.set(child, change?.createdSeq ?? 0);
      queue.push(child);
    }
  }
  return [...found].sort(([, a], [, b]) => a - b).map(([id]) => id);
}

async function rebased(shop: Workshop, draft: Draft, change: ChangeRecord, before: ReadonlyMap<string, ChangeRecord>): Promise<Content> {
  const { objects } = shop;
  const { parents } = change;
  const then = async (id: string): Promise<Content> => before.get(id) ?? requireVersion(draft, id);
  const now = async (id: string): Promise<Content> => requireVersion(draft, id);
  const oldBase = parents.length === 0 ? ROOT : await mergeVersions(draft, objects, parents, then);
  const newBase = parents.length === 0 ? ROOT : await mergeVersions(draft, objects, parents, now);
  return mergeContent(objects, newBase, oldBase, change);
}
