import { beforeEach, describe, expect, test } from 'vitest';
import { clientId, TestBackend } from '../test-support.ts';

const ROOT = 'z'.repeat(32);
let backend: TestBackend;

beforeEach(async () => {
  backend = await TestBackend.start();
});

const make = (body: object): Promise<{ status: number; body: Record<string, unknown> & { id: string } }> => backend.json('POST', '/acme/repos', body);
const names = async (query = ''): Promise<string[]> =>
  (await backend.json<{ repos: { name: string }[] }>('GET', `/acme/repos?${query}`)).body.repos.map(({ name }) => name);

test('an org counts its repos', async () => {
  await backend.repo();
  expect((await backend.json('GET', '/acme')).body).toEqual({ created_at: '2026-01-02T03:04:05.000Z', num_repos: 1 });
});

describe('a repo', () => {
  test('is made empty, with a name of its own where none is given', async () => {
    expect(await make({ name: 'app', default_bookmark: 'trunk', tags: { Env: 'prod' } })).toMatchObject({
      status: 201,
      body: {
        org: 'acme',
        name: 'app',
        default_bookmark: 'trunk',
        head_change_id: ROOT,
        upstream: null,
        created_at: '2026-01-02T03:04:05.000Z',
        tags: { env: 'prod' },
      },
    });
    expect((await make({})).body).toMatchObject({ name: expect.stringMatching(/^repo_/) as string });
  });

  test('is renamed, tagged, given another default bookmark, and deleted with all it holds', async () => {
    await backend.repo();
    await backend.request('POST', '/acme/app/bookmarks', { name: 'other', change_id: ROOT });
    const { body } = await backend.json('PATCH', '/acme/app', { name: 'web', default_bookmark: 'other', tags: { a: '1', b: '2' } });
    expect(body).toMatchObject({ name: 'web', default_bookmark: 'other', tags: { a: '1', b: '2' } });
    expect((await backend.json('PATCH', '/acme/web', { tags: { a: null } })).body).toMatchObject({ tags: { b: '2' } });
    expect((await backend.request('GET', '/acme/app')).status).toBe(404);
    const X = 'k'.repeat(32);
    await backend.op(clientId('a'), { seq: 1, kind: 'files', target: { bookmark: 'other', newChange: X }, edits: [backend.write('a', '1')] }, ['1'], {
      repo: 'web',
    });
    expect((await backend.json('DELETE', '/acme/web')).body).toEqual({ success: true });
    expect((await backend.request('GET', '/acme/web')).status).toBe(404);
    await backend.repo('web');
    expect((await backend.json('GET', '/acme/web/content')).body).toMatchObject({ child_count: 0 });
  });

  test('goes by its new name while it is written to', async () => {
    await backend.repo();
    const X = 'k'.repeat(32);
    const write = (seq: number, repo: string): Promise<unknown> =>
      backend.op(clientId('a'), { seq, kind: 'files', target: { bookmark: 'main', newChange: X }, edits: [backend.write(`f${seq}`, '1')] }, ['1'], { repo });
    await Promise.all([write(1, 'app'), backend.request('PATCH', '/acme/app', { name: 'web' })]);
    await write(2, 'web');
    expect((await backend.json('GET', '/acme/web/content')).body).toMatchObject({ child_count: 2 });
  });

  test('tagged by several at once keeps what each of them set', async () => {
    const { id } = await backend.repo();
    const bulk = { repo_ids: [id], action: 'set', key: 'c', value: '3' };
    const patches = [{ a: '1' }, { b: '2' }].map((tags) => backend.request('PATCH', '/acme/app', { tags }));
    const answers = await Promise.all([...patches, backend.request('PATCH', '/acme/repos/tags', bulk)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await backend.json('GET', '/acme/app')).body).toMatchObject({ tags: { a: '1', b: '2', c: '3' } });
  });

  test.each([
    ['a name with a slash', { name: 'a/b' }, 400, 'INVALID_REQUEST'],
    ['a name the API uses', { name: 'api-keys' }, 400, 'INVALID_REQUEST'],
    ['a bookmark that is none', { name: 'x', default_bookmark: 'a b' }, 400, 'INVALID_REQUEST'],
    ['a tag key too long', { name: 'x', tags: { ['k'.repeat(65)]: '' } }, 400, 'INVALID_REQUEST'],
    ['a tag value too long', { name: 'x', tags: { k: 'v'.repeat(257) } }, 400, 'INVALID_REQUEST'],
    ['a tag key that is lost in lower case', { name: 'x', tags: { __PROTO__: 'v' } }, 400, 'INVALID_REQUEST'],
    ['an upstream', { name: 'x', upstream: { url: 'https://example.com/x.git' } }, 501, 'NOT_IMPLEMENTED'],
    ['a name that is taken', { name: 'app' }, 409, 'ALREADY_EXISTS'],
  ])('with %s is refused', async (_name, body, status, code) => {
    await backend.repo();
    expect(await make(body)).toMatchObject({ status, body: { error: { code } } });
    expect(await names()).toEqual(['app']);
  });

  test('patched wrongly stays as it is', async () => {
    await backend.repo();
    await backend.repo('web');
    const before = (await backend.json('GET', '/acme/app')).body;
    for (const [body, status] of [
      [{ name: 'web' }, 409],
      [{ default_bookmark: 'nowhere', name: 'new' }, 404],
      [{ upstream: { url: 'x' }, name: 'new' }, 501],
      [{ name: 5 }, 400],
    ] as const)
      expect((await backend.request('PATCH', '/acme/app', body)).status).toBe(status);
    expect((await backend.json('GET', '/acme/app')).body).toEqual(before);
  });
});

