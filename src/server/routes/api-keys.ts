import * as v from 'valibot';
import { ApiError, quote } from '../../wire/errors.ts';
import { listOf } from '../../wire/validation.ts';
import { makeApiKey } from '../auth/keys.ts';
import type { Principal } from '../auth/principal.ts';
import { includesScope, strongest } from '../auth/principal.ts';
import type { Backend, Routes } from '../backend.ts';
import { access, reachedRepos } from '../backend.ts';
import { check, readJson } from '../body.ts';
import { collect, makePage, readPage } from '../pages.ts';
import { unknownRepo } from '../storage/patch-tags.ts';
import type { KeyRecord } from '../storage/records.ts';
import { tagPatchSchema, tagsSchema } from '../tags.ts';

const SCAN = 200;

/**
 * API keys: list, create, tag, revoke. Only a key itself makes keys: a token lives a day at most and must not outlive itself. Nor may
 * a key that runs out: those it makes end with it unless they are given an earlier end, and a later one is refused.
 */
export const apiKeyRoutes: Routes = (router, backend) => {
  const { storage, env } = backend;

  router.get('/:org/api-keys', async (context) => {
    const principal = access(context, 'admin');
    const { after, limit } = readPage((name) => context.req.query(name));
    const filter = check(context.req.query(), listSchema, 'The query');
    const reached = await reachedRepos(backend, principal);
    const keep = (key: KeyRecord): boolean => covers(reached, key) && matches(key, filter, env.clock.now());
    const read = (place: string | null): Promise<KeyRecord[]> => storage.listKeys(principal.orgId, { after: place, limit: SCAN });
    const { rows, info } = makePage(await collect(read, ({ id }) => id, keep, after, limit + 1), limit, ({ id }) => id);
    return context.json({ ...info, api_keys: rows.map(show) });
  });

  router.post('/:org/api-keys', async (context) => {
    const principal = access(context, 'admin');
    if (principal.viaToken) throw new ApiError('FORBIDDEN', 'An access token cannot make API keys; send an API key with the scope "admin".');
    const { name = null, scopes = ['read', 'write'], repo_ids = null, expires_in_seconds, tags = {} } = await readJson(context.req.raw, createSchema);
    const repoIds = await checkRepos(backend, principal, repo_ids);
    if (!includesScope(principal.scope, strongest(scopes)))
      throw new ApiError('FORBIDDEN', `A key cannot have more rights than the one that makes it ("${principal.scope}").`);
    const now = env.clock.now();
    const ends = principal.expiresAt;
    const expiresAt = expires_in_seconds === undefined ? ends : now + expires_in_seconds * 1000;
    if (ends !== null && expiresAt !== null && expiresAt > ends)
      throw new ApiError(
        'FORBIDDEN',
        `A key cannot have a later end (${iso(expiresAt)}) than the one that makes it (${iso(ends)}); leave expires_in_seconds out.`,
      );
    const { key, record } = await makeApiKey(principal.orgId, { name, scopes, repoIds, tags, expiresAt }, now, (bytes) => env.random(bytes));
    await storage.createKey(record);
    return context.json({ id: record.id, key, name, scopes, repo_ids: repoIds, tags, expires_at: iso(expiresAt), created_at: iso(now) }, 201);
  });

  router.patch('/:org/api-keys/:id', async (context) => {
    const key = await requireKey(backend, access(context, 'admin'), context.req.param('id'));
    const { tags } = await readJson(context.req.raw, v.object({ tags: tagPatchSchema }));
    return context.json({ tags: (await storage.updateKey(key.id, { tags }))?.tags ?? {} });
  });

  router.delete('/:org/api-keys/:id', async (context) => {
    const key = await requireKey(backend, access(context, 'admin'), context.req.param('id'));
    if (key.revokedAt === null) await storage.updateKey(key.id, { revokedAt: env.clock.now() });
    backend.streams.endKey(key.id);
    return context.json({ success: true });
  });
};

async function requireKey(backend: Backend, principal: Principal, id: string): Promise<KeyRecord> {
  const key = await backend.storage.key(id);
  if (key !== null && key.orgId === principal.orgId && covers(await reachedRepos(backend, principal), key)) return key;
  throw new ApiError('NOT_FOUND', `There is no API key ${quote(id)} in ${principal.orgSlug}.`, { id });
}

/** A credential limited to some repos sees and alters only keys limited to those. */
function covers(reached: ReadonlySet<string> | null, key: KeyRecord): boolean {
  return reached === null || (key.repoIds !== null && key.repoIds.every((id) => reached.has(id)));
}

async function checkRepos({ storage }: Backend, principal: Principal, ids: string[] | null): Promise<string[] | null> {
  if (ids === null) {
    if (principal.repoIds !== null) throw new ApiError('FORBIDDEN', 'This key is limited to some repos; name those the new key is for in repo_ids.');
    return null;
  }
  for (const id of ids) {
    const repo = await storage.repo(id);
    const reached = repo?.orgId === principal.orgId && (principal.repoIds === null || principal.repoIds.has(id));
    if (!reached) throw unknownRepo([id]);
  }
  return ids;
}

type Filter = v.InferOutput<typeof listSchema>;

function matches(key: KeyRecord, { query, status, scope, repo_id }: Filter, now: number): boolean {
  if (query !== undefined && key.name?.toLowerCase().includes(query.toLowerCase()) !== true) return false;
  if (scope !== undefined && !key.scopes.includes(scope)) return false;
  if (repo_id !== undefined && key.repoIds?.includes(repo_id) !== true) return false;
  const state = key.revokedAt !== null ? 'revoked' : key.expiresAt !== null && key.expiresAt <= now ? 'expired' : 'active';
  return status === 'all' || state === status;
}

function show(key: KeyRecord): object {
  return {
    id: key.id,
    name: key.name,
    scopes: key.scopes,
    repo_ids: key.repoIds,
    metadata: null,
    tags: key.tags,
    last_used_at: iso(key.lastUsedAt),
    expires_at: iso(key.expiresAt),
    revoked_at: iso(key.revokedAt),
    created_at: iso(key.createdAt),
  };
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

const scopeSchema = v.picklist(['read', 'write', 'admin']);
const listSchema = v.object({
  query: v.optional(v.string()),
  status: v.optional(v.picklist(['active', 'revoked', 'expired', 'all']), 'active'),
  scope: v.optional(scopeSchema),
  repo_id: v.optional(v.string()),
});
// What is misspelt would leave the key with more rights than were meant.
const createSchema = v.strictObject({
  name: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(100, 'a key name has at most 100 characters'),
      v.check((name) => name.isWellFormed(), 'a key name is valid Unicode'),
    ),
  ),
  scopes: v.optional(v.pipe(v.array(scopeSchema), v.minLength(1, 'a key has at least one scope'))),
  repo_ids: v.optional(v.pipe(listOf(v.string(), 1_000, 'repos'), v.minLength(1, 'leave repo_ids out for all repos'))),
  expires_in_seconds: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(100, 'a key lives at least 100 seconds'),
      v.maxValue(31_536_000, 'a key lives at most 365 days (31536000 seconds)'),
    ),
  ),
  tags: v.optional(tagsSchema),
});
