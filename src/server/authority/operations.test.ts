import { beforeEach, describe, expect, test } from 'vitest';
import { VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import type { Operation } from '../../wire/operations.ts';
import { clientId, SseReader, TestBackend } from '../test-support.ts';

const [A, B, C] = [clientId('a'), clientId('b'), clientId('c')];
const [X, Y, Z] = ['k'.repeat(32), 'l'.repeat(32), 'm'.repeat(32)];
let backend: TestBackend;
let seq: number;

beforeEach(async () => {
  backend = await TestBackend.start();
  await backend.repo();
  seq = 0;
});

type Files = Extract<Operation, { kind: 'files' }>;
const files = (target: Files['target'], ...edits: Files['edits']): Files => ({ seq: ++seq, kind: 'files', target, edits });

/** Makes the change X on main, with these files. */
async function begin(contents: Record<string, string>): Promise<void> {
  const edits = Object.entries(contents).map(([path, content]) => backend.write(path, content));
  await backend.op(A, files({ bookmark: 'main', newChange: X }, ...edits), Object.values(contents));
}

describe('racing', () => {
  test('edits of different files both stand', async () => {
    await begin({ a: '1\n', b: '1\n' });
    await backend.op(A, files({ change: X }, backend.write('a', '2\n', '1\n')), ['2\n']);
    const second = await backend.op(B, files({ change: X }, backend.write('b', '3\n', '1\n')), ['3\n']);
    expect(second.outcome).toBe('applied');
    expect([await backend.read('a'), await backend.read('b')]).toEqual(['2\n', '3\n']);
  });

  test('edits of different lines of a file are merged', async () => {
    await begin({ a: '1\n2\n3\n4\n5\n' });
    await backend.op(A, files({ change: X }, backend.write('a', 'one\n2\n3\n4\n5\n', '1\n2\n3\n4\n5\n')), ['one\n2\n3\n4\n5\n']);
    const second = await backend.op(B, files({ change: X }, backend.write('a', '1\n2\n3\n4\nfive\n', '1\n2\n3\n4\n5\n')), ['1\n2\n3\n4\nfive\n']);
    expect(second).toMatchObject({ outcome: 'merged', paths: ['a'] });
    expect(await backend.read('a')).toBe('one\n2\n3\n4\nfive\n');
  });

  test('edits of one line keep both sides, and both writers see the same conflict', async () => {
    await begin({ a: 'base\n' });
    const first = await backend.op(A, files({ change: X }, backend.write('a', 'left\n', 'base\n')), ['left\n']);
    const second = await backend.op(B, files({ change: X }, backend.write('a', 'right\n', 'base\n')), ['right\n']);
    expect([first.outcome, second.outcome]).toEqual(['applied', 'conflicted']);
    expect(second.trees).toHaveLength(3);
    expect(await backend.read('a')).toBe(
      '<<<<<<< conflict 1 of 1\n+++++++ side #1\nleft\n------- base\nbase\n+++++++ side #2\nright\n>>>>>>> conflict 1 of 1 ends\n',
    );
    const { body } = await backend.json('GET', `/acme/app/changes/${X}`);
    expect(body).toMatchObject({ is_conflicted: true, conflicts: ['a'], current_commit_oid: second.commit });
  });

  test('what deletes a version that was never stored deletes nothing, and no conflict names what nobody has', async () => {
    await begin({ a: 'base\n' });
    // What B deletes is a write of its own that never arrived.
    const replaced = backend.write('a', 'never sent\n');
    const was = replaced.type === 'write' ? replaced.entry : [];
    const { trees } = await backend.op(B, files({ change: X }, { type: 'write', path: 'a', was, entry: [null] }));
    expect(trees).toHaveLength(1);
    expect(await backend.read('a')).toBe('base\n');
  });

  test('three racers make a conflict of three sides', async () => {
    await begin({ a: 'base\n' });
    for (const [client, text] of [
      [A, 'one\n'],
      [B, 'two\n'],
      [C, 'three\n'],
    ] as const)
      await backend.op(client, files({ change: X }, backend.write('a', text, 'base\n')), [text]);
    const text = await backend.read('a');
    for (const side of ['side #1\none\n', 'side #2\ntwo\n', 'side #3\nthree\n', 'base #1\nbase\n', 'base #2\nbase\n']) expect(text).toContain(side);
    const [change] = await backend.storage.changes((await backend.storage.repoByName(backend.orgId, 'app'))?.id ?? '', [X]);
    expect(change?.trees).toHaveLength(5);
  });

  test('more racers than a conflict has room for are refused, each in its place, until it is resolved', async () => {
    await begin({ a: 'base\n' });
    const sides = Array.from({ length: 501 }, (_, side) => `${side}\n`);
    const full = sides.flatMap((side, index) => (index === 0 ? backend.file(side) : [...backend.file('base\n'), ...backend.file(side)]));
    const edit = { type: 'write', path: 'a', was: backend.file('base\n'), entry: full } as const;
    await backend.op(A, files({ change: X }, edit), sides);
    const late = files({ change: X }, backend.write('a', 'late\n', 'base\n'));
    const { results } = await backend.ops(B, [late, files({ change: X }, backend.write('b', 'late\n'))], ['late\n']);
    const message = expect.stringContaining('"a" is in conflict between 501') as string;
    expect(results).toMatchObject([{ ok: false, error: { code: 'MERGE_CONFLICT', message } }, { ok: true }]);
    expect(await backend.read('a')).toContain('side #501');
    const resolutions = [{ path: 'a', content: btoa('resolved\n') }];
    expect((await backend.request('PATCH', `/acme/app/changes/${X}`, { resolutions })).status).toBe(200);
    expect(await backend.read('a')).toBe('resolved\n');
  });

  test('a merge with more sides than a conflict has room for is refused, be it of parents, of bookmarks or of what stands on an edit', async () => {
    await begin({ a: 'base\n' });
    const branch = async (id: string, side: string): Promise<void> => {
      await backend.op(A, { seq: ++seq, kind: 'change.create', id, parents: [X], message: '' });
      const sides = Array.from({ length: 501 }, (_, index) => `${side} ${index}\n`);
      const entry = sides.flatMap((text, index) => (index === 0 ? backend.file(text) : [...backend.file('base\n'), ...backend.file(text)]));
      await backend.op(A, files({ change: id }, { type: 'write', path: 'a', was: backend.file('base\n'), entry }), sides);
      await backend.op(A, { seq: ++seq, kind: 'bookmark.create', name: side, change: id });
    };
    await branch(Y, 'left');
    await branch(Z, 'right');
    const before = await backend.json('GET', `/acme/app/changes/${Y}`);

    const refused = { code: 'MERGE_CONFLICT', message: expect.stringContaining('more than 501 versions') as string };
    const { results } = await backend.ops(A, [{ seq: ++seq, kind: 'change.create', id: 'n'.repeat(32), parents: [Y, Z], message: '' }]);
    expect(results).toMatchObject([{ ok: false, error: refused }]);
    const merge = { target: 'left', source: 'right', allow_conflicted: true };
    expect(await backend.json('POST', '/acme/app/bookmarks/merge', merge)).toMatchObject({ status: 409, body: { error: refused } });
    const below = files({ change: X }, backend.write('a', 'below\n', 'base\n'));
    await expect(backend.op(B, below, ['below\n'])).rejects.toMatchObject({ status: 409, ...refused });

    expect(await backend.json('GET', `/acme/app/changes/${Y}`)).toEqual(before);
    expect(await backend.read('a', X)).toBe('base\n');
    await backend.op(B, { ...files({ change: X }, backend.write('b', 'beside\n')), seq: 1_000 }, ['beside\n']);
    expect(backend.logged).toEqual([]);
  });

  test('an event names the conflicts whose sides an edit elsewhere put in another order', async () => {
    await begin({ a: 'base\n' });
    const race = (path: string, text: string, was: string | null): Promise<unknown> =>
      backend.op(A, files({ change: X }, backend.write(path, text, was)), [text, ...(was === null ? [] : [was])]);
    for (const text of ['one\n', 'two\n', 'three\n'])
      for (const [path, was] of [
        ['a', 'base\n'],
        ['new', null],
      ] as const)
        await race(path, text, was);
    const before = await backend.read('new');
    const events = new SseReader(await backend.request('GET', `/acme/-/events?room=app/${X}`));
    await events.next();
    // A fourth side makes the list of root trees longer, and conflicts over an absent base are simplified otherwise then.
    await race('a', 'four\n', 'base\n');
    expect(await backend.read('new')).not.toBe(before);
    const paths = ['a', 'new'].map((path) => ({ path, recursive: false }));
    expect(await events.next()).toMatchObject({ event: 'change', data: { paths } });
    await events.close();
  });

  test('the same edit twice is no conflict', async () => {
    await begin({ a: 'base\n' });
    await backend.op(A, files({ change: X }, backend.write('a', 'same\n', 'base\n')), ['same\n']);
    const second = await backend.op(B, files({ change: X }, backend.write('a', 'same\n', 'base\n')), ['same\n']);
    expect(second.trees).toHaveLength(1);
    expect(await backend.read('a')).toBe('same\n');
  });

  test('an edit of what was deleted keeps the edit', async () => {
    await begin({ a: 'base\n', b: 'stays\n' });
    await backend.op(A, files({ change: X }, backend.write('a', null, 'base\n')));
    const second = await backend.op(B, files({ change: X }, backend.write('a', 'edited\n', 'base\n')), ['edited\n']);
    expect(second.outcome).toBe('conflicted');
    expect(await backend.read('a')).toContain('edited\n');
  });

  test('an edit whose base nobody has keeps both over an absent base', async () => {
    await begin({ a: 'there\n' });
    const result = await backend.op(B, files({ change: X }, backend.write('a', 'new\n', 'a base that was never sent\n')), ['new\n']);
    expect(result.outcome).toBe('conflicted');
    const text = await backend.read('a');
    expect(text).toContain('there\n');
    expect(text).toContain('new\n');
  });

  test('a deletion by somebody who saw a base that nobody has leaves nothing of it', async () => {
    await begin({ a: 'there\n' });
    await backend.op(B, files({ change: X }, backend.write('a', 'new\n', 'never sent\n')), ['new\n']);
    // In the deleter's eyes the conflict is over what was never sent; here it is over nothing.
    const was = [...backend.file('there\n'), ...backend.file('never sent\n'), ...backend.file('new\n')];
    const result = await backend.op(B, files({ change: X }, backend.write('a', null, was)));
    expect(result.outcome).toBe('applied');
    await expect(backend.read('a')).rejects.toThrow('NOT_FOUND');
  });

  test('writing the file anew resolves the conflict', async () => {
    await begin({ a: 'base\n' });
    await backend.op(A, files({ change: X }, backend.write('a', 'left\n', 'base\n')), ['left\n']);
    await backend.op(B, files({ change: X }, backend.write('a', 'right\n', 'base\n')), ['right\n']);
    const was = [...backend.file('left\n'), ...backend.file('base\n'), ...backend.file('right\n')];
    const result = await backend.op(A, files({ change: X }, backend.write('a', 'both\n', was)), ['both\n']);
    expect(result).toMatchObject({ outcome: 'applied' });
    expect(result.trees).toHaveLength(1);
    expect(await backend.read('a')).toBe('both\n');
  });
});

describe('replay', () => {
  test('answers the same and has no second effect', async () => {
    await begin({ a: '1\n' });
    const operation = files({ change: X }, backend.write('a', '2\n', '1\n'));
    const first = await backend.op(A, operation, ['2\n']);
    await backend.op(B, { ...files({ change: X }, backend.write('a', '3\n', '2\n')), seq: 1 }, ['3\n']);
    const again = await backend.op(A, operation);
    expect(again).toEqual({ ...first, replayed: true });
    expect(await backend.read('a')).toBe('3\n');
  });

  test('tells of others what the state it names held, not what came since', async () => {
    await begin({ a: '1\n' });
    const operation = files({ change: X }, backend.write('a', '2\n', '1\n'));
    await backend.op(A, operation, ['2\n']);
    await backend.op(B, { ...files({ change: X }, backend.write('a', '3\n', '2\n')), seq: 1 }, ['3\n']);
    const clients = [B, C];
    expect((await backend.ops(A, [operation], [], { clients })).accepted).toEqual({ [B]: 0, [C]: 0 });
    const next = files({ change: X }, backend.write('b', '4\n'));
    expect((await backend.ops(A, [next], ['4\n'], { clients })).accepted).toEqual({ [B]: 1, [C]: 0 });
  });

  test('says nothing of others where it would have to look too far back', async () => {
    await begin({ a: '1\n' });
    const operation = files({ change: X }, backend.write('a', '2\n', '1\n'));
    await backend.op(A, operation, ['2\n']);
    const more = Array.from({ length: 150 }, (_, index) => ({ ...files({ change: X }, backend.write(`f${index}`, '3\n')), seq: index + 1 }));
    await backend.ops(B, more, ['3\n']);
    expect((await backend.ops(A, [operation], [], { clients: [B, C] })).accepted).toEqual({ [C]: 0 });
  });

  test('has the cursor of the state it names: what came since is told to whoever goes on from there', async () => {
    await begin({ a: '1\n' });
    const operation = files({ change: X }, backend.write('a', '2\n', '1\n'));
    const first = await backend.ops(A, [operation], ['2\n']);
    await backend.op(B, { ...files({ change: X }, backend.write('a', '3\n', '2\n')), seq: 1 }, ['3\n']);
    expect((await backend.ops(A, [operation])).cursor).toBe(first.cursor);
  });

  test('other bytes under the same number are refused', async () => {
    await begin({ a: '1\n' });
    const { results } = await backend.ops(A, [{ seq: 1, kind: 'change.describe', change: X, message: 'other' }]);
    expect(results).toMatchObject([{ seq: 1, ok: false, error: { code: 'OPERATION_MISMATCH' } }]);
    expect((await backend.json('GET', `/acme/app/changes/${X}`)).body).toMatchObject({ message: '' });
  });

  test('a refusal is remembered: what failed once does not succeed after a later operation', async () => {
    await begin({ a: '1\n' });
    const early: Operation = { seq: 2, kind: 'change.describe', change: Y, message: 'm' };
    const [refused] = (await backend.ops(A, [early])).results;
    expect(refused).toMatchObject({ ok: false, error: { code: 'CHANGE_NOT_FOUND' } });
    await backend.ops(A, [{ seq: 3, kind: 'change.create', id: Y, parents: [X], message: '' }]);
    expect((await backend.ops(A, [early])).results).toEqual([refused]);
  });

  test('a number below one that was answered is not taken', async () => {
    await begin({ a: '1\n' });
    await backend.ops(A, [{ seq: 5, kind: 'change.describe', change: X, message: 'five' }]);
    expect((await backend.ops(A, [{ seq: 4, kind: 'change.describe', change: X, message: 'four' }])).results).toMatchObject([
      { ok: false, error: { code: 'OPERATION_MISMATCH' } },
    ]);
  });

  test('two requests with the same operation at once have the effect of one', async () => {
    await begin({ a: '1\n' });
    const before = await backend.json('GET', `/acme/app/changes/${X}`);
    const operation = files({ change: X }, backend.write('a', '2\n', '1\n'));
    const [one, two] = await Promise.all([backend.op(A, operation, ['2\n']), backend.op(A, operation, ['2\n'])]);
    expect(two).toEqual({ ...one, replayed: true });
    expect(before.body['current_commit_oid']).not.toBe(one.commit);
  });

  test('a client belongs to the key that used it first', async () => {
    await begin({ a: '1\n' });
    const key = await backend.key({ name: 'other', scopes: ['write'] });
    await expect(backend.op(A, files({ change: X }, backend.write('a', '2\n', '1\n')), ['2\n'], { key })).rejects.toMatchObject({
      code: 'FORBIDDEN',
      status: 403,
    });
    expect(await backend.read('a')).toBe('1\n');
  });
});

describe('a batch', () => {
  test('has a cursor after which a change comes that a later operation of it has changed', async () => {
    await begin({ a: '1\n' });
    const create: Operation = { seq: ++seq, kind: 'change.create', id: Y, parents: [X], message: '' };
    const above = files({ change: Y }, backend.write('b', 'above\n'));
    const { results, cursor } = await backend.ops(A, [create, above, files({ change: X }, backend.write('c', 'below\n'))], ['above\n', 'below\n']);
    const of = (at: number): number => (results[at]?.ok === true ? results[at].repoSeq : 0);
    expect(cursor.split('~').at(-1)).toBe(String(of(1)));
    expect(of(2)).toBeGreaterThan(of(1));
  });

  test('answers a refused operation in its place and lets the others stand', async () => {
    await begin({ a: '1\n' });
    const { results } = await backend.ops(
      A,
      [
        files({ change: X }, backend.write('a', '2\n', '1\n')),
        { seq: ++seq, kind: 'bookmark.move', name: 'nowhere', change: X },
        { seq: ++seq, kind: 'bookmark.create', name: 'main', change: X },
        { seq: ++seq, kind: 'bookmark.move', name: 'main', change: X, expected: Y },
        files({ change: Y }, backend.write('a', '2\n', '1\n')),
        { seq: ++seq, kind: 'change.describe', change: X, message: 'described' },
      ],
      ['2\n'],
    );
    const codes = results.map((result) => (result.ok ? 'ok' : result.error.code));
    expect(codes).toEqual(['ok', 'BOOKMARK_NOT_FOUND', 'ALREADY_EXISTS', 'STALE_BASE', 'CHANGE_NOT_FOUND', 'ok']);
    expect((await backend.json('GET', `/acme/app/changes/${X}`)).body).toMatchObject({ message: 'described' });
  });

  test('that names an object nobody sent does nothing at all', async () => {
    await begin({ a: '1\n' });
    const batch = [files({ change: X }, backend.write('a', '2\n', '1\n')), files({ change: X }, backend.write('b', 'never sent'))];
    await expect(backend.ops(A, batch, ['2\n'])).rejects.toMatchObject({ code: 'MISSING_OBJECT', status: 400 });
    expect(await backend.read('a')).toBe('1\n');
    const { results } = await backend.ops(A, batch, ['2\n', 'never sent']);
    expect(results.map(({ ok }) => ok)).toEqual([true, true]);
  });

  test('may copy a directory it made itself', async () => {
    const tree = (await backend.op(A, files({ bookmark: 'main', newChange: X }, backend.write('d/f', 'x')), ['x'])).trees[0] ?? '';
    const repo = (await backend.storage.repoByName(backend.orgId, 'app'))?.id ?? '';
    const [root] = await backend.storage.objects(repo, [tree]);
    const directory = backend.core.decodeTree(root?.bytes ?? new Uint8Array(0)).find(({ name }) => name === 'd');
    expect(directory?.mode).toBe(0o040000);
    const result = await backend.op(A, files({ change: X }, { type: 'write', path: 'e', was: [null], entry: [{ oid: directory?.oid ?? '', mode: 0o040000 }] }));
    expect(result.outcome).toBe('applied');
    expect(await backend.read('e/f')).toBe('x');
  });
});

describe('a target bookmark', () => {
  test('is written through while it has its change to itself', async () => {
    await begin({ a: '1' });
    expect(await backend.op(B, files({ bookmark: 'main', newChange: Y }, backend.write('b', '2')), ['2'])).toMatchObject({ change: X });
  });

  test('gets a change of its own when another bookmark stands there too', async () => {
    await begin({ a: '1' });
    await backend.ops(A, [{ seq: ++seq, kind: 'bookmark.create', name: 'session', change: X }]);
    const result = await backend.op(A, files({ bookmark: 'main', newChange: Y }, backend.write('a', '2', '1')), ['2']);
    expect(result.change).toBe(Y);
    expect([await backend.read('a', X), await backend.read('a')]).toEqual(['1', '2']);
    expect((await backend.json('GET', '/acme/app/bookmarks')).body).toMatchObject({
      bookmarks: [
        { name: 'main', change_id: Y },
        { name: 'session', change_id: X },
      ],
    });
    expect((await backend.json('GET', `/acme/app/changes/${Y}`)).body).toMatchObject({ parents: [X] });
  });

  test('gets a change of its own when a child stands on it', async () => {
    await begin({ a: '1' });
    await backend.ops(A, [{ seq: ++seq, kind: 'change.create', id: Y, parents: [X], message: '' }]);
    expect(await backend.op(A, files({ bookmark: 'main', newChange: Z }, backend.write('a', '2', '1')), ['2'])).toMatchObject({ change: Z });
    expect(await backend.read('a', Y)).toBe('1');
  });

  test('with an id that is taken still takes the write', async () => {
    await begin({ a: '1' });
    await backend.ops(A, [{ seq: ++seq, kind: 'bookmark.create', name: 'session', change: X }]);
    const { change } = await backend.op(A, files({ bookmark: 'main', newChange: X }, backend.write('a', '2', '1')), ['2']);
    expect(change).not.toBe(X);
    expect(await backend.read('a')).toBe('2');
  });

  test('of an empty repo is named by the first write to any change', async () => {
    await backend.ops(A, [{ seq: ++seq, kind: 'change.create', id: X, parents: [], message: '' }]);
    expect((await backend.json('GET', '/acme/app')).body).toMatchObject({ head_change_id: VIRTUAL_ROOT_CHANGE_ID });
    await backend.op(A, files({ change: X }, backend.write('a', '1')), ['1']);
    expect((await backend.json('GET', '/acme/app')).body).toMatchObject({ head_change_id: X });
    await backend.ops(A, [{ seq: ++seq, kind: 'change.create', id: Y, parents: [], message: '' }]);
    await backend.op(A, files({ change: Y }, backend.write('a', '1')), ['1']);
    expect((await backend.json('GET', '/acme/app')).body).toMatchObject({ head_change_id: X });
  });

  test('is what a change is made on that names it, where there is one', async () => {
    await begin({ a: '1' });
    await backend.ops(B, [{ seq: ++seq, kind: 'change.create', id: Z, parents: [X], message: '' }]);
    const write = files({ bookmark: 'main', newChange: Y }, backend.write('a', '2', '1'));
    const [on, apart] = ['n'.repeat(32), 'o'.repeat(32)];
    const create = (id: string, bookmark: string): Operation => ({ seq: ++seq, kind: 'change.create', id, parents: [X], bookmark, message: '' });
    const { results } = await backend.ops(A, [write, create(on, 'main'), create(apart, 'gone')], ['2']);
    expect(results).toMatchObject([{ change: Y }, { change: on }, { change: apart }]);
    const parents = async (id: string): Promise<unknown> => (await backend.json('GET', `/acme/app/changes/${id}`)).body;
    expect([await parents(on), await parents(apart)]).toMatchObject([{ parents: [Y] }, { parents: [X] }]);
  });

  test('is not given a change for metadata alone', async () => {
    await begin({ a: '1' });
    await backend.ops(A, [{ seq: ++seq, kind: 'bookmark.create', name: 'session', change: X }]);
    const edit = { type: 'metadata', path: 'a', set: { lang: 'en' }, delete: [] } as const;
    expect(await backend.op(A, files({ bookmark: 'main', newChange: Y }, { ...edit, delete: [] }))).toMatchObject({ change: X, outcome: 'applied' });
  });
});

describe('descendants', () => {
  test('are rebased at once, in order', async () => {
    await begin({ a: '1\n', b: '1\n' });
    await backend.ops(A, [{ seq: ++seq, kind: 'change.create', id: Y, parents: [X], message: 'child' }]);
    await backend.op(A, files({ change: Y }, backend.write('b', '2\n', '1\n')), ['2\n']);
    await backend.ops(A, [{ seq: ++seq, kind: 'change.create', id: Z, parents: [Y], message: 'grandchild' }]);
    const edited = await backend.op(B, files({ change: X }, backend.write('a', '3\n', '1\n')), ['3\n']);
    expect([await backend.read('a', Z), await backend.read('b', Z)]).toEqual(['3\n', '2\n']);
    const repo = (await backend.storage.repoByName(backend.orgId, 'app'))?.id ?? '';
    const byId = new Map((await backend.storage.changes(repo, [Y, Z])).map((change) => [change.id, change]));
    const commits = await backend.storage.objects(repo, [byId.get(Y)?.commit ?? '', byId.get(Z)?.commit ?? '']);
    const parents = commits.map(({ bytes }) => backend.core.decodeCommit(bytes).parents);
    expect(parents).toEqual([[edited.commit], [byId.get(Y)?.commit]]);
    expect(byId.get(Y)).toMatchObject({ message: 'child', parents: [X] });
  });

  test('that edit the same lines are left with a conflict, and without it once the parent agrees again', async () => {
    await begin({ a: 'base\n' });
    await backend.ops(A, [{ seq: ++seq, kind: 'change.create', id: Y, parents: [X], message: '' }]);
    await backend.op(A, files({ change: Y }, backend.write('a', 'child\n', 'base\n')), ['child\n']);
    await backend.op(A, files({ change: X }, backend.write('a', 'parent\n', 'base\n')), ['parent\n']);
    expect((await backend.json('GET', `/acme/app/changes/${Y}`)).body).toMatchObject({ is_conflicted: true });
    await backend.op(A, files({ change: X }, backend.write('a', 'base\n', 'parent\n')), ['base\n']);
    expect((await backend.json('GET', `/acme/app/changes/${Y}`)).body).toMatchObject({ is_conflicted: false });
    expect(await backend.read('a', Y)).toBe('child\n');
  });

  test('of two parents follow both', async () => {
    await begin({ a: '1\n', b: '1\n', c: '1\n' });
    const make = (id: string, parents: string[]): Operation => ({ seq: ++seq, kind: 'change.create', id, parents, message: '' });
    const W = 'n'.repeat(32);
    await backend.ops(A, [make(Y, [X]), make(Z, [X])]);
    await backend.op(A, files({ change: Y }, backend.write('a', '2\n', '1\n')), ['2\n']);
    await backend.op(A, files({ change: Z }, backend.write('b', '3\n', '1\n')), ['3\n']);
    await backend.ops(A, [make(W, [Y, Z])]);
    await backend.op(A, files({ change: W }, backend.write('d', 'own\n')), ['own\n']);
    await backend.op(A, files({ change: Y }, backend.write('a', '4\n', '2\n')), ['4\n']);
    await backend.op(A, files({ change: X }, backend.write('c', '5\n', '1\n')), ['5\n']);
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((path) => backend.read(path, W)))).toEqual(['4\n', '3\n', '5\n', 'own\n']);
  });
});

