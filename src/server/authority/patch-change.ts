import { ApiError } from '../../wire/errors.ts';
import type { TouchedPath } from '../../wire/events.ts';
import type { WireEdit, WireTerms } from '../../wire/operations.ts';
import type { FileEdit } from '../file-edits.ts';
import { fileEdits } from '../file-edits.ts';
import type { PersonInput } from '../people.ts';
import { readPerson } from '../people.ts';
import type { Resolution } from '../resolutions.ts';
import { resolutionEdits } from '../resolutions.ts';
import type { ChangeRecord } from '../storage/records.ts';
import type { Content } from './ancestry.ts';
import { noteWrite } from './bookmarks.ts';
import type { Author, Draft } from './draft.ts';
import { applyEdits } from './edits.ts';
import type { Workshop } from './versions.ts';
import { amendChange } from './versions.ts';
import { requireChange } from './view.ts';
import { refuseConflicts } from './merge-bookmarks.ts';

/** What a patch of a change says. */
export interface ChangePatch {
  /** `''` clears the message; `undefined` keeps it. */
  message?: string | undefined;
  author?: PersonInput | undefined;
  committer?: PersonInput | undefined;
  files?: readonly FileEdit[] | undefined;
  resolutions?: readonly Resolution[] | undefined;
  /** The commit the caller knows as the change's current one. */
  baseCommit?: string | undefined;
}

/**
 * Edits a change: the same id, another commit.
 *
 * @throws ApiError STALE_BASE when its commit is not `baseCommit`; MERGE_CONFLICT for files on a conflicted change, or for resolutions that leave
 *   hunks of their path open; CHANGE_NOT_FOUND, INVALID_REQUEST, INVALID_PATH
 */
export async function patchChange(shop: Workshop, draft: Draft, id: string, patch: ChangePatch, by: Author): Promise<ChangeRecord> {
  const change = await requireChange(draft, id);
  const { message = change.message, author, committer, files, resolutions, baseCommit } = patch;
  if (baseCommit !== undefined && baseCommit !== change.commit) {
    throw new ApiError('STALE_BASE', `The change ${id} is at ${change.commit} and no longer at ${baseCommit}; read it again before patching it.`, {
      current_commit_oid: change.commit,
    });
  }
  if (files !== undefined && resolutions !== undefined) throw new ApiError('INVALID_REQUEST', 'A patch takes files or resolutions, not both; send two.');
  let content: Content = change;
  let paths: TouchedPath[] = [];
  const edits = files === undefined ? await resolve(shop, change, resolutions ?? [], by) : await edit(shop, change, files, by);
  if (edits.length > 0) {
    const edited = await applyEdits(shop.objects, draft, change, edits);
    content = edited;
    paths = edited.results.flatMap((result) => result.paths);
  }
  const people = {
    ...(author === undefined ? {} : { author: readPerson(author, change.author) }),
    ...(committer === undefined ? {} : { committer: readPerson(committer, by.person) }),
  };
  const after = await amendChange(shop, draft, change, { trees: content.trees, side: content.side, message, ...people }, by, paths);
  if (edits.length > 0) await noteWrite(shop, draft, id, by);
  return after;
}

async function edit(shop: Workshop, change: ChangeRecord, files: readonly FileEdit[], by: Author): Promise<WireEdit[]> {
  if (change.trees.length > 1)
    await refuseConflicts(shop, change, `The change ${change.id} is in conflict and takes no files until it is resolved: it conflicts`);
  return fileEdits(shop.objects, change, files, by.now);
}

async function resolve(shop: Workshop, change: ChangeRecord, resolutions: readonly Resolution[], by: Author): Promise<WireEdit[]> {
  if (resolutions.length === 0) return [];
  const take = async (_path: string, side: 'target' | 'source', terms: WireTerms): Promise<WireTerms> => [
    (side === 'target' ? terms[0] : terms.at(-1)) ?? null,
  ];
  const edits = await resolutionEdits(shop.objects, change, resolutions, take, by.now);
  const { paths } = await shop.objects.ask((pool) => pool.conflicts(change.trees));
  const conflicted = new Set(paths.map(({ path }) => path));
  for (const { path } of resolutions) {
    if (!conflicted.has(path)) throw new ApiError('INVALID_REQUEST', `${path} is not in conflict in change ${change.id}; write it with files.`, { path });
  }
  // A path of which not every hunk is resolved is left out of the edits.
  if (edits.length < resolutions.length) await refuseConflicts(shop, change, `The resolutions leave hunks of the change ${change.id} open: it conflicts`);
  return edits;
}
