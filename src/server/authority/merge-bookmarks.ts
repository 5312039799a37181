import { newChangeId, VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { ApiError } from '../../wire/errors.ts';
import type { WireTerms } from '../../wire/operations.ts';
import { Allowance } from '../allowance.ts';
import type { ConflictView } from '../conflict-view.ts';
import { viewConflict } from '../conflict-view.ts';
import type { Resolution } from '../resolutions.ts';
import { resolutionEdits } from '../resolutions.ts';
import type { Content } from './ancestry.ts';
import { mergeVersions } from './ancestry.ts';
import { deleteBookmark, noteWrite, setBookmark } from './bookmarks.ts';
import type { Author, Draft } from './draft.ts';
import { applyEdits } from './edits.ts';
import type { Workshop } from './versions.ts';
import { createChange } from './versions.ts';
import type { Version } from './view.ts';
import { requireBookmark, requireVersion } from './view.ts';

/** What is merged into what, and how. */
export interface MergeRequest {
  target: string;
  source: string;
  deleteSource: boolean;
  /** Take a conflicted result rather than none. */
  allowConflicted: boolean;
  /** Describes the merge; made up when `undefined`. */
  message: string | undefined;
  resolutions: readonly Resolution[];
}

/** What became of a merge. */
export interface MergeResult {
  type: 'merge_commit' | 'no_op';
  version: Version;
  sourceDeleted: boolean;
}

/** How many conflicts an error describes hunk by hunk, as far as its {@link Allowance} goes. */
const DESCRIBED = 100;

/**
 * Merges one bookmark into another: always by a change with both as parents, unless they stand at the same commit. Resolutions are applied before
 * conflicts are looked for.
 *
 * @throws ApiError BOOKMARK_NOT_FOUND; MERGE_CONFLICT with `conflict_paths` and `conflicts`, when nothing was done
 */
export async function mergeBookmarks(shop: Workshop, draft: Draft, request: MergeRequest, by: Author): Promise<MergeResult> {
  const { target, source } = request;
  if (target === source) throw new ApiError('INVALID_REQUEST', `"${target}" cannot be merged into itself; name another source.`);
  const ours = await requireVersion(draft, await requireBookmark(draft, target));
  const theirs = await requireVersion(draft, await requireBookmark(draft, source));
  let version = ours;
  if (ours.commit !== theirs.commit) {
    const content = await mergeContents(shop, draft, ours, theirs, request, by);
    const id = newChangeId((bytes) => shop.random(bytes));
    const message = request.message ?? `Merge ${source} into ${target}`;
    version = await createChange(shop, draft, { id, parents: [ours.id, theirs.id], message, ...content }, by);
    await setBookmark(shop, draft, target, id, by);
    if (ours.id !== VIRTUAL_ROOT_CHANGE_ID || theirs.id !== VIRTUAL_ROOT_CHANGE_ID) await noteWrite(shop, draft, id, by);
  }
  if (request.deleteSource) await deleteBookmark(shop, draft, source, by);
  return { type: version === ours ? 'no_op' : 'merge_commit', version, sourceDeleted: request.deleteSource };
}

async function mergeContents(shop: Workshop, draft: Draft, ours: Version, theirs: Version, request: MergeRequest, by: Author): Promise<Content> {
  const { objects } = shop;
  let content = await mergeVersions(draft, objects, [ours.id, theirs.id], (id) => requireVersion(draft, id));
  if (request.resolutions.length > 0) {
    const take = async (path: string, side: 'target' | 'source'): Promise<WireTerms> => {
      const { trees, side: table } = side === 'target' ? ours : theirs;
      return (await objects.ask((pool) => pool.lookup(trees, table, [path]))).found[0]?.terms ?? [null];
    };
    const edits = await resolutionEdits(objects, content, request.resolutions, take, by.now);
    if (edits.length > 0) content = await applyEdits(objects, draft, content, edits);
  }
  if (content.trees.length > 1 && !request.allowConflicted) await refuseConflicts(shop, content, `"${request.source}" and "${request.target}" conflict`);
  return { trees: content.trees, side: content.side };
}

/** @throws ApiError MERGE_CONFLICT that tells the paths and hunks in conflict. @param what the beginning of its sentence */
export async function refuseConflicts({ objects }: Workshop, { trees }: Content, what: string): Promise<void> {
  const { paths } = await objects.ask((pool) => pool.conflicts(trees));
  const [first] = paths;
  if (first === undefined) return;
  const allowance = new Allowance();
  const conflicts: ConflictView[] = [];
  for (const { path, terms } of paths.slice(0, DESCRIBED)) conflicts.push(await viewConflict(objects, allowance, path, terms));
  const more = paths.length === 1 ? '' : ` and ${paths.length - 1} more`;
  throw new ApiError('MERGE_CONFLICT', `${what} in ${first.path}${more}; send resolutions for them.`, {
    conflict_paths: paths.map(({ path }) => path),
    conflicts,
  });
}
