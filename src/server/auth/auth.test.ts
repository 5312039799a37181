import { createHmac, createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { SseReader, TestBackend } from '../test-support.ts';

let backend: TestBackend;
let keyId: string;

beforeEach(async () => {
  backend = await TestBackend.start();
  await backend.repo('app');
  await backend.repo('web');
  keyId = String((await backend.json('GET', '/whoami')).body['key_id']);
});

interface TokenParts {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  secret?: string;
}

/** Signs a token as the published client does, from the public description of its form. */
function sign(key: string, id: string, { header = {}, claims = {}, secret }: TokenParts = {}): string {
  const now = Math.floor(backend.clock.now() / 1000);
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = encode({ alg: 'HS256', typ: 'mesa-at+jwt', kid: `${id}.v1`, ...header });
  const body = encode({ iss: id, aud: 'mesa-api', scopes: ['read', 'write'], repos: null, iat: now, exp: now + 3600, jti: 'j', ...claims });
  const hmacKey = secret ?? createHash('sha256').update(key).digest('base64url');
  return `${head}.${body}.${createHmac('sha256', hmacKey).update(`${head}.${body}`).digest('base64url')}`;
}

const whoami = (key: string): Promise<{ status: number; body: Record<string, unknown> }> => backend.json('GET', '/whoami', undefined, { key });

describe('a key', () => {
  test('says who it is', async () => {
    expect(await whoami(backend.adminKey)).toMatchObject({
      status: 200,
      body: { org: { slug: 'acme' }, key_name: 'admin', scopes: ['read', 'write', 'admin'] },
    });
  });

  test('is stored as its hash only', async () => {
    const record = await backend.storage.key(keyId);
    expect(record?.hash).toBe(createHash('sha256').update(backend.adminKey).digest('base64url'));
    expect(JSON.stringify(record)).not.toContain(backend.adminKey);
  });

  test.each([
    ['no header', {}, /missing/],
    ['another scheme', { Authorization: 'Basic abc' }, /missing/],
    ['an unknown key', { Authorization: 'Bearer mesa_nobody' }, /^The API key is not known/],
    ['nonsense', { Authorization: 'Bearer x' }, /^The access token or API key is not known/],
    ['half a token', { Authorization: 'Bearer a.b.c' }, /^The access token is not valid/],
  ])('%s is answered 401', async (_name, headers, message) => {
    const response = await backend.handler(new Request('http://test/v1/whoami', { headers: headers as Record<string, string> }));
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'UNAUTHORIZED', message: expect.stringMatching(message) as string } });
  });

  test('that ran out or was revoked is answered 401', async () => {
    const key = await backend.key({ expiresAt: backend.clock.now() + 1000 });
    expect((await whoami(key)).status).toBe(200);
    backend.clock.advance(1000);
    expect(await whoami(key)).toMatchObject({ status: 401, body: { error: { code: 'UNAUTHORIZED' } } });
    const created = await backend.json<{ id: string; key: string }>('POST', '/acme/api-keys', { name: 'short' });
    expect((await whoami(created.body.key)).status).toBe(200);
    expect((await backend.request('DELETE', `/acme/api-keys/${created.body.id}`)).status).toBe(200);
    expect(await whoami(created.body.key)).toMatchObject({ status: 401 });
    const listed = await backend.json<{ api_keys: { id: string }[] }>('GET', '/acme/api-keys?status=revoked');
    expect(listed.body.api_keys.map(({ id }) => id)).toEqual([created.body.id]);
  });

  test('reaches its scopes and those below them, and no org but its own', async () => {
    const read = await backend.key({ scopes: ['read'] });
    const write = await backend.key({ scopes: ['write'] });
    const change = { base_change_id: 'z'.repeat(32) };
    expect((await backend.request('GET', '/acme/app', undefined, { key: read })).status).toBe(200);
    expect(await backend.json('POST', '/acme/app/changes', change, { key: read })).toMatchObject({
      status: 403,
      body: { error: { code: 'FORBIDDEN', details: { needed: 'write', held: 'read' } } },
    });
    expect((await backend.request('POST', '/acme/app/changes', change, { key: write })).status).toBe(201);
    for (const [method, path] of [
      ['POST', '/acme/repos'],
      ['DELETE', '/acme/app'],
      ['GET', '/acme/api-keys'],
    ] as const)
      expect((await backend.request(method, path, method === 'POST' ? {} : undefined, { key: write })).status).toBe(403);
    expect((await backend.request('GET', '/other/app', undefined, { key: write })).status).toBe(403);
  });

  test('is not made of a request with a member that there is not: it would have more rights than were meant', async () => {
    const { status, body } = await backend.json<{ error: { message: string } }>('POST', '/acme/api-keys', { name: 'ci', scope: ['read'] });
    expect(status).toBe(400);
    expect(body.error.message).toContain('scope');
  });

  test('limited to repos sees those only', async () => {
    const repo = await backend.storage.repoByName(backend.orgId, 'web');
    const key = await backend.key({ scopes: ['admin'], repoIds: [repo?.id ?? ''] });
    expect((await backend.json<{ repos: { name: string }[] }>('GET', '/acme/repos', undefined, { key })).body.repos.map(({ name }) => name)).toEqual(['web']);
    expect(await backend.json('GET', '/acme', undefined, { key })).toMatchObject({ body: { num_repos: 1 } });
    expect(await backend.json('GET', '/acme/app', undefined, { key })).toMatchObject({ status: 404, body: { error: { code: 'REPO_NOT_FOUND' } } });
    expect((await backend.request('GET', `/acme/-/events?room=app@main`, undefined, { key })).status).toBe(404);
    expect((await backend.request('POST', '/acme/repos', { name: 'new' }, { key })).status).toBe(403);
    expect((await backend.request('POST', '/acme/api-keys', { name: 'wider' }, { key })).status).toBe(403);
    expect((await backend.request('POST', '/acme/api-keys', { name: 'same', repo_ids: [repo?.id] }, { key })).status).toBe(201);
  });
});

