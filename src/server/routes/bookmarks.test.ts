import { beforeEach, describe, expect, test } from 'vitest';
import { TestBackend } from '../test-support.ts';

const ROOT = 'z'.repeat(32);
const AUTHOR = { name: 'Ann', email: 'ann@example.com' };
let backend: TestBackend;
let base: string;

beforeEach(async () => {
  backend = await TestBackend.start();
  await backend.repo();
  base = await create(ROOT, { a: '1\n2\n3\n', b: 'base\n' });
});

async function create(from: string, files: Record<string, string | null>): Promise<string> {
  const rows = Object.entries(files).map(([path, text]) => (text === null ? { path, action: 'delete' } : { path, content: btoa(text) }));
  return (await backend.json<{ id: string }>('POST', '/acme/app/changes', { base_change_id: from, message: 'm', author: AUTHOR, files: rows })).body.id;
}

const call = <T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<{ status: number; body: T }> =>
  backend.json<T>(method, `/acme/app/bookmarks${path}`, body);

describe('bookmarks', () => {
  test('are made, read, moved and deleted; a name may hold slashes', async () => {
    expect(await call('POST', '', { name: 'feature/x', change_id: base })).toEqual({
      status: 201,
      body: { name: 'feature/x', change_id: base, is_default: false },
    });
    expect((await call('GET', '/feature%2Fx')).body).toMatchObject({ name: 'feature/x' });
    const next = await create(base, { a: 'x' });
    expect((await call('PATCH', '/feature%2Fx', { change_id: next })).body).toEqual({
      name: 'feature/x',
      change_id: next,
      is_default: false,
      from_change_id: base,
    });
    expect((await call('PATCH', '/feature%2Fx', { change_id: base })).body).toMatchObject({ change_id: base });
    expect((await call('DELETE', '/feature%2Fx')).body).toEqual({ success: true });
    expect(await call('GET', '/feature%2Fx')).toMatchObject({ status: 404, body: { error: { code: 'BOOKMARK_NOT_FOUND' } } });
  });

  test.each(['100%', 'a%2Fb', 'ünï/cøde', "it's+1&2=3#4"])('may be named %s', async (name) => {
    expect((await call('POST', '', { name, change_id: base })).status).toBe(201);
    expect((await call('GET', `/${encodeURIComponent(name)}`)).body).toMatchObject({ name });
    expect((await call('DELETE', `/${encodeURIComponent(name)}`)).status).toBe(200);
  });

  test('are listed page by page, each once, whatever character their names begin with', async () => {
    const names = ['a1', 'b1', 'main', '\ufeffa', '\ufeffz'];
    for (const name of names) if (name !== 'main') await call('POST', '', { name, change_id: base });
    const listed: string[] = [];
    for (let cursor: string | null = ''; cursor !== null && listed.length < 10;) {
      const page: { bookmarks: { name: string }[]; next_cursor: string | null } = (await call<typeof page>('GET', `?limit=1&cursor=${cursor}`)).body;
      listed.push(...page.bookmarks.map(({ name }) => name));
      cursor = page.next_cursor;
    }
    expect(listed).toEqual(names);
  });

  test('move backwards unless the request forbids it', async () => {
    const next = await create(base, { a: 'x' });
    await call('PATCH', '/main', { change_id: next });
    expect(await call('PATCH', '/main', { change_id: base, allow_backwards: false })).toMatchObject({ status: 409, body: { error: { code: 'STALE_BASE' } } });
    expect(await call('PATCH', '/main', { change_id: next, allow_backwards: false })).toMatchObject({ status: 200 });
    expect(await call('PATCH', '/main', { change_id: base })).toMatchObject({ status: 200 });
    expect(await call('PATCH', '/main', { change_id: next, allow_backwards: false })).toMatchObject({ status: 200 });
  });

  test('of a strict server do not move backwards unless the request allows it', async () => {
    backend = await TestBackend.start({ strictBookmarkMoves: true });
    await backend.repo();
    base = await create(ROOT, { a: '1' });
    await call('PATCH', '/main', { change_id: await create(base, { a: '2' }) });
    expect(await call('PATCH', '/main', { change_id: base })).toMatchObject({ status: 409 });
    expect(await call('PATCH', '/main', { change_id: base, allow_backwards: true })).toMatchObject({ status: 200 });
  });

  test('are listed by name and glob, page by page', async () => {
    for (const name of ['s/1', 's/2', 's/3']) await call('POST', '', { name, change_id: base });
    const first = await call<{ bookmarks: { name: string }[]; next_cursor: string; has_more: boolean }>('GET', '?glob=s/*&limit=2');
    expect(first.body).toMatchObject({ bookmarks: [{ name: 's/1' }, { name: 's/2' }], has_more: true });
    expect((await call('GET', `?glob=s/*&limit=2&cursor=${first.body.next_cursor}`)).body).toEqual({
      bookmarks: [{ name: 's/3', change_id: base, is_default: false }],
      next_cursor: null,
      has_more: false,
    });
  });

  test.each([
    ['POST', '', { name: 'main', change_id: ROOT }, 409, 'ALREADY_EXISTS'],
    ['POST', '', { name: 'a b', change_id: ROOT }, 400, 'INVALID_REQUEST'],
    ['POST', '', { name: 'x', change_id: 'k'.repeat(32) }, 404, 'CHANGE_NOT_FOUND'],
    ['POST', '', { name: 'x' }, 400, 'INVALID_REQUEST'],
    ['PATCH', '/nowhere', { change_id: ROOT }, 404, 'BOOKMARK_NOT_FOUND'],
    ['PATCH', '/main', { change_id: 'k'.repeat(32) }, 404, 'CHANGE_NOT_FOUND'],
    ['DELETE', '/main', undefined, 409, 'LOCK_CONFLICT'],
    ['DELETE', '/nowhere', undefined, 404, 'BOOKMARK_NOT_FOUND'],
  ])('%s %s %j is answered %i %s', async (method, path, body, status, code) => {
    expect(await call(method, path, body)).toMatchObject({ status, body: { error: { code } } });
    expect((await call('GET', '')).body).toMatchObject({ bookmarks: [{ name: 'main', change_id: base, is_default: true }] });
  });
});

