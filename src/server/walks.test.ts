import { beforeEach, expect, test } from 'vitest';
import { encodeFrames } from '../wire/frames.ts';
import type { Frame } from '../wire/frames.ts';
import { operationFrame } from '../wire/operations.ts';
import type { WireEdit } from '../wire/operations.ts';
import { clientId, TestBackend } from './test-support.ts';

// A few trees that name each other stand for more paths than anybody can hold: whoever asks for all of them is told to ask for less.

const [X, Y, ROOT] = ['k'.repeat(32), 'l'.repeat(32), 'z'.repeat(32)];
const LEVELS = 10;
const WIDTH = 10;
let backend: TestBackend;

/** Puts a tree of ten entries, each of which is a tree of ten, and so on, at `bomb`: 10 ** 10 paths in eleven objects. */
async function plant(change: string, leaf: string, seq: number): Promise<void> {
  const names = Array.from({ length: WIDTH }, (_, index) => `d${index}`);
  await plantTrees(
    change,
    'bomb',
    leaf,
    seq,
    Array.from({ length: LEVELS }, () => names),
  );
}

/** Puts trees in each other at a path: the names of the innermost first, each with the same below it. */
async function plantTrees(change: string, path: string, leaf: string, seq: number, levels: string[][]): Promise<void> {
  const { core } = backend;
  const bytes = new TextEncoder().encode(leaf);
  const blob = core.hashObject('blob', bytes);
  const frames: Frame[] = [{ type: 'object', kind: 'blob', oid: blob, bytes }];
  let entry = { oid: blob, mode: 0o100644 };
  for (const names of levels) {
    const tree = core.encodeTree(names.map((name) => ({ name, ...entry })));
    entry = { oid: core.hashObject('tree', tree), mode: 0o40000 };
    frames.push({ type: 'object', kind: 'tree', oid: entry.oid, bytes: tree });
  }
  const operation = operationFrame({ seq, kind: 'files', target: { change }, edits: [{ type: 'write', path, was: [null], entry: [entry] }] });
  const body = encodeFrames([{ type: 'header', value: { client: clientId('a') } }, operation, ...frames]);
  expect(await backend.json('POST', '/acme/app/-/ops', body)).toMatchObject({ status: 200, body: { results: [{ ok: true }] } });
}

beforeEach(async () => {
  backend = await TestBackend.start();
  await backend.repo();
  await backend.op(clientId('b'), { seq: 1, kind: 'change.create', id: X, parents: [ROOT], message: '' });
  await backend.op(clientId('b'), { seq: 2, kind: 'change.create', id: Y, parents: [ROOT], message: '' });
  await plant(X, 'one', 1);
});

test('a listing of more paths than can be told is refused, and one of fewer levels is not', async () => {
  const all = await backend.json<{ error: { message: string } }>('GET', `/acme/app/content?change_id=${X}`);
  expect(all).toMatchObject({ status: 413, body: { error: { code: 'PAYLOAD_TOO_LARGE', details: { path: '', limit: 100_000 } } } });
  const depth = /ask with depth=(\d)/.exec(all.body.error.message)?.[1];
  const some = await backend.json<{ entries: unknown[] }>('GET', `/acme/app/content?change_id=${X}&depth=${depth}`);
  expect(some.status).toBe(200);
  expect(some.body.entries).toHaveLength(11_111);
});

test.each([
  ['its content', (): string => `/acme/app/content?change_id=${X}&path=bomb/d0`, {}],
  ['the change', (): string => `/acme/app/changes/${X}`, {}],
  ['a diff', (): string => `/acme/app/diff?base_change_id=${ROOT}&head_change_id=${X}`, {}],
  ['a patch', (): string => `/acme/app/diff?base_change_id=${ROOT}&head_change_id=${X}`, { Accept: 'text/plain' }],
])('more paths than can be told: %s is refused', async (_what, path, headers) => {
  expect(await backend.json('GET', path(), undefined, { headers })).toMatchObject({
    status: 413,
    body: { error: { code: 'PAYLOAD_TOO_LARGE', message: expect.stringMatching(/more than \d+ paths.*path/) as string } },
  });
  expect(backend.logged).toEqual([]);
});