describe('an access token', () => {
  test('signed by a key is that key, clamped', async () => {
    expect(await whoami(sign(backend.adminKey, keyId))).toMatchObject({ status: 200, body: { key_id: keyId, scopes: ['read', 'write'] } });
    const reader = await backend.json<{ id: string; key: string }>('POST', '/acme/api-keys', { scopes: ['read'] });
    expect(await whoami(sign(reader.body.key, reader.body.id, { claims: { scopes: ['admin'] } }))).toMatchObject({ body: { scopes: ['read'] } });
  });

  test('is limited to the repos it names', async () => {
    const key = sign(backend.adminKey, keyId, { claims: { repos: ['acme/app'] } });
    expect((await backend.request('GET', '/acme/app', undefined, { key })).status).toBe(200);
    expect((await backend.request('GET', '/acme/web', undefined, { key })).status).toBe(404);
    expect(await backend.json('GET', '/acme', undefined, { key })).toMatchObject({ body: { num_repos: 1 } });
  });

  test('limited to a repo hears no more of it under another name', async () => {
    const key = sign(backend.adminKey, keyId, { claims: { repos: ['acme/app'] } });
    const events = new SseReader(await backend.request('GET', '/acme/-/events?room=app@main', undefined, { key }));
    await events.next();
    await backend.request('PATCH', '/acme/app', { name: 'secret' });
    const made = await backend.json<{ id: string }>('POST', '/acme/secret/changes', { base_change_id: 'z'.repeat(32) });
    await backend.request('PATCH', '/acme/secret/bookmarks/main', { change_id: made.body.id });
    const told = [await events.next(), await events.next(), await events.next()];
    expect(told.map((event) => event?.event)).toEqual(['reset', 'bye', undefined]);
  });

  test('ends when it says, and when its key does', async () => {
    const token = sign(backend.adminKey, keyId, { claims: { exp: Math.floor(backend.clock.now() / 1000) + 10 } });
    expect((await whoami(token)).status).toBe(200);
    backend.clock.advance(10_000);
    expect(await whoami(token)).toMatchObject({ status: 401, body: { error: { code: 'TOKEN_EXPIRED' } } });
    const late = sign(backend.adminKey, keyId, { claims: { iat: 1, exp: 2 } });
    expect(await whoami(late)).toMatchObject({ status: 401, body: { error: { code: 'TOKEN_EXPIRED' } } });
    const created = await backend.json<{ id: string; key: string }>('POST', '/acme/api-keys', {});
    const other = sign(created.body.key, created.body.id);
    expect((await whoami(other)).status).toBe(200);
    await backend.request('DELETE', `/acme/api-keys/${created.body.id}`);
    expect((await whoami(other)).status).toBe(401);
  });

  test('makes no keys', async () => {
    const key = sign(backend.adminKey, keyId, { claims: { scopes: ['admin'] } });
    expect((await backend.request('POST', '/acme/api-keys', {}, { key })).status).toBe(403);
    expect((await backend.request('GET', '/acme/api-keys', undefined, { key })).status).toBe(200);
  });

  test('limited to some repos sees and alters no keys but those of its repos', async () => {
    const app = await backend.storage.repoByName(backend.orgId, 'app');
    const token = sign(backend.adminKey, keyId, { claims: { scopes: ['admin'], repos: ['acme/app', 'other/web'] } });
    const make = async (body: object): Promise<string> => (await backend.json<{ id: string }>('POST', '/acme/api-keys', body)).body.id;
    const [wide, own] = [await make({ name: 'wide' }), await make({ name: 'own', repo_ids: [app?.id] })];
    const { body } = await backend.json<{ api_keys: { id: string }[] }>('GET', '/acme/api-keys', undefined, { key: token });
    expect(body.api_keys.map(({ id }) => id)).toEqual([own]);
    for (const id of [wide, keyId]) {
      expect((await backend.request('PATCH', `/acme/api-keys/${id}`, { tags: { a: 'b' } }, { key: token })).status).toBe(404);
      expect((await backend.request('DELETE', `/acme/api-keys/${id}`, undefined, { key: token })).status).toBe(404);
      expect(await backend.storage.key(id)).toMatchObject({ revokedAt: null, tags: {} });
    }
    expect((await backend.request('DELETE', `/acme/api-keys/${own}`, undefined, { key: token })).status).toBe(200);
  });

  const bad: [string, TokenParts, RegExp][] = [
    ['signed with the key itself', { secret: 'raw' }, /signature/],
    ['of another type', { header: { typ: 'JWT' } }, /header/],
    ['without an algorithm', { header: { alg: 'none' } }, /header/],
    ['with another key id than its issuer', { header: { kid: 'key_x.v1' } }, /issuer/],
    ['of an unknown key', { claims: { iss: 'key_x' }, header: { kid: 'key_x.v1' } }, /signature/],
    ['for another audience', { claims: { aud: 'other' } }, /claims/],
    ['without scopes', { claims: { scopes: [] } }, /scope/],
    ['that lives more than a day', { claims: { exp: 4_000_000_000 } }, /24 hours/],
    ['of a time no calendar has', { claims: { iat: -1e300, exp: -1e300 } }, /claims/],
    ['from the future', { claims: { iat: 3_999_999_999, exp: 4_000_000_000 } }, /future/],
  ];
  test.each(bad)('%s is answered 401', async (_name, parts, message) => {
    const secret = parts.secret === 'raw' ? { secret: backend.adminKey } : {};
    const token = sign(backend.adminKey, keyId, { ...parts, ...secret });
    expect(await whoami(token)).toMatchObject({ status: 401, body: { error: { code: 'UNAUTHORIZED', message: expect.stringMatching(message) as string } } });
  });

  test('that was altered anywhere is answered 401', async () => {
    const token = sign(backend.adminKey, keyId);
    for (let place = 0; place < token.length - 2; place += 7) {
      const altered = token.slice(0, place) + (token[place] === 'A' ? 'B' : 'A') + token.slice(place + 1);
      expect((await whoami(altered)).status, altered).toBe(401);
    }
  });
});

