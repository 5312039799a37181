import * as v from 'valibot';
import { VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { ApiError } from '../../wire/errors.ts';
import { LIMITS } from '../../wire/limits.ts';
import { createBookmark, deleteBookmark, moveBookmark } from '../authority/bookmarks.ts';
import { commonAncestors } from '../authority/ancestry.ts';
import { mergeBookmarks } from '../authority/merge-bookmarks.ts';
import type { RepoView } from '../authority/view.ts';
import { requireBookmark, unknownBookmark } from '../authority/view.ts';
import type { Routes } from '../backend.ts';
import { accessRepo } from '../backend.ts';
import { readJson } from '../body.ts';
import { makePage, readPage } from '../pages.ts';
import { resolutionsSchema } from '../resolutions.ts';
import { bookmarkNameSchema, changeIdSchema, messageSchema } from '../schemas.ts';
import type { BookmarkRecord, RepoRecord } from '../storage/records.ts';

/** Bookmarks: list, create, get, move, delete, merge. */
export const bookmarkRoutes: Routes = (router, backend) => {
  const { storage } = backend;

  router.get('/:org/:repo/bookmarks', async (context) => {
    const { repo } = await accessRepo(context, backend, 'read');
    const { after, limit } = readPage((name) => context.req.query(name));
    const glob = context.req.query('glob');
    const found = await storage.listBookmarks(repo.id, { after, limit: limit + 1, ...(glob === undefined ? {} : { glob }) });
    const { rows, info } = makePage(found, limit, ({ name }) => name);
    return context.json({ ...info, bookmarks: rows.map((bookmark) => show(repo, bookmark)) });
  });

  router.post('/:org/:repo/bookmarks', async (context) => {
    const { repo, principal, authority } = await accessRepo(context, backend, 'write');
    const { name, change_id } = await readJson(context.req.raw, createSchema);
    await authority().write(principal, (shop, draft, by) => createBookmark(shop, draft, name, change_id, by));
    return context.json(show(repo, { name, change: change_id }), 201);
  });

  router.post('/:org/:repo/bookmarks/merge', async (context) => {
    const { principal, authority } = await accessRepo(context, backend, 'write');
    const body = await readJson(context.req.raw, mergeSchema, LIMITS.maxBodyBytes);
    const { target, source, message, delete_source: deleteSource = false, allow_conflicted: allowConflicted = false, resolutions = [] } = body;
    const request = { target, source, message, deleteSource, allowConflicted, resolutions };
    const { type, version, sourceDeleted } = await authority().write(principal, (shop, draft, by) => mergeBookmarks(shop, draft, request, by));
    const is_conflicted = version.trees.length > 1;
    return context.json({ merge_type: type, is_conflicted, commit_oid: version.commit, change_id: version.id, target, source, source_deleted: sourceDeleted });
  });

  router.get('/:org/:repo/bookmarks/:bookmark', async (context) => {
    const { repo } = await accessRepo(context, backend, 'read');
    const name = context.req.param('bookmark');
    const bookmark = await storage.bookmark(repo.id, name);
    if (bookmark === null) throw unknownBookmark(name, repo.name);
    return context.json(show(repo, bookmark));
  });

  router.patch('/:org/:repo/bookmarks/:bookmark', async (context) => {
    const { repo, principal, authority } = await accessRepo(context, backend, 'write');
    const name = context.req.param('bookmark');
    const { change_id, allow_backwards = !backend.strictBookmarkMoves } = await readJson(context.req.raw, moveSchema);
    const from = await authority().write(principal, async (shop, draft, by) => {
      if (!allow_backwards) await requireForward(draft, name, change_id);
      return moveBookmark(shop, draft, name, change_id, by);
    });
    return context.json({ ...show(repo, { name, change: change_id }), from_change_id: from });
  });

  router.delete('/:org/:repo/bookmarks/:bookmark', async (context) => {
    const { principal, authority } = await accessRepo(context, backend, 'write');
    const name = context.req.param('bookmark');
    await authority().write(principal, (shop, draft, by) => deleteBookmark(shop, draft, name, by));
    return context.json({ success: true });
  });
};

/** @throws ApiError STALE_BASE when `to` does not stand on where the bookmark is */
async function requireForward(view: RepoView, name: string, to: string): Promise<void> {
  const from = await requireBookmark(view, name);
  if (from === to || from === VIRTUAL_ROOT_CHANGE_ID) return;
  const forward = to !== VIRTUAL_ROOT_CHANGE_ID && (await commonAncestors(view, [from], to)).includes(from);
  if (forward) return;
  throw new ApiError('STALE_BASE', `Moving "${name}" from ${from} to ${to} would not move it forward; say allow_backwards: true to do it all the same.`, {
    bookmark: name,
    change_id: from,
  });
}

function show(repo: RepoRecord, { name, change }: BookmarkRecord): object {
  return { name, change_id: change, is_default: name === repo.defaultBookmark };
}

const createSchema = v.object({ name: bookmarkNameSchema, change_id: changeIdSchema });
const moveSchema = v.object({ change_id: changeIdSchema, allow_backwards: v.optional(v.boolean()) });
const mergeSchema = v.object({
  target: v.string(),
  source: v.string(),
  delete_source: v.optional(v.boolean()),
  allow_conflicted: v.optional(v.boolean()),
  message: v.optional(messageSchema),
  resolutions: v.optional(resolutionsSchema),
});