test('few paths that are too long are refused as well, and those near the top are told', async () => {
  const leaves = Array.from({ length: 1_000 }, (_, index) => `f${String(index).padStart(3, '0')}`);
  await plantTrees(Y, 'long', 'one', 2, [leaves, ...Array.from({ length: 300 }, () => ['d'.repeat(255)])]);
  for (const path of [`content?change_id=${Y}`, `changes/${Y}`, `diff?base_change_id=${ROOT}&head_change_id=${Y}`]) {
    const { status, body } = await backend.json<{ error: { message: string } }>('GET', `/acme/app/${path}`);
    expect([path, status]).toEqual([path, 413]);
    if (path.startsWith('content')) expect(body.error.message).toContain('ask with depth=10,');
  }
  expect(await backend.json('GET', `/acme/app/content?change_id=${Y}&depth=10`)).toMatchObject({ status: 200, body: { entries: { length: 10 } } });
});

test('where directories were moved so deep that they cannot be read as a whole, that is said', async () => {
  const client = clientId('c');
  const deep = (name: string): string => Array.from({ length: 600 }, () => name).join('/');
  const write = { kind: 'files', target: { change: Y } } as const;
  await backend.op(client, { seq: 1, ...write, edits: ['a', 'b'].map((name) => backend.write(`${deep(name)}/f`, name)) }, ['a', 'b']);
  const { body } = await backend.json<{ sha: string }>('GET', `/acme/app/content?change_id=${Y}&path=a&depth=0`);
  const rename: WireEdit = { type: 'rename', from: 'a', to: `${deep('b')}/a`, was: [{ oid: body.sha, mode: 0o40000 }], toWas: [null] };
  await backend.op(client, { seq: 2, ...write, edits: [rename] });
  const refused = { status: 400, body: { error: { code: 'INVALID_PATH', message: expect.stringContaining('read it path by path') as string } } };
  for (const path of [`content?change_id=${Y}`, `changes/${Y}`]) expect(await backend.json('GET', `/acme/app/${path}`)).toMatchObject(refused);
  expect((await backend.json('GET', `/acme/app/content?change_id=${Y}&path=${deep('b')}&depth=3`)).status).toBe(200);
  const back: WireEdit = { ...rename, from: rename.to, to: 'a' };
  await backend.op(client, { seq: 3, ...write, edits: [back] });
  expect((await backend.json('GET', `/acme/app/content?change_id=${Y}`)).status).toBe(200);
  expect(backend.logged).toEqual([]);
});

test('what is the same in both is no part of a diff, however large', async () => {
  await plant(Y, 'one', 2);
  await backend.op(clientId('b'), { seq: 3, kind: 'files', target: { change: Y }, edits: [backend.write('bomb/d1/a', 'x'), backend.write('b', 'y')] }, [
    'x',
    'y',
  ]);
  const { body } = await backend.json<{ entries: { path: string }[] }>('GET', `/acme/app/diff?base_change_id=${X}&head_change_id=${Y}`);
  expect(body.entries.map(({ path }) => path)).toEqual(['b', 'bomb/d1/a']);
});

test('conflicts beyond those that are taken apart are told by their path', async () => {
  const paths = Array.from({ length: 310 }, (_, index) => `f${String(index).padStart(3, '0')}`);
  const conflict = [...backend.file('one'), null, ...backend.file('two')];
  const edits = paths.map((path) => ({ type: 'write' as const, path, was: [null], entry: conflict }));
  await backend.op(clientId('b'), { seq: 3, kind: 'files', target: { change: Y }, edits }, ['one', 'two']);
  const { body } = await backend.json<{ conflicted_entries: object[] }>('GET', `/acme/app/diff?base_change_id=${ROOT}&head_change_id=${Y}`);
  expect(body.conflicted_entries).toHaveLength(310);
  expect(body.conflicted_entries[299]).toMatchObject({ path: 'f299', omitted_reason: null });
  expect(body.conflicted_entries[300]).toEqual({ path: 'f300', hunks: [], size_bytes: 3, omitted_reason: 'too_large' });
});
