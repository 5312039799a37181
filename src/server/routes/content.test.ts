import { beforeEach, describe, expect, test } from 'vitest';
import { clientId, TestBackend } from '../test-support.ts';

const A = clientId('a');
const X = 'k'.repeat(32);
let backend: TestBackend;

interface Listing {
  type: string;
  path: string;
  sha: string;
  child_count: number;
  entries: { path: string; type: string; size?: number; mode?: string; sha: string; metadata?: object }[];
}

beforeEach(async () => {
  backend = await TestBackend.start();
  await backend.repo();
  const edits = [backend.write('a.txt', 'one\n'), backend.write('d/b.txt', 'two\n'), backend.write('d/e/c.txt', 'three\n')];
  const more = [
    { type: 'write' as const, path: 'run.sh', was: [null], entry: backend.file('#!\n', 0o100755) },
    { type: 'write' as const, path: 'link', was: [null], entry: backend.file('d/b.txt', 0o120000) },
    { type: 'mkdir' as const, path: 'd/empty' },
    { type: 'metadata' as const, path: 'd/b.txt', set: { lang: 'en', tag: 'x' }, delete: [] },
    { type: 'metadata' as const, path: 'd', set: { owner: 'ann' }, delete: [] },
  ];
  await backend.op(A, { seq: 1, kind: 'files', target: { bookmark: 'main', newChange: X }, edits: [...edits, ...more] }, [
    'one\n',
    'two\n',
    'three\n',
    '#!\n',
    'd/b.txt',
  ]);
});

const get = async <T = Record<string, unknown>>(query: string): Promise<T> => (await backend.json<T>('GET', `/acme/app/content?${query}`)).body;
const paths = (listing: Listing): string[] => listing.entries.map(({ path }) => path);

describe('a file', () => {
  test('comes with its bytes in base64, its blob id and its metadata', async () => {
    const sha = backend.core.hashObject('blob', new TextEncoder().encode('two\n'));
    expect(await get('path=d/b.txt')).toEqual({
      type: 'file',
      name: 'b.txt',
      path: 'd/b.txt',
      sha,
      size: 4,
      encoding: 'base64',
      content: btoa('two\n'),
      mode: '100644',
      metadata: { lang: 'en', tag: 'x' },
    });
    expect(await get('path=run.sh')).toMatchObject({ mode: '100755' });
  });

  test('comes raw where that is asked for', async () => {
    const response = await backend.request('GET', '/acme/app/content?path=d/b.txt', undefined, { headers: { Accept: 'application/octet-stream' } });
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(await response.text()).toBe('two\n');
  });

  test('in conflict reads with markers and says so', async () => {
    for (const [seq, text] of [
      [2, 'left\n'],
      [3, 'right\n'],
    ] as const)
      await backend.op(A, { seq, kind: 'files', target: { change: X }, edits: [backend.write('a.txt', text, 'one\n')] }, [text]);
    const body = await get<{ content: string; sha: string; is_conflicted: boolean }>('path=a.txt');
    expect(body.is_conflicted).toBe(true);
    expect(atob(body.content)).toContain('+++++++ side #2\nright\n');
    expect(body.sha).toBe(backend.core.hashObject('blob', new TextEncoder().encode(atob(body.content))));
    const listing = await get<Listing>('depth=1');
    expect(listing.entries.find(({ path }) => path === 'a.txt')).toMatchObject({ is_conflicted: true, sha: body.sha });
  });
});

test('a symlink is a symlink and is not followed', async () => {
  expect(await get('path=link')).toMatchObject({ type: 'symlink', mode: '120000', content: btoa('d/b.txt') });
  expect((await backend.json('GET', '/acme/app/content?path=link/x')).status).toBe(404);
});