describe('merging', () => {
  /** Two bookmarks from one base. */
  async function diverge(target: Record<string, string | null>, source: Record<string, string | null>): Promise<{ target: string; source: string }> {
    const ids = { target: await create(base, target), source: await create(base, source) };
    await call('PATCH', '/main', { change_id: ids.target });
    await call('POST', '', { name: 'feature', change_id: ids.source });
    return ids;
  }

  const merge = (
    body: object = {},
  ): Promise<{ status: number; body: Record<string, unknown> & { change_id: string; error: { details: Record<string, unknown> } } }> =>
    call('POST', '/merge', { target: 'main', source: 'feature', ...body });

  test('clean makes a change with both as parents', async () => {
    const ids = await diverge({ a: 'one\n2\n3\n' }, { a: '1\n2\nthree\n', c: 'new\n' });
    const { status, body } = await merge();
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { merge_type: 'merge_commit', is_conflicted: false, target: 'main', source: 'feature', source_deleted: false },
    });
    expect((await backend.json('GET', `/acme/app/changes/${body.change_id}`)).body).toMatchObject({
      parents: [ids.target, ids.source],
      message: 'Merge feature into main',
      current_commit_oid: body['commit_oid'],
    });
    expect([await backend.read('a'), await backend.read('c')]).toEqual(['one\n2\nthree\n', 'new\n']);
    expect((await call('GET', '/feature')).body).toMatchObject({ change_id: ids.source });
  });

  test('what could be fast-forwarded makes a change all the same; the same commit is nothing to do', async () => {
    await call('POST', '', { name: 'feature', change_id: base });
    expect((await merge()).body).toMatchObject({ merge_type: 'no_op', change_id: base });
    await call('PATCH', '/feature', { change_id: await create(base, { b: 'next\n' }) });
    expect((await merge({ message: '', delete_source: true })).body).toMatchObject({ merge_type: 'merge_commit', source_deleted: true });
    expect(await backend.read('b')).toBe('next\n');
    expect((await call('GET', '/feature')).status).toBe(404);
  });

  test('into a bookmark at the virtual root', async () => {
    await call('POST', '', { name: 'empty', change_id: ROOT });
    expect((await call('POST', '/merge', { target: 'empty', source: 'main' })).body).toMatchObject({ merge_type: 'merge_commit' });
    expect((await call<{ change_id: string }>('GET', '/empty')).body.change_id).not.toBe(base);
  });

  test('in conflict does nothing and tells paths and hunks', async () => {
    const ids = await diverge({ a: '1\nours\n3\n', b: null }, { a: '1\ntheirs\n3\n', b: 'edited\n' });
    const { status, body } = await merge();
    expect({ status, body }).toMatchObject({
      status: 409,
      body: {
        error: {
          code: 'MERGE_CONFLICT',
          details: {
            conflict_paths: ['a', 'b'],
            conflicts: [
              { path: 'a', hunks: [{ target: { content: btoa('ours\n') }, base: { content: btoa('2\n') }, source: { content: btoa('theirs\n') } }] },
              { path: 'b', hunks: [] },
            ],
          },
        },
      },
    });
    expect((await call('GET', '/main')).body).toMatchObject({ change_id: ids.target });
    const reached = await backend.json<{ changes: unknown[] }>('GET', '/acme/app/changes');
    expect(reached.body.changes).toHaveLength(2);
  });

  test('in conflict is taken where that is allowed', async () => {
    await diverge({ a: 'ours\n' }, { a: 'theirs\n' });
    expect((await merge({ allow_conflicted: true })).body).toMatchObject({ merge_type: 'merge_commit', is_conflicted: true });
    expect(await backend.read('a')).toContain('+++++++ side #2\ntheirs\n');
  });

  test('is resolved by sides, by content and by hunks', async () => {
    await diverge({ a: '1\nours\n3\n', b: 'b ours\n' }, { a: '1\ntheirs\n3\n', b: 'b theirs\n' });
    const refused = await merge();
    const [{ hunks }] = refused.body.error.details['conflicts'] as [{ hunks: { hunk_id: string }[] }];
    const partly = await merge({ resolutions: [{ path: 'b', take: 'source' }] });
    expect(partly).toMatchObject({ status: 409, body: { error: { details: { conflict_paths: ['a'] } } } });
    const resolutions = [
      { path: 'b', take: 'source' },
      { path: 'a', hunks: [{ hunk_id: hunks[0]?.hunk_id, content: btoa('both\n') }] },
    ];
    expect((await merge({ resolutions })).body).toMatchObject({ is_conflicted: false });
    expect([await backend.read('a'), await backend.read('b')]).toEqual(['1\nboth\n3\n', 'b theirs\n']);
  });

  test('taking a side without the file deletes it', async () => {
    await diverge({ b: null }, { b: 'edited\n' });
    expect((await merge({ resolutions: [{ path: 'b', take: 'target' }] })).body).toMatchObject({ is_conflicted: false });
    expect((await backend.request('GET', '/acme/app/content?path=b')).status).toBe(404);
  });

  test('a directory is not resolved as a whole: what is in it would be gone', async () => {
    await diverge({ 'docs/a': 'ours\n', 'docs/b': 'kept\n' }, { 'docs/a': 'theirs\n' });
    for (const answer of [{ content: btoa('a file') }, { take: 'source' }]) {
      const refused = await merge({ resolutions: [{ path: 'docs', ...answer }] });
      expect(refused).toMatchObject({ status: 400, body: { error: { code: 'INVALID_PATH' } } });
    }
    expect(await backend.read('docs/b')).toBe('kept\n');
  });

  test('crossed histories are merged over both their bases', async () => {
    await diverge({ a: 'one\n2\n3\n' }, { a: '1\n2\nthree\n' });
    await call('POST', '', { name: 'old-main', change_id: (await call<{ change_id: string }>('GET', '/main')).body.change_id });
    await merge();
    await call('POST', '/merge', { target: 'feature', source: 'old-main' });
    expect((await merge()).body).toMatchObject({ merge_type: 'merge_commit', is_conflicted: false });
    expect(await backend.read('a')).toBe('one\n2\nthree\n');
  });

  test.each([
    [{ source: 'main' }, 400, 'INVALID_REQUEST'],
    [{ source: 'nowhere' }, 404, 'BOOKMARK_NOT_FOUND'],
    [{ target: 'nowhere' }, 404, 'BOOKMARK_NOT_FOUND'],
    [{ resolutions: [{ path: '../a', take: 'target' }] }, 400, 'INVALID_PATH'],
    [{ resolutions: [{ path: 'a', hunks: [{ hunk_id: 'x', take: 'target' }] }] }, 400, 'INVALID_REQUEST'],
    [{ target: 'feature', source: 'main', delete_source: true }, 409, 'LOCK_CONFLICT'],
    [{ delete_source: 'yes' }, 400, 'INVALID_REQUEST'],
  ])('%j is answered %i %s', async (body, status, code) => {
    const ids = await diverge({ a: 'one\n2\n3\n' }, { b: 'x\n' });
    expect(await merge(body)).toMatchObject({ status, body: { error: { code } } });
    expect((await call('GET', '')).body).toMatchObject({
      bookmarks: [
        { name: 'feature', change_id: ids.source },
        { name: 'main', change_id: ids.target },
      ],
    });
  });
});
