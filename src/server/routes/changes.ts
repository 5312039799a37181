import * as v from 'valibot';
import { isChangeId, newChangeId, VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { ApiError } from '../../wire/errors.ts';
import { LIMITS } from '../../wire/limits.ts';
import { mergeVersions } from '../authority/ancestry.ts';
import { noteWrite } from '../authority/bookmarks.ts';
import { applyEdits } from '../authority/edits.ts';
import { patchChange } from '../authority/patch-change.ts';
import { createChange } from '../authority/versions.ts';
import { requireChange, requireVersion } from '../authority/view.ts';
import type { Routes } from '../backend.ts';
import { accessRepo } from '../backend.ts';
import { readJson } from '../body.ts';
import { fileEdits, filesSchema } from '../file-edits.ts';
import type { Place } from '../history.ts';
import { walkHistory } from '../history.ts';
import { foreignCursor, readPage } from '../pages.ts';
import { personSchema, readPerson, showPerson } from '../people.ts';
import { fromBase64Url, toBase64Url } from '../base64.ts';
import { RepoReader } from '../reader.ts';
import { resolutionsSchema } from '../resolutions.ts';
import { changeIdSchema, messageSchema } from '../schemas.ts';
import type { ChangeRecord } from '../storage/records.ts';
import { changedPaths, conflictedPaths } from '../walks.ts';
import { readChangeId } from './content.ts';

/** Changes: list those reachable from a bookmark, create, get, patch. */
export const changeRoutes: Routes = (router, backend) => {
  const { core, storage, env } = backend;

  router.get('/:org/:repo/changes', async (context) => {
    const { repo } = await accessRepo(context, backend, 'read');
    const { limit } = readPage((name) => (name === 'cursor' ? undefined : context.req.query(name)));
    using reader = new RepoReader(core, storage, repo);
    const cursor = context.req.query('cursor') || undefined;
    const tip = async (): Promise<string[]> => {
      // Beside the bookmark of the published API a change can be named, for those who stand on one without a bookmark.
      const change = readChangeId(context.req.query('change_id'));
      const from = change === undefined ? await reader.versionAt(context.req.query('bookmark') ?? repo.defaultBookmark) : await reader.version(change);
      return [from.id];
    };
    const { changes, next } = await walkHistory(reader, cursor === undefined ? { from: await tip() } : readPlace(cursor), limit);
    return context.json({
      next_cursor:
        next === null ? null : toBase64Url(new TextEncoder().encode(JSON.stringify(next.below === undefined ? next.from : [next.below, ...next.from]))),
      has_more: next !== null,
      changes: changes.map(show),
    });
  });

  router.post('/:org/:repo/changes', async (context) => {
    const { principal, authority } = await accessRepo(context, backend, 'write');
    const { base_change_id, message, author, committer, files } = await readJson(context.req.raw, createSchema, LIMITS.maxBodyBytes);
    if (files !== undefined && (author === undefined || message === undefined)) {
      throw new ApiError('INVALID_REQUEST', 'A change with files takes an author and a message; an empty message will do.');
    }
    const change = await authority().write(principal, async (shop, draft, by) => {
      const base = await requireVersion(draft, base_change_id);
      const edits = files === undefined ? [] : await fileEdits(shop.objects, base, files, by.now);
      const { trees, side } = edits.length === 0 ? base : await applyEdits(shop.objects, draft, base, edits);
      const id = newChangeId((bytes) => env.random(bytes));
      const people = {
        author: readPerson(author, by.person),
        committer: readPerson(committer, author === undefined ? by.person : readPerson(author, by.person)),
      };
      const made = await createChange(shop, draft, { id, parents: [base.id], trees, side, message: message ?? '', ...people }, by);
      if (edits.length > 0) await noteWrite(shop, draft, id, by);
      return made;
    });
    return context.json(show(change), 201);
  });

  router.get('/:org/:repo/changes/:change', async (context) => {
    const { repo } = await accessRepo(context, backend, 'read');
    using reader = new RepoReader(core, storage, repo);
    const change = await requireChange(reader, readChangeId(context.req.param('change')));
    const parents = change.parents.length === 0 ? [VIRTUAL_ROOT_CHANGE_ID] : change.parents;
    const base = await mergeVersions(reader, reader, parents, (id) => requireVersion(reader, id));
    const files = await changedPaths(reader, base.trees, change.trees);
    const conflicts = await conflictedPaths(reader, change.trees);
    return context.json({ ...show(change), files: files.map(({ path }) => path), conflicts: conflicts.map(({ path }) => path) });
  });

  router.patch('/:org/:repo/changes/:change', async (context) => {
    const { principal, authority } = await accessRepo(context, backend, 'write');
    const id = readChangeId(context.req.param('change'));
    const { base_commit_oid, ...patch } = await readJson(context.req.raw, patchSchema, LIMITS.maxBodyBytes);
    const change = await authority().write(principal, (shop, draft, by) => patchChange(shop, draft, id, { ...patch, baseCommit: base_commit_oid }, by));
    return context.json(show(change));
  });
};

/** A list of changes, with the sequence number below which to go on before them where there is one. */
function readPlace(cursor: string): Place {
  const bytes = fromBase64Url(cursor);
  try {
    const value: unknown = bytes === null ? null : JSON.parse(new TextDecoder().decode(bytes));
    const list: unknown[] = Array.isArray(value) ? value : [null];
    const below = typeof list[0] === 'number' ? list[0] : undefined;
    const from = below === undefined ? list : list.slice(1);
    if (from.every(isChangeId)) return { from, below };
  } catch {
    // Not JSON: none of ours, like everything else.
  }
  throw foreignCursor(cursor);
}

function show(change: ChangeRecord): object {
  return {
    id: change.id,
    current_commit_oid: change.commit,
    is_conflicted: change.trees.length > 1,
    message: change.message,
    author: showPerson(change.author),
    committer: showPerson(change.committer),
    parents: change.parents.length === 0 ? [VIRTUAL_ROOT_CHANGE_ID] : change.parents,
    created_at: new Date(change.createdAt).toISOString(),
    updated_at: new Date(change.updatedAt).toISOString(),
  };
}

const shared = {
  message: v.optional(messageSchema),
  author: v.optional(personSchema),
  committer: v.optional(personSchema),
  files: v.optional(filesSchema),
};
const createSchema = v.object({ base_change_id: changeIdSchema, ...shared });
const patchSchema = v.object({ base_commit_oid: v.optional(v.string()), resolutions: v.optional(resolutionsSchema), ...shared });