describe('a directory', () => {
  test('lists all below it, in the order of paths, unless a depth is given', async () => {
    const root = await get<Listing>('');
    expect(root).toMatchObject({ type: 'dir', name: '', path: '', child_count: 4 });
    expect(paths(root)).toEqual(['a.txt', 'd', 'd/b.txt', 'd/e', 'd/e/c.txt', 'd/empty', 'link', 'run.sh']);
    expect(paths(await get<Listing>('depth=1'))).toEqual(['a.txt', 'd', 'link', 'run.sh']);
    expect(paths(await get<Listing>('path=d/&depth=1'))).toEqual(['d/b.txt', 'd/e', 'd/empty']);
    expect(await get<Listing>('path=d&depth=0')).toMatchObject({ name: 'd', child_count: 3, entries: [], metadata: { owner: 'ann' } });
    expect(paths(await get<Listing>('path=/&depth=2'))).not.toContain('d/e/c.txt');
  });

  test('gives each entry its kind, id, size, mode and metadata', async () => {
    const { entries } = await get<Listing>('depth=2');
    const of = (path: string): unknown => entries.find((entry) => entry.path === path);
    expect(of('d/b.txt')).toEqual({
      type: 'file',
      name: 'b.txt',
      path: 'd/b.txt',
      sha: backend.core.hashObject('blob', new TextEncoder().encode('two\n')),
      size: 4,
      mode: '100644',
      metadata: { lang: 'en', tag: 'x' },
    });
    expect(of('link')).toMatchObject({ type: 'symlink', size: 7, mode: '120000' });
    expect(of('d')).toMatchObject({ type: 'dir', metadata: { owner: 'ann' } });
  });

  test.each(['metadata[lang]=en', 'lang=en', 'lang=en&tag=x', 'metadata%5Btag%5D=x&lang=en'])('is filtered by %s', async (query) => {
    expect(paths(await get<Listing>(query))).toEqual(['d/b.txt']);
  });

  test('has nothing that fits another filter', async () => {
    expect(paths(await get<Listing>('lang=en&tag=y'))).toEqual([]);
  });

  test('has no bytes', async () => {
    const headers = { Accept: 'application/octet-stream' };
    expect(await backend.json('GET', '/acme/app/content?path=d', undefined, { headers })).toMatchObject({
      status: 406,
      body: { error: { code: 'NOT_ACCEPTABLE' } },
    });
  });
});

test('the virtual root is the empty tree', async () => {
  expect(await get(`change_id=${'z'.repeat(32)}`)).toMatchObject({ type: 'dir', child_count: 0, entries: [], sha: '4b825dc642cb6eb9a060e54bf8d69288fbee4904' });
});

test('metadata is today’s at every change', async () => {
  await backend.op(A, { seq: 2, kind: 'change.create', id: 'l'.repeat(32), parents: [X], message: '' });
  await backend.op(A, { seq: 3, kind: 'files', target: { change: X }, edits: [{ type: 'metadata', path: 'a.txt', set: { new: '1' }, delete: [] }] });
  expect(await get(`change_id=${'l'.repeat(32)}&path=a.txt`)).toMatchObject({ metadata: { new: '1' } });
});

test.each([
  ['path=missing', 404, 'PATH_NOT_FOUND'],
  ['path=a.txt/x', 404, 'PATH_NOT_FOUND'],
  ['path=../x', 400, 'INVALID_PATH'],
  ['path=/etc/passwd', 400, 'INVALID_PATH'],
  ['path=.git/config', 400, 'INVALID_PATH'],
  ['path=a%00b', 400, 'INVALID_PATH'],
  ['depth=11', 400, 'INVALID_REQUEST'],
  ['depth=x', 400, 'INVALID_REQUEST'],
  ['depth=', 400, 'INVALID_REQUEST'],
  ['change_id=main', 400, 'INVALID_REQUEST'],
  [`change_id=${'l'.repeat(32)}`, 404, 'CHANGE_NOT_FOUND'],
])('%s is answered %i %s', async (query, status, code) => {
  expect(await backend.json('GET', `/acme/app/content?${query}`)).toMatchObject({ status, body: { error: { code } } });
});
