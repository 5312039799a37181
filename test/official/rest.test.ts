import * as rest from '@mesadev/rest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Served } from './served.ts';
import { startServed } from './served.ts';

// The published client as it is, against this backend over HTTP.
const ROOT = 'z'.repeat(32);
const author = { name: 'Agent', email: 'agent@acme.dev' };
let served: Served;
/** Whom every call goes to, and with which key. */
let to: { baseUrl: string; headers: Record<string, string> };

beforeAll(async () => {
  served = await startServed();
  to = { baseUrl: served.apiUrl, headers: { Authorization: `Bearer ${served.key}` } };
});

afterAll(() => served.close());

/** The data of an answer. @throws what the API answered instead */
async function data<T>(answer: Promise<{ data?: T | undefined; error?: unknown }>): Promise<T> {
  const { data: found, error } = await answer;
  if (found === undefined) throw error;
  return found;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
let count = 0;

/** A repo of its own with these files in the first change. */
async function repoWith(files: Record<string, string>): Promise<{ path: { org: string; repo: string }; first: string }> {
  const path = { org: 'acme', repo: `repo-${++count}` };
  await data(rest.createRepo({ ...to, path: { org: 'acme' }, body: { name: path.repo } }));
  const body = { base_change_id: ROOT, message: 'first', author, files: Object.entries(files).map(([name, text]) => ({ path: name, content: base64(text) })) };
  return { path, first: (await data(rest.createChange({ ...to, path, body }))).id };
}

test('says who is calling, and what the org has', async () => {
  expect(await data(rest.whoami({ ...to }))).toMatchObject({ org: { slug: 'acme' }, key_name: 'admin', scopes: ['read', 'write', 'admin'] });
  expect(await data(rest.getOrg({ ...to, path: { org: 'acme' } }))).toMatchObject({ num_repos: expect.any(Number) as number });
});

describe('repos', () => {
  test('are made, listed, tagged, renamed and deleted', async () => {
    const org = { org: 'acme' };
    const made = await data(rest.createRepo({ ...to, path: org, body: { name: 'lifecycle', default_bookmark: 'trunk', tags: { env: 'prod' } } }));
    expect(made).toMatchObject({ org: 'acme', default_bookmark: 'trunk', head_change_id: ROOT, upstream: null, tags: { env: 'prod' } });
    expect((await data(rest.listRepos({ ...to, path: org, query: { tags: 'env:prod', limit: 10 } }))).repos.map(({ name }) => name)).toEqual(['lifecycle']);
    expect(await data(rest.bulkUpdateRepoTags({ ...to, path: org, body: { repo_ids: [made.id], action: 'set', key: 'team', value: 'x' } }))).toEqual({
      updated: 1,
    });
    const renamed = await data(rest.updateRepo({ ...to, path: { ...org, repo: 'lifecycle' }, body: { name: 'renamed', tags: { env: null } } }));
    expect(renamed).toMatchObject({ name: 'renamed', tags: { team: 'x' } });
    expect(await data(rest.deleteRepo({ ...to, path: { ...org, repo: 'renamed' } }))).toEqual({ success: true });
    const { error, response } = await rest.getRepo({ ...to, path: { ...org, repo: 'renamed' } });
    expect(response?.status).toBe(404);
    expect(error).toMatchObject({ error: { code: 'REPO_NOT_FOUND' } });
  });
});

describe('changes', () => {
  test('are created, read, patched and listed', async () => {
    const { path, first } = await repoWith({ 'README.md': '# app\n', 'src/a.ts': 'export {};\n' });
    expect((await data(rest.getRepo({ ...to, path }))).head_change_id).toBe(first);
    const next = await data(
      rest.createChange({
        ...to,
        path,
        body: {
          base_change_id: first,
          message: 'next',
          author,
          files: [
            { path: 'src/a.ts', action: 'delete' },
            { path: 'run', content: base64('#!'), mode: '100755' },
          ],
        },
      }),
    );
    expect(next).toMatchObject({ parents: [first], is_conflicted: false, message: 'next', author });
    expect(await data(rest.getChange({ ...to, path: { ...path, change_id: next.id } }))).toMatchObject({ files: ['run', 'src/a.ts'], conflicts: [] });
    const body = { files: [{ path: 'README.md', content: base64('# changed\n') }], base_commit_oid: next.current_commit_oid };
    const patched = await data(rest.updateChange({ ...to, path: { ...path, change_id: next.id }, body }));
    expect(patched).toMatchObject({ id: next.id, message: 'next' });
    const late = await rest.updateChange({ ...to, path: { ...path, change_id: next.id }, body });
    expect([late.response?.status, late.error]).toMatchObject([409, { error: { code: 'STALE_BASE' } }]);
    await data(rest.moveBookmark({ ...to, path: { ...path, bookmark: 'main' }, body: { change_id: next.id } }));
    const page = await data(rest.listChanges({ ...to, path, query: { bookmark: 'main', limit: 1 } }));
    expect(page).toMatchObject({ has_more: true, changes: [{ id: next.id }] });
    const rest2 = await data(rest.listChanges({ ...to, path, query: { bookmark: 'main', limit: 1, cursor: page.next_cursor ?? '' } }));
    expect(rest2).toMatchObject({ has_more: false, next_cursor: null, changes: [{ id: first }] });
  });
});

describe('content', () => {
  test('is read as a file, a listing and raw bytes', async () => {
    const { path } = await repoWith({ 'a.txt': 'hello\n', 'd/b.txt': 'two\n', 'd/e/c.txt': 'three\n' });
    const file = await data(rest.getContent({ ...to, path, query: { path: 'a.txt' } }));
    expect(file).toMatchObject({
      type: 'file',
      name: 'a.txt',
      size: 6,
      encoding: 'base64',
      content: base64('hello\n'),
      mode: '100644',
      sha: 'ce013625030ba8dba906f756967f9e9ca394464a',
    });
    const listing = await data(rest.getContent({ ...to, path, query: { path: 'd/', depth: 1 } }));
    expect(listing).toMatchObject({
      type: 'dir',
      path: 'd',
      child_count: 2,
      entries: [
        { type: 'file', path: 'd/b.txt', size: 4 },
        { type: 'dir', path: 'd/e' },
      ],
    });
    expect(await data(rest.getContent({ ...to, path, query: { metadata: { lang: 'en' } } }))).toMatchObject({ entries: [] });
    const raw = await data(
      rest.getContent({ ...to, path, query: { path: 'a.txt' }, headers: { ...to.headers, Accept: 'application/octet-stream' }, parseAs: 'blob' }) as Promise<{
        data?: unknown;
      }>,
    );
    expect(await (raw as Blob).text()).toBe('hello\n');
  });
});

describe('bookmarks', () => {
  test('with a slash in the name are made, moved, listed and deleted', async () => {
    const { path, first } = await repoWith({ a: '1\n' });
    const name = 'session/1 2'.replace(' ', '-');
    expect(await data(rest.createBookmark({ ...to, path, body: { name, change_id: first } }))).toEqual({ name, change_id: first, is_default: false });
    const next = await data(rest.createChange({ ...to, path, body: { base_change_id: first } }));
    expect(await data(rest.moveBookmark({ ...to, path: { ...path, bookmark: name }, body: { change_id: next.id } }))).toMatchObject({
      change_id: next.id,
      from_change_id: first,
    });
    expect((await data(rest.listBookmarks({ ...to, path, query: { glob: 'session/*' } }))).bookmarks).toHaveLength(1);
    expect(await data(rest.getBookmark({ ...to, path: { ...path, bookmark: name } }))).toMatchObject({ name });
    expect(await data(rest.deleteBookmark({ ...to, path: { ...path, bookmark: name } }))).toEqual({ success: true });
  });

  /** main and feature, both one change away from a base. */
  async function diverged(base: Record<string, string>, ours: Record<string, string>, theirs: Record<string, string>): Promise<{ org: string; repo: string }> {
    const { path, first } = await repoWith(base);
    const change = async (files: Record<string, string>): Promise<string> => {
      const rows = Object.entries(files).map(([name, text]) => ({ path: name, content: base64(text) }));
      return (await data(rest.createChange({ ...to, path, body: { base_change_id: first, message: 'm', author, files: rows } }))).id;
    };
    await data(rest.moveBookmark({ ...to, path: { ...path, bookmark: 'main' }, body: { change_id: await change(ours) } }));
    await data(rest.createBookmark({ ...to, path, body: { name: 'feature', change_id: await change(theirs) } }));
    return path;
  }

  const text = async (path: { org: string; repo: string }, file: string): Promise<string> => {
    const found = await data(rest.getContent({ ...to, path, query: { path: file } }));
    return 'content' in found ? Buffer.from(found.content, 'base64').toString() : '';
  };

  test('merge cleanly', async () => {
    const path = await diverged({ a: '1\n2\n3\n' }, { a: 'one\n2\n3\n' }, { a: '1\n2\nthree\n' });
    const merged = await data(rest.mergeBookmark({ ...to, path, body: { target: 'main', source: 'feature', delete_source: true } }));
    expect(merged).toMatchObject({ merge_type: 'merge_commit', is_conflicted: false, source_deleted: true });
    expect(await text(path, 'a')).toBe('one\n2\nthree\n');
  });

  test('that conflict are refused with hunks, and merge with resolutions of those', async () => {
    const path = await diverged({ a: '1\n2\n3\n', b: 'x\n' }, { a: '1\nours\n3\n', b: 'ours\n' }, { a: '1\ntheirs\n3\n', b: 'theirs\n' });
    const refused = await rest.mergeBookmark({ ...to, path, body: { target: 'main', source: 'feature' } });
    expect(refused.response?.status).toBe(409);
    const { details } = (
      refused.error as unknown as {
        error: { code: string; details: { conflict_paths: string[]; conflicts: { path: string; hunks: { hunk_id: string }[] }[] } };
      }
    ).error;
    expect(details.conflict_paths).toEqual(['a', 'b']);
    const hunk_id = details.conflicts[0]?.hunks[0]?.hunk_id ?? '';
    const resolutions = [
      { path: 'a', hunks: [{ hunk_id, content: base64('both\n') }] },
      { path: 'b', take: 'source' as const },
    ];
    expect(await data(rest.mergeBookmark({ ...to, path, body: { target: 'main', source: 'feature', resolutions } }))).toMatchObject({ is_conflicted: false });
    expect([await text(path, 'a'), await text(path, 'b')]).toEqual(['1\nboth\n3\n', 'theirs\n']);
  });

  test('that conflict merge conflicted where that is allowed, show it, and are resolved by a patch', async () => {
    const path = await diverged({ a: 'base\n' }, { a: 'ours\n' }, { a: 'theirs\n' });
    const before = (await data(rest.getBookmark({ ...to, path: { ...path, bookmark: 'main' } }))).change_id;
    const merged = await data(rest.mergeBookmark({ ...to, path, body: { target: 'main', source: 'feature', allow_conflicted: true } }));
    expect(merged.is_conflicted).toBe(true);
    expect(await text(path, 'a')).toBe(
      '<<<<<<< conflict 1 of 1\n+++++++ side #1\nours\n------- base\nbase\n+++++++ side #2\ntheirs\n>>>>>>> conflict 1 of 1 ends\n',
    );
    const query = { base_change_id: before, head_change_id: merged.change_id };
    const diff = await data(rest.getDiff({ ...to, path, query }));
    expect(diff).toMatchObject({
      entries: [],
      stats: { conflicted_entries: 1, conflicted_hunks: 1 },
      conflicted_entries: [{ path: 'a', hunks: [{ target: { content: base64('ours\n') } }] }],
    });
    const change = { ...path, change_id: merged.change_id };
    const files = await rest.updateChange({ ...to, path: change, body: { files: [{ path: 'c', content: '' }] } });
    expect(files.error).toMatchObject({ error: { code: 'MERGE_CONFLICT', details: { conflict_paths: ['a'] } } });
    const hunk_id = diff.conflicted_entries[0]?.hunks[0]?.hunk_id ?? '';
    expect(await data(rest.updateChange({ ...to, path: change, body: { resolutions: [{ path: 'a', hunks: [{ hunk_id, take: 'source' }] }] } }))).toMatchObject({
      is_conflicted: false,
    });
    expect(await text(path, 'a')).toBe('theirs\n');
  });
});

test('a diff comes as hunks and as a patch', async () => {
  const { path, first } = await repoWith({ a: '1\n2\n', gone: 'x\n' });
  const body = {
    base_change_id: first,
    message: 'm',
    author,
    files: [
      { path: 'a', content: base64('1\ntwo\n') },
      { path: 'gone', action: 'delete' as const },
      { path: 'new', content: base64('y\n') },
    ],
  };
  const { id } = await data(rest.createChange({ ...to, path, body }));
  const query = { base_change_id: first, head_change_id: id };
  expect(await data(rest.getDiff({ ...to, path, query }))).toMatchObject({
    stats: { entries: 3, additions: 2, deletions: 2, changes: 4 },
    entries: [
      {
        path: 'a',
        status: 'modified',
        hunks: [
          {
            old_start: 1,
            lines: [
              { kind: 'context', text: '1' },
              { kind: 'deleted', text: '2' },
              { kind: 'added', text: 'two' },
            ],
          },
        ],
      },
      { path: 'gone', status: 'deleted' },
      { path: 'new', status: 'added' },
    ],
  });
  const patch = await data(
    rest.getDiff({ ...to, path, query, headers: { ...to.headers, Accept: 'text/plain' }, parseAs: 'text' }) as Promise<{ data?: unknown }>,
  );
  expect(patch).toContain('-2\n+two\n');
});

test('API keys are made, listed, tagged and revoked; a revoked one is refused', async () => {
  const org = { org: 'acme' };
  const made = await data(rest.createApiKey({ ...to, path: org, body: { name: 'reader', scopes: ['read'], tags: { team: 'x' }, expires_in_seconds: 3600 } }));
  const other = { baseUrl: served.apiUrl, headers: { Authorization: `Bearer ${made.key}` } };
  expect(await data(rest.whoami({ ...other }))).toMatchObject({ key_id: made.id, key_name: 'reader', scopes: ['read'] });
  expect((await rest.createRepo({ ...other, path: org, body: {} })).response?.status).toBe(403);
  expect(await data(rest.updateApiKey({ ...to, path: { ...org, id: made.id }, body: { tags: { team: null, env: 'ci' } } }))).toEqual({ tags: { env: 'ci' } });
  const { api_keys } = await data(rest.listApiKeys({ ...to, path: org, query: { query: 'read', scope: 'read' } }));
  expect(api_keys).toMatchObject([{ id: made.id, name: 'reader', tags: { env: 'ci' }, revoked_at: null, last_used_at: expect.any(String) as string }]);
  expect(await data(rest.revokeApiKey({ ...to, path: { ...org, id: made.id } }))).toEqual({ success: true });
  expect((await rest.whoami({ ...other })).response?.status).toBe(401);
});

test('webhook targets and upstream syncs say that they are not there', async () => {
  const { path } = await repoWith({ a: '' });
  expect((await rest.listWebhookTargets({ ...to, path: { org: 'acme' } })).error).toMatchObject({ error: { code: 'NOT_IMPLEMENTED' } });
  expect((await rest.listRepoUpstreamSyncs({ ...to, path })).error).toMatchObject({ error: { code: 'NOT_IMPLEMENTED' } });
});
