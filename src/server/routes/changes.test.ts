import { beforeEach, describe, expect, test } from 'vitest';
import { TestBackend } from '../test-support.ts';

const ROOT = 'z'.repeat(32);
const AUTHOR = { name: 'Ann', email: 'ann@example.com', date: '2026-01-02T05:04:05+02:00' };
let backend: TestBackend;

interface Change {
  id: string;
  current_commit_oid: string;
  is_conflicted: boolean;
  message: string;
  parents: string[];
  files: string[];
  conflicts: string[];
}

beforeEach(async () => {
  backend = await TestBackend.start();
  await backend.repo();
});

const file = (path: string, text: string): object => ({ path, content: btoa(text) });

async function create(base: string, files: object[] | undefined, message = 'm'): Promise<Change> {
  const { status, body } = await backend.json<Change>('POST', '/acme/app/changes', {
    base_change_id: base,
    message,
    author: AUTHOR,
    ...(files ? { files } : {}),
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

const patch = (
  id: string,
  body: object,
): Promise<{ status: number; body: Change & { error: { code: string; details: { conflict_paths: string[]; current_commit_oid: string } } } }> =>
  backend.json('PATCH', `/acme/app/changes/${id}`, body);

describe('creating a change', () => {
  test('writes files, names the people and advances the default bookmark of an empty repo', async () => {
    const change = await create(ROOT, [file('a.txt', 'one\n'), { ...file('run.sh', '#!'), mode: '100755' }]);
    expect(change).toMatchObject({
      is_conflicted: false,
      message: 'm',
      author: { name: 'Ann', email: 'ann@example.com', date: '2026-01-02T03:04:05.000Z' },
      parents: [ROOT],
    });
    expect((await backend.json('GET', '/acme/app')).body).toMatchObject({ head_change_id: change.id });
    expect(await backend.json('GET', `/acme/app/changes/${change.id}`)).toMatchObject({ body: { files: ['a.txt', 'run.sh'], conflicts: [] } });
    const repo = (await backend.storage.repoByName(backend.orgId, 'app'))?.id ?? '';
    const [object] = await backend.storage.objects(repo, [change.current_commit_oid]);
    expect(backend.core.decodeCommit(object?.bytes ?? new Uint8Array(0))).toMatchObject({
      author: { name: 'Ann', tzOffset: 120 },
      changeId: change.id,
      message: 'm',
    });
  });

  test('without files makes an empty one and leaves bookmarks alone', async () => {
    const { status, body } = await backend.json<Change>('POST', '/acme/app/changes', { base_change_id: ROOT });
    expect(status).toBe(201);
    expect(body).toMatchObject({ message: '', author: { name: 'admin', email: 'admin@users.mesafs' } });
    expect((await backend.json('GET', '/acme/app')).body).toMatchObject({ head_change_id: ROOT });
  });

  test('takes content that is marked as such', async () => {
    const { id } = await create(ROOT, [{ ...file('a', '1'), action: 'upsert' }]);
    expect(await backend.read('a', id)).toBe('1');
    expect((await patch(id, { files: [{ ...file('a', '2'), action: 'upsert' }] })).status).toBe(200);
    expect(await backend.read('a', id)).toBe('2');
  });

  test.each(['1', '2'])('puts a file with the content %s, that was 1, into a directory that is deleted, in either order', async (content) => {
    const first = await create(ROOT, [file('d/a', '1'), file('d/b/c', '1')]);
    const files = [{ path: 'd', action: 'delete' }, file('d/a', content), file('d/b', 'a file now')];
    for (const order of [files, files.toReversed()]) {
      const second = await create(first.id, order);
      expect(second.is_conflicted).toBe(false);
      const { entries } = (await backend.json<{ entries: { path: string }[] }>('GET', `/acme/app/content?change_id=${second.id}`)).body;
      expect(entries.map(({ path }) => path)).toEqual(['d', 'd/a', 'd/b']);
      expect(await backend.read('d/a', second.id)).toBe(content);
    }
  });

  test('on another leaves that one and the bookmark as they are', async () => {
    const first = await create(ROOT, [file('a', '1'), file('b', '1')]);
    const second = await create(first.id, [file('a', '2'), { path: 'b', action: 'delete' }, { path: 'nothing', action: 'delete' }]);
    expect([await backend.read('a', first.id), await backend.read('a', second.id)]).toEqual(['1', '2']);
    expect((await backend.json('GET', `/acme/app/changes/${second.id}`)).body).toMatchObject({ files: ['a', 'b'], parents: [first.id] });
    expect((await backend.json('GET', '/acme/app')).body).toMatchObject({ head_change_id: first.id });
  });

  test.each([
    ['a path up', { files: [file('../x', '')] }, 'INVALID_PATH'],
    ['an absolute path', { files: [file('/x', '')] }, 'INVALID_PATH'],
    ['a path with NUL', { files: [file('a\0b', '')] }, 'INVALID_PATH'],
    ['a path in .git', { files: [file('.git/hooks/x', '')] }, 'INVALID_PATH'],
    ['a path that is .git on NTFS', { files: [file('GIT~1/hooks/x', '')] }, 'INVALID_PATH'],
    ['a path that is .git on HFS+', { files: [file('a/.g\u200cit', '')] }, 'INVALID_PATH'],
    ['a path that is .git after a backslash', { files: [file('a\\.git. ', '')] }, 'INVALID_PATH'],
    ['an empty segment', { files: [{ path: 'a//b', action: 'delete' }] }, 'INVALID_PATH'],
    ['content that is no base64', { files: [{ path: 'a', content: 'é' }] }, 'INVALID_REQUEST'],
    ['a path twice', { files: [file('a', '1'), file('a', '2')] }, 'INVALID_REQUEST'],
    ['a path through a file', { files: [file('a', '1'), file('a/b', '2')] }, 'INVALID_PATH'],
    ['a mode there is not', { files: [{ ...file('a', ''), mode: '120000' }] }, 'INVALID_REQUEST'],
    ['no files in files', { files: [] }, 'INVALID_REQUEST'],
    ['files without an author', { files: [file('a', '')], author: undefined }, 'INVALID_REQUEST'],
    ['files without a message', { files: [file('a', '')], message: undefined }, 'INVALID_REQUEST'],
    ['a date that is none', { author: { name: 'a', email: 'b', date: 'soon' } }, 'INVALID_REQUEST'],
    ['a date git cannot hold', { author: { ...AUTHOR, date: '1969-12-31T23:59:59Z' } }, 'INVALID_REQUEST'],
    ['a date of six digits', { author: { ...AUTHOR, date: '+275760-09-13T00:00:00Z' } }, 'INVALID_REQUEST'],
    ['a time zone there is not', { author: { ...AUTHOR, date: 'Sat, 31 Jan 2026 12:00:00 +9999' } }, 'INVALID_REQUEST'],
    ['a blank name', { author: { name: ' ', email: 'b' } }, 'INVALID_REQUEST'],
    ['a name that is no Unicode', { author: { name: '\ud800', email: 'b' } }, 'INVALID_REQUEST'],
    ['a name with a bracket', { author: { name: 'a <', email: 'b' } }, 'INVALID_REQUEST'],
    ['a base that is no id', { base_change_id: 'main' }, 'INVALID_REQUEST'],
    ['an unknown base', { base_change_id: 'k'.repeat(32) }, 'CHANGE_NOT_FOUND'],
  ])('with %s is refused and leaves nothing', async (_name, body, code) => {
    const answer = await backend.json<{ error: { code: string; message: string } }>('POST', '/acme/app/changes', {
      base_change_id: ROOT,
      message: '',
      author: AUTHOR,
      ...body,
    });
    expect(answer.body.error).toMatchObject({ code, message: expect.stringMatching(/\.$/) as string });
    expect((await backend.json<{ changes: unknown[] }>('GET', '/acme/app/changes')).body.changes).toEqual([]);
    expect((await backend.json('GET', '/acme/app')).body).toMatchObject({ head_change_id: ROOT });
  });

  test('with as many files as fit a request does not take the square of their number', async () => {
    const { id } = await create(
      ROOT,
      Array.from({ length: 60_000 }, (_, index) => file(`d${index % 100}/f${index}`, '')),
    );
    expect(await backend.read('d99/f59999', id)).toBe('');
  }, 20_000);

  test('through a file or in the place of a directory is refused', async () => {
    const first = await create(ROOT, [file('d/a', '1')]);
    for (const path of ['d', 'd/a/b']) {
      const { status, body } = await backend.json('POST', '/acme/app/changes', {
        base_change_id: first.id,
        message: '',
        author: AUTHOR,
        files: [file(path, '')],
      });
      expect({ status, body }).toMatchObject({ status: 400, body: { error: { code: 'INVALID_PATH' } } });
    }
  });
});

describe('patching a change', () => {
  test('with another author and no date leaves the date as it was, with its time zone', async () => {
    const { id } = await create(ROOT, [file('a', '1')]);
    const { body } = await patch(id, { author: { name: 'Bob', email: 'bob@example.com' } });
    const commit = await (await backend.request('GET', `/acme/app/-/objects/${body.current_commit_oid}`)).text();
    expect(commit).toContain(`author Bob <bob@example.com> ${Date.parse(AUTHOR.date) / 1000} +0200\n`);
  });

  test('keeps its id, makes another commit and rebases its descendants', async () => {
    const first = await create(ROOT, [file('a', '1\n'), { ...file('run', '1\n'), mode: '100755' }]);
    const child = await create(first.id, [file('b', '1\n')]);
    const { body } = await patch(first.id, { files: [file('a', '2\n'), file('run', '2\n')] });
    expect(body).toMatchObject({ id: first.id, message: 'm', author: { name: 'Ann' } });
    expect(body.current_commit_oid).not.toBe(first.current_commit_oid);
    expect(await backend.read('a', child.id)).toBe('2\n');
    expect((await backend.json('GET', '/acme/app/content?path=run')).body).toMatchObject({ mode: '100755' });
  });

  test('keeps the message unless one is given; an empty one clears it', async () => {
    const { id } = await create(ROOT, [file('a', '1')]);
    expect((await patch(id, { author: { name: 'Bob', email: 'b@example.com' } })).body).toMatchObject({ message: 'm', author: { name: 'Bob' } });
    expect((await patch(id, { message: '' })).body).toMatchObject({ message: '', author: { name: 'Bob' } });
  });

  test('on a commit it is no longer at is refused', async () => {
    const { id, current_commit_oid } = await create(ROOT, [file('a', '1')]);
    const next = await patch(id, { files: [file('a', '2')], base_commit_oid: current_commit_oid });
    expect(next.status).toBe(200);
    const late = await patch(id, { files: [file('a', '3')], base_commit_oid: current_commit_oid });
    expect(late).toMatchObject({ status: 409, body: { error: { code: 'STALE_BASE', details: { current_commit_oid: next.body.current_commit_oid } } } });
    expect(await backend.read('a')).toBe('2');
  });

  test('the virtual root or an unknown one is answered 404', async () => {
    for (const id of [ROOT, 'k'.repeat(32)])
      expect(await patch(id, { message: 'x' })).toMatchObject({ status: 404, body: { error: { code: 'CHANGE_NOT_FOUND' } } });
  });

  describe('in conflict', () => {
    let conflicted: string;
    const base = '1\n2\n3\n4\n5\n6\n7\n8\n9\n';

    /** A child that edits two places of one file and a second file, which its parent then edits otherwise. */
    beforeEach(async () => {
      const parent = await create(ROOT, [file('a', base), file('b', 'base\n')]);
      conflicted = (await create(parent.id, [file('a', base.replace('1', 'c1').replace('9', 'c9')), file('b', 'child\n')])).id;
      await patch(parent.id, { files: [file('a', base.replace('1', 'p1').replace('9', 'p9')), file('b', 'parent\n')] });
    });

    const hunks = async (): Promise<{ path: string; hunks: { hunk_id: string }[] }[]> => {
      const parent = (await backend.json<Change>('GET', `/acme/app/changes/${conflicted}`)).body.parents[0];
      const diff = await backend.json<{ conflicted_entries: { path: string; hunks: { hunk_id: string }[] }[] }>(
        'GET',
        `/acme/app/diff?base_change_id=${parent}&head_change_id=${conflicted}`,
      );
      return diff.body.conflicted_entries;
    };

    test('it takes no files', async () => {
      expect(await patch(conflicted, { files: [file('c', '1')] })).toMatchObject({
        status: 409,
        body: { error: { code: 'MERGE_CONFLICT', details: { conflict_paths: ['a', 'b'] } } },
      });
    });

    test('its message can be patched', async () => {
      expect(await patch(conflicted, { message: 'still open' })).toMatchObject({ status: 200, body: { is_conflicted: true, message: 'still open' } });
    });

    test('it is resolved step by step: a side of one file, each hunk of the other', async () => {
      expect(await patch(conflicted, { resolutions: [{ path: 'b', take: 'source' }] })).toMatchObject({ status: 200, body: { is_conflicted: true } });
      expect(await backend.read('b', conflicted)).toBe('child\n');
      const [entry] = await hunks();
      expect(entry).toMatchObject({
        path: 'a',
        hunks: [{ target: { content: btoa('p1\n') }, base: { content: btoa('1\n') }, source: { content: btoa('c1\n') } }, {}],
      });
      const [one, two] = entry?.hunks ?? [];
      const incomplete = await patch(conflicted, { resolutions: [{ path: 'a', hunks: [{ hunk_id: one?.hunk_id, take: 'target' }] }] });
      expect(incomplete).toMatchObject({ status: 409, body: { error: { code: 'MERGE_CONFLICT' } } });
      const both = [
        { hunk_id: one?.hunk_id, take: 'target' },
        { hunk_id: two?.hunk_id, content: btoa('nine\n') },
      ];
      expect(await patch(conflicted, { resolutions: [{ path: 'a', hunks: both }] })).toMatchObject({ status: 200, body: { is_conflicted: false } });
      expect(await backend.read('a', conflicted)).toBe('p1\n2\n3\n4\n5\n6\n7\n8\nnine\n');
    });

    test('a file is resolved by content', async () => {
      const resolutions = [
        { path: 'a', content: btoa('mine\n') },
        { path: 'b', take: 'target' },
      ];
      expect(await patch(conflicted, { resolutions })).toMatchObject({ status: 200, body: { is_conflicted: false } });
      expect([await backend.read('a', conflicted), await backend.read('b', conflicted)]).toEqual(['mine\n', 'parent\n']);
    });

    test.each([
      ['files and resolutions', { files: [file('c', '')], resolutions: [{ path: 'a', take: 'target' }] }],
      ['content and take', { resolutions: [{ path: 'a', take: 'target', content: '' }] }],
      ['neither', { resolutions: [{ path: 'a' }] }],
      ['a path without conflict', { resolutions: [{ path: 'c', take: 'target' }] }],
      [
        'a path twice',
        {
          resolutions: [
            { path: 'a', take: 'target' },
            { path: 'a', take: 'source' },
          ],
        },
      ],
      ['an unknown side', { resolutions: [{ path: 'a', take: 'base' }] }],
    ])('%s is refused', async (_name, body) => {
      expect(await patch(conflicted, body)).toMatchObject({ status: 400 });
      expect((await backend.json('GET', `/acme/app/changes/${conflicted}`)).body).toMatchObject({ conflicts: ['a', 'b'] });
    });
  });
});

describe('listing changes', () => {
  test('gives what a bookmark reaches, newest first, page by page', async () => {
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) made.unshift((await create(made[0] ?? ROOT, [file('a', String(count))], `change ${count}`)).id);
    await create(made[2] ?? ROOT, [file('b', '')], 'beside');
    await backend.request('PATCH', '/acme/app/bookmarks/main', { change_id: made[0] });
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { changes: Change[]; next_cursor: string | null; has_more: boolean } = (
        await backend.json<typeof page>('GET', `/acme/app/changes?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
      ).body;
      ids.push(...page.changes.map(({ id }) => id));
      expect(page.has_more).toBe(page.next_cursor !== null);
      cursor = page.next_cursor;
    }
    expect(ids).toEqual(made);
    const from = await backend.json<{ changes: Change[] }>('GET', `/acme/app/changes?change_id=${made[3]}`);
    expect(from.body.changes.map(({ id }) => id)).toEqual(made.slice(3));
  });

  test('that many branches lead to has cursors short enough for an address', async () => {
    const branches: string[] = [];
    for (let count = 0; count < 120; count += 1) branches.push((await create(ROOT, [file(`f${count}`, '')])).id);
    for (const [count, change_id] of branches.entries()) {
      await backend.request('POST', '/acme/app/bookmarks', { name: `b${count}`, change_id });
      if (count > 0) await backend.request('POST', '/acme/app/bookmarks/merge', { target: 'main', source: `b${count}` });
    }
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path: string = `/acme/app/changes?limit=30${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { changes, next_cursor } = (await backend.json<{ changes: Change[]; next_cursor: string | null }>('GET', path)).body;
      ids.push(...changes.map(({ id }) => id));
      cursor = next_cursor;
      expect(cursor?.length ?? 0).toBeLessThan(5_000);
    }
    expect(ids).toHaveLength(2 * 120 - 1);
    expect(ids.slice(-120)).toEqual(branches.toReversed());
  });

  test.each([
    ['bookmark=none', 404],
    ['limit=0', 400],
    ['limit=101', 400],
    ['cursor=abc', 400],
  ])('with %s is answered %i', async (query, status) => {
    expect((await backend.request('GET', `/acme/app/changes?${query}`)).status).toBe(status);
  });
});

describe('a diff', () => {
  test('tells each changed path, with hunks, renames and counts', async () => {
    const first = await create(ROOT, [file('a', '1\n2\n3\n'), file('gone', 'x\n'), file('old', 'a longer file\nthat moves\n'), file('bin', '\0')]);
    const second = await create(first.id, [
      file('a', '1\ntwo\n3'),
      { path: 'gone', action: 'delete' },
      { path: 'old', action: 'delete' },
      file('new', 'a longer file\nthat moves\n'),
      file('bin', '\0\0'),
      file('added', 'y\n'),
    ]);
    const { body } = await backend.json<{ entries: { path: string }[] }>('GET', `/acme/app/diff?base_change_id=${first.id}&head_change_id=${second.id}`);
    expect(body).toMatchObject({ truncated: false, conflicted_entries: [], stats: { entries: 5, conflicted_entries: 0 } });
    const of = (path: string): unknown => body.entries.find((entry) => entry.path === path);
    expect(of('a')).toMatchObject({ status: 'modified', old_path: null, is_conflicted: false, omitted_reason: null, conflict_hunks: null, size_bytes: 7 });
    expect(of('gone')).toMatchObject({ status: 'deleted', hunks: [{ old_start: 1, old_lines: 1, lines: [{ kind: 'deleted', text: 'x' }] }] });
    expect(of('added')).toMatchObject({ status: 'added' });
    expect(of('new')).toMatchObject({ status: 'renamed', old_path: 'old', hunks: [] });
    expect(of('bin')).toMatchObject({ omitted_reason: 'binary', hunks: null });
    expect(of('old')).toBeUndefined();
  });

  test('takes a file that moved and was edited for renamed, with what was edited', async () => {
    const first = await create(ROOT, [file('src/a', '1\n2\n3\n4\n'), file('other', 'x\n')]);
    const second = await create(first.id, [
      { path: 'src/a', action: 'delete' },
      { path: 'other', action: 'delete' },
      file('lib/b', '1\n2\n3\nfour\n'),
      file('else', 'nothing alike\n'),
    ]);
    const { body } = await backend.json<{ entries: unknown[] }>('GET', `/acme/app/diff?base_change_id=${first.id}&head_change_id=${second.id}`);
    const hunks = [{ old_start: 1, old_lines: 4, new_start: 1, new_lines: 4 }];
    expect(body.entries).toMatchObject([
      { path: 'else', status: 'added', old_path: null },
      { path: 'lib/b', status: 'renamed', old_path: 'src/a', hunks },
      { path: 'other', status: 'deleted', old_path: null },
    ]);
  });

  test('is one patch where text is asked for', async () => {
    const first = await create(ROOT, [file('a', '1\n')]);
    const second = await create(first.id, [file('a', '2\n')]);
    const response = await backend.request('GET', `/acme/app/diff?base_change_id=${first.id}&head_change_id=${second.id}`, undefined, {
      headers: { Accept: 'text/plain' },
    });
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const text = await response.text();
    expect(text).toContain('diff --git a/a b/a');
    expect(text).toContain('-1\n+2\n');
  });

  test('is a patch of every file however many there are, of which few are read at a time', async () => {
    const paths = Array.from({ length: 450 }, (_, index) => `f${index}`);
    const { id } = await create(
      ROOT,
      paths.map((path) => file(path, `${path}\n`)),
    );
    const read: number[] = [];
    const { objects } = backend.storage;
    backend.storage.objects = (repo, wanted) => {
      read.push(wanted.length);
      return objects.call(backend.storage, repo, wanted);
    };
    const query = `base_change_id=${ROOT}&head_change_id=${id}`;
    const text = await (await backend.request('GET', `/acme/app/diff?${query}`, undefined, { headers: { Accept: 'text/plain' } })).text();
    expect([...text.matchAll(/^diff --git a\/(\S+) b/gm)].map(([, path]) => path)).toEqual(paths.toSorted());
    expect(Math.max(...read)).toBe(200);
  });

  test('takes the virtual root for the empty tree', async () => {
    const first = await create(ROOT, [file('a', '1\n')]);
    const { body } = await backend.json('GET', `/acme/app/diff?base_change_id=${ROOT}&head_change_id=${first.id}`);
    expect(body).toMatchObject({ stats: { entries: 1, additions: 1, deletions: 0, changes: 1 } });
  });

  test.each([
    ['', 400],
    [`base_change_id=${ROOT}`, 400],
    [`base_change_id=${ROOT}&head_change_id=x`, 400],
    [`base_change_id=${ROOT}&head_change_id=${'k'.repeat(32)}`, 404],
    [`base_change_id=${ROOT}&head_change_id=${ROOT}&conflicts=maybe`, 400],
  ])('with "%s" is answered %i', async (query, status) => {
    expect((await backend.request('GET', `/acme/app/diff?${query}`)).status).toBe(status);
  });
});