test('an edit that puts a directory into itself is refused in its place', async () => {
  const { results } = await backend.ops(
    A,
    [
      files({ bookmark: 'main', newChange: X }, { type: 'rename', from: 'd', to: 'd/e', was: [null], toWas: [null] }),
      files({ bookmark: 'main', newChange: X }, backend.write('a', '1')),
    ],
    ['1'],
  );
  expect(results).toMatchObject([{ ok: false, error: { code: 'INVALID_PATH' } }, { ok: true }]);
});

test('evolution keeps every version, who made it and by which operation', async () => {
  await begin({ a: '1' });
  await backend.op(B, { ...files({ change: X }, backend.write('a', '2', '1')), seq: 9 }, ['2']);
  const repo = (await backend.storage.repoByName(backend.orgId, 'app'))?.id ?? '';
  const versions = await backend.storage.evolution(repo, X, 10);
  expect(versions).toMatchObject([{ origin: { client: B, seq: 9 } }, { origin: { client: A, seq: 1 } }]);
  const [newest, oldest] = await Promise.all(versions.map(async ({ commit }) => (await backend.storage.objects(repo, [commit]))[0]));
  const decode = (object: typeof newest): unknown => backend.core.decodeCommit(object?.bytes ?? new Uint8Array(0));
  expect(decode(newest)).toMatchObject({ changeId: X, parents: [], committer: { name: 'admin', email: 'admin@users.mesafs' } });
  expect(decode(oldest)).toMatchObject({ changeId: X, parents: [] });
});