describe('the list of repos', () => {
  beforeEach(async () => {
    await make({ name: 'a', tags: { env: 'prod', team: 'agents' } });
    await make({ name: 'b', tags: { env: 'dev', team: 'Agents' } });
    await make({ name: 'c', tags: { env: 'production' } });
    await make({ name: 'd' });
  });

  test('comes page by page', async () => {
    const first = (await backend.json<{ next_cursor: string; has_more: boolean; repos: unknown[] }>('GET', '/acme/repos?limit=3')).body;
    expect(first).toMatchObject({ has_more: true, repos: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] });
    expect(await names(`limit=3&cursor=${first.next_cursor}`)).toEqual(['d']);
    expect((await backend.request('GET', '/acme/repos?cursor=!')).status).toBe(400);
  });

  test.each([
    ['env:prod', ['a']],
    ['env:PROD,team:agents', ['a']],
    ['team:agents', ['a', 'b']],
    [{ env: 'prod' }, ['a']],
    [{ env: ['prod', 'dev'] }, ['a', 'b']],
    [{ env: { $starts_with: 'prod' } }, ['a', 'c']],
    [{ env: { $ends_with: 'tion' } }, ['c']],
    [{ env: { $contains: 'ro', $eq: 'prod' } }, ['a']],
    [{ env: { $in: ['DEV'] } }, ['b']],
    [{ env: { $exists: false } }, ['d']],
    [{ $not: { team: 'agents' } }, ['c', 'd']],
    [{ $or: [{ env: 'dev' }, { $and: [{ env: 'prod' }, { team: 'agents' }] }] }, ['a', 'b']],
    [{ $OR: [] }, []],
    [{ constructor: { $starts_with: 'x' } }, []],
    [JSON.parse('{"__proto__":{"$contains":"x"}}') as object, []],
  ])('is filtered by %j', async (filter, found) => {
    const text = typeof filter === 'string' ? filter : JSON.stringify(filter);
    expect(await names(`tags=${encodeURIComponent(text)}`)).toEqual(found);
  });

  test.each([
    'env',
    '{',
    '{"$where":1}',
    '{"env":{"$gt":1}}',
    '{"env":5}',
    '{"env":{"constructor":1}}',
    '{"env":{"$eq":{"toString":1}}}',
    '{"env":[{"toString":1}]}',
    '{"env":{"$in":"a"}}',
    '{"$and":{}}',
    `${'{"$not":'.repeat(40)}{}${'}'.repeat(40)}`,
  ])('refuses the filter %s', async (text) => {
    expect(await backend.json('GET', `/acme/repos?tags=${encodeURIComponent(text)}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'INVALID_REQUEST' } },
    });
  });

  test('has tags set and removed on many at once', async () => {
    const { repos } = (await backend.json<{ repos: { id: string }[] }>('GET', '/acme/repos')).body;
    const ids = repos.map(({ id }) => id);
    const set = { repo_ids: ids, action: 'set', key: 'Env', value: 'test' };
    expect((await backend.json('PATCH', '/acme/repos/tags', set)).body).toEqual({ updated: 4 });
    expect((await backend.json('PATCH', '/acme/repos/tags', set)).body).toEqual({ updated: 4 });
    expect(await names('tags=env:test')).toHaveLength(4);
    await backend.json('PATCH', '/acme/repos/tags', { repo_ids: ids.slice(1), action: 'remove', key: 'env' });
    expect(await names('tags=env:test')).toEqual(['a']);
    expect((await backend.request('PATCH', '/acme/repos/tags', { ...set, repo_ids: [...ids, 'nowhere'], value: 'x' })).status).toBe(404);
    expect(await names('tags=env:x')).toEqual([]);
    expect((await backend.request('PATCH', '/acme/repos/tags', { repo_ids: ids, action: 'set', key: 'a' })).status).toBe(400);
  });
});

test.each([
  ['GET', '/acme/webhook-targets'],
  ['POST', '/acme/webhook-targets'],
  ['PATCH', '/acme/webhook-targets/x'],
  ['GET', '/acme/app/upstream/syncs'],
  ['POST', '/acme/app/upstream/syncs'],
  ['GET', '/acme/app/upstream/syncs/x'],
])('%s %s says that it is not there', async (method, path) => {
  await backend.repo();
  expect(await backend.json(method, path, method === 'GET' ? undefined : {})).toMatchObject({ status: 501, body: { error: { code: 'NOT_IMPLEMENTED' } } });
});