describe('API keys over REST', () => {
  test('are made, listed, tagged and filtered', async () => {
    const repo = await backend.storage.repoByName(backend.orgId, 'app');
    const made = await backend.json<{ id: string; key: string }>('POST', '/acme/api-keys', {
      name: 'CI key',
      scopes: ['read'],
      repo_ids: [repo?.id],
      expires_in_seconds: 100,
      tags: { Team: 'x' },
    });
    expect(made).toMatchObject({ status: 201, body: { name: 'CI key', scopes: ['read'], repo_ids: [repo?.id], tags: { team: 'x' } } });
    expect(made.body.key).toMatch(/^mesa_[A-Za-z0-9_-]{43}$/);
    expect((await backend.json('PATCH', `/acme/api-keys/${made.body.id}`, { tags: { team: null, env: 'prod' } })).body).toEqual({ tags: { env: 'prod' } });
    const list = async (query: string): Promise<unknown[]> =>
      (await backend.json<{ api_keys: { name: string }[] }>('GET', `/acme/api-keys?${query}`)).body.api_keys.map(({ name }) => name);
    expect(await list('query=ci')).toEqual(['CI key']);
    expect(await list('scope=admin')).toEqual(['admin']);
    expect(await list(`repo_id=${repo?.id}`)).toEqual(['CI key']);
    backend.clock.advance(100_000);
    expect([await list(''), await list('status=expired'), (await list('status=all')).length]).toEqual([['admin'], ['CI key'], 2]);
    expect(JSON.stringify((await backend.json('GET', '/acme/api-keys?status=all')).body)).not.toContain(made.body.key);
  });

  test('end with the key that made them at the latest', async () => {
    const ends = backend.clock.now() + 1_000_000;
    const key = await backend.key({ scopes: ['admin'], expiresAt: ends });
    const make = (body: object, by = key): Promise<{ status: number; body: Record<string, unknown> }> =>
      backend.json('POST', '/acme/api-keys', body, { key: by });
    const iso = (time: number): string => new Date(time).toISOString();
    const unsaid = await make({});
    expect(unsaid).toMatchObject({ status: 201, body: { expires_at: iso(ends) } });
    expect(await make({ expires_in_seconds: 1_000 })).toMatchObject({ status: 201, body: { expires_at: iso(ends) } });
    expect(await make({ expires_in_seconds: 500 })).toMatchObject({ status: 201, body: { expires_at: iso(ends - 500_000) } });
    const later = await make({ expires_in_seconds: 1_001 });
    expect(later).toMatchObject({ status: 403, body: { error: { code: 'FORBIDDEN' } } });
    expect(JSON.stringify(later.body)).toMatch(new RegExp(`${iso(ends + 1_000)}.*${iso(ends)}`));
    expect(await make({}, backend.adminKey)).toMatchObject({ status: 201, body: { expires_at: null } });
    backend.clock.advance(1_000_000);
    expect((await whoami(String(unsaid.body['key']))).status).toBe(401);
  });

  test.each([
    ['an unknown scope', { scopes: ['root'] }, 400],
    ['no scope', { scopes: [] }, 400],
    ['a life too short', { expires_in_seconds: 99 }, 400],
    ['a life too long', { expires_in_seconds: 31_536_001 }, 400],
    ['an unknown repo', { repo_ids: ['nowhere'] }, 404],
    ['a list', [], 400],
  ])('%s is refused', async (_name, body, status) => {
    expect((await backend.request('POST', '/acme/api-keys', body)).status).toBe(status);
    expect((await backend.json<{ api_keys: unknown[] }>('GET', '/acme/api-keys?status=all')).body.api_keys).toHaveLength(1);
  });
});

test('a key tagged by several at once keeps what each of them set', async () => {
  const { id } = (await backend.json<{ id: string }>('POST', '/acme/api-keys', { tags: { old: '0' } })).body;
  const patches = [{ a: '1' }, { b: '2', old: null }].map((tags) => backend.request('PATCH', `/acme/api-keys/${id}`, { tags }));
  expect((await Promise.all(patches)).map(({ status }) => status)).toEqual([200, 200]);
  expect(await backend.storage.key(id)).toMatchObject({ tags: { a: '1', b: '2' } });
});