test('metadata of many paths that are deleted with it does not take the square of their number', async () => {
  const paths = Array.from({ length: 30_000 }, (_, index) => `f${index}`);
  await backend.op(A, files({ bookmark: 'main', newChange: X }, ...paths.map((path) => backend.write(path, ''))), ['']);
  const given = paths.map((path) => ({ type: 'metadata' as const, path, set: { lang: 'en' }, delete: [] }));
  const { outcome } = await backend.op(A, files({ change: X }, ...given, ...paths.slice(1).map((path) => backend.write(path, null, ''))));
  expect(outcome).toBe('applied');
  expect(await backend.storage.metadataUnder((await backend.storage.repoByName(backend.orgId, 'app'))?.id ?? '', '')).toHaveLength(1);
}, 20_000);

test('metadata follows a move, not a copy, and goes with a deletion', async () => {
  await begin({ 'd/a': '1', b: '1' });
  const meta = async (path: string): Promise<unknown> => (await backend.json('GET', `/acme/app/-/metadata?path=${path}`)).body['metadata'];
  await backend.op(A, files({ change: X }, { type: 'metadata', path: 'd/a', set: { lang: 'en', gone: '' }, delete: [] }));
  expect(await meta('d/a')).toEqual({ lang: 'en' });
  const repo = (await backend.storage.repoByName(backend.orgId, 'app'))?.id ?? '';
  const [change] = await backend.storage.changes(repo, [X]);
  const [root] = await backend.storage.objects(repo, change?.trees ?? []);
  const tree = backend.core.decodeTree(root?.bytes ?? new Uint8Array(0)).find(({ name }) => name === 'd');
  const was = [{ oid: tree?.oid ?? '', mode: 0o040000 }];
  await backend.op(A, files({ change: X }, { type: 'rename', from: 'd', to: 'e', was, toWas: [null] }));
  expect([await meta('d/a'), await meta('e/a')]).toEqual([{}, { lang: 'en' }]);
  await backend.op(A, files({ change: X }, { type: 'write', path: 'e', was, entry: [null] }));
  expect(await meta('e/a')).toEqual({});
});
