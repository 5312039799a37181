import * as v from 'valibot';
import { VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { ApiError } from '../../wire/errors.ts';
import { listOf } from '../../wire/validation.ts';
import { unknownBookmark } from '../authority/view.ts';
import { newId } from '../auth/keys.ts';
import type { Principal } from '../auth/principal.ts';
import { isLimited, reaches } from '../auth/principal.ts';
import type { Backend, Routes } from '../backend.ts';
import { access, accessRepo } from '../backend.ts';
import { readJson } from '../body.ts';
import { collect, makePage, readPage } from '../pages.ts';
import { bookmarkNameSchema, repoNameSchema } from '../schemas.ts';
import type { RepoPatch } from '../storage/interface.ts';
import { unknownRepo } from '../storage/patch-tags.ts';
import type { RepoRecord } from '../storage/records.ts';
import { parseTagFilter, tagKeySchema, tagPatchSchema, tagsSchema, tagValueSchema } from '../tags.ts';
import { notImplemented } from './unsupported.ts';

/** Rows read at a time while a filter looks for its matches. */
const SCAN = 200;

/** Repos: list, create, get, patch, delete, and tags of many at once. */
export const repoRoutes: Routes = (router, backend) => {
  const { storage, env } = backend;

  router.get('/:org/repos', async (context) => {
    const principal = access(context, 'read');
    const { after, limit } = readPage((name) => context.req.query(name));
    const tags = context.req.query('tags');
    const passes = tags === undefined || tags === '' ? () => true : parseTagFilter(tags);
    const keep = (repo: RepoRecord): boolean => reaches(principal, repo) && passes(repo.tags);
    const read = (place: string | null): Promise<RepoRecord[]> => storage.listRepos(principal.orgId, { after: place, limit: SCAN });
    const { rows, info } = makePage(await collect(read, ({ name }) => name, keep, after, limit + 1), limit, ({ name }) => name);
    return context.json({ ...info, repos: await Promise.all(rows.map((repo) => show(backend, principal, repo))) });
  });

  router.post('/:org/repos', async (context) => {
    const principal = access(context, 'admin');
    if (isLimited(principal)) throw new ApiError('FORBIDDEN', 'This credential is limited to some repos and cannot make others; use one for the whole org.');
    const {
      name = newId('repo', (bytes) => env.random(bytes)),
      default_bookmark = 'main',
      tags = {},
      upstream = null,
    } = await readJson(context.req.raw, createSchema);
    if (upstream !== null) throw notImplemented('Upstream remotes are');
    const id = newId('repo', (bytes) => env.random(bytes));
    const repo = { id, orgId: principal.orgId, name, defaultBookmark: default_bookmark, tags, createdAt: env.clock.now() };
    await storage.createRepo(repo);
    return context.json(await show(backend, principal, repo), 201);
  });

  router.patch('/:org/repos/tags', async (context) => {
    const principal = access(context, 'admin');
    const { repo_ids, action, key, value } = await readJson(context.req.raw, bulkTagsSchema);
    if (action === 'set' && value === undefined) throw new ApiError('INVALID_REQUEST', `Setting the tag "${key}" takes a value; give one, or remove the tag.`);
    const repos = await Promise.all(repo_ids.map((id) => storage.repo(id)));
    const found = repos.filter((repo) => repo !== null).filter((repo) => reaches(principal, repo));
    const unknown = repo_ids.filter((id) => !found.some((repo) => repo.id === id));
    if (unknown.length > 0) throw unknownRepo(unknown);
    await storage.tagRepos(repo_ids, { [key]: action === 'set' ? (value ?? '') : null });
    return context.json({ updated: found.length });
  });

  router.get('/:org/:repo', async (context) => {
    const { principal, repo } = await accessRepo(context, backend, 'read');
    return context.json(await show(backend, principal, repo));
  });

  router.patch('/:org/:repo', async (context) => {
    const { principal, repo } = await accessRepo(context, backend, 'admin');
    const { name, default_bookmark, tags, upstream = null } = await readJson(context.req.raw, updateSchema);
    if (upstream !== null) throw notImplemented('Upstream remotes are');
    const patch = {
      ...(name === undefined ? {} : { name }),
      ...(default_bookmark === undefined ? {} : { defaultBookmark: default_bookmark }),
      ...(tags === undefined ? {} : { tags }),
    };
    const updated = await update(backend, principal, repo, patch);
    // Events have the name they began with: whoever listens looks anew, and finds that it is gone.
    if (updated.name !== repo.name) {
      backend.hub.reset(repo.id);
      backend.streams.endRepo(repo.id);
    }
    return context.json(await show(backend, principal, updated));
  });

  router.delete('/:org/:repo', async (context) => {
    const { repo, authority } = await accessRepo(context, backend, 'admin');
    await authority().exclusive(() => storage.deleteRepo(repo.id));
    await backend.authorities.drop(repo.id);
    backend.hub.reset(repo.id);
    return context.json({ success: true });
  });
};

/** Alters a repo's settings while nothing is written to it, and answers it as it is then. */
async function update({ storage, authorities }: Backend, principal: Principal, repo: RepoRecord, patch: RepoPatch): Promise<RepoRecord> {
  return authorities.of(repo, principal.orgSlug).exclusive(async () => {
    const { defaultBookmark } = patch;
    if (defaultBookmark !== undefined && (await storage.bookmark(repo.id, defaultBookmark)) === null) {
      throw unknownBookmark(defaultBookmark, repo.name);
    }
    const updated = await storage.updateRepo(repo.id, patch);
    if (updated === null) throw unknownRepo([repo.id]);
    return updated;
  });
}

async function show({ storage }: Backend, principal: Principal, repo: RepoRecord): Promise<object> {
  const head = await storage.bookmark(repo.id, repo.defaultBookmark);
  return {
    id: repo.id,
    org: principal.orgSlug,
    name: repo.name,
    default_bookmark: repo.defaultBookmark,
    head_change_id: head?.change ?? VIRTUAL_ROOT_CHANGE_ID,
    upstream: null,
    created_at: new Date(repo.createdAt).toISOString(),
    tags: repo.tags,
  };
}

const upstream = v.nullish(v.object({ url: v.string() }));
const createSchema = v.object({ name: v.optional(repoNameSchema), default_bookmark: v.optional(bookmarkNameSchema), tags: v.optional(tagsSchema), upstream });
const updateSchema = v.object({
  name: v.optional(repoNameSchema),
  default_bookmark: v.optional(bookmarkNameSchema),
  tags: v.optional(tagPatchSchema),
  upstream,
});
const bulkTagsSchema = v.object({
  repo_ids: listOf(v.string(), 1_000, 'repos'),
  action: v.picklist(['set', 'remove']),
  key: tagKeySchema,
  value: v.optional(tagValueSchema),
});
