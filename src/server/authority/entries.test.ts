import { beforeEach, describe, expect, test } from 'vitest';
import { MODE } from '../../base/ids.ts';
import { encodeFrames } from '../../wire/frames.ts';
import type { Frame } from '../../wire/frames.ts';
import type { Operation, WireEdit, WireEntry } from '../../wire/operations.ts';
import { operationFrame } from '../../wire/operations.ts';
import { clientId, TestBackend } from '../test-support.ts';

// What is stored as an entry is of the kind that its mode says, whichever way it came in: nobody could read it otherwise.

const [A, B] = [clientId('a'), clientId('b')];
const X = 'k'.repeat(32);
let backend: TestBackend;
let blob: string;
let directory: string;

beforeEach(async () => {
  backend = await TestBackend.start();
  const { id } = await backend.repo();
  const edits = [backend.write('f', 'one\n'), backend.write('d/a', 'blob\n')];
  const { trees } = await backend.op(A, { seq: 1, kind: 'files', target: { bookmark: 'main', newChange: X }, edits }, ['one\n', 'blob\n']);
  blob = backend.core.hashObject('blob', new TextEncoder().encode('blob\n'));
  const [root] = await backend.storage.objects(id, trees);
  directory = backend.core.decodeTree(root?.bytes ?? new Uint8Array(0)).find(({ name }) => name === 'd')?.oid ?? '';
});

const put = (path: string, oid: string, mode: number): WireEdit => ({ type: 'write', path, was: [null], entry: [{ oid, mode }] });
const tree = (entries: Record<string, WireEntry>): Extract<Frame, { type: 'object' }> => {
  const bytes = backend.core.encodeTree(Object.entries(entries).map(([name, entry]) => ({ name, ...entry })));
  return { type: 'object', kind: 'tree', oid: backend.core.hashObject('tree', bytes), bytes };
};

/** Sends edits as B, with objects. */
function send(edits: WireEdit[], ...objects: Frame[]): Promise<{ status: number; body: Record<string, unknown> }> {
  const operation = operationFrame({ seq: 1, kind: 'files', target: { change: X }, edits });
  return backend.json('POST', '/acme/app/-/ops', encodeFrames([{ type: 'header', value: { client: B } }, operation, ...objects]));
}

/** Reads a path and the change in each way there is: nothing of that may fail. */
async function readAll(path: string): Promise<{ found: boolean; conflicts: unknown }> {
  const content = await backend.request('GET', `/acme/app/content?path=${path}&change_id=${X}`);
  const { body } = await backend.json('GET', `/acme/app/changes/${X}`);
  const open = await backend.request('POST', '/acme/app/-/open', { change: X, paths: [path, `${path}/x`] });
  await open.arrayBuffer();
  expect(backend.logged).toEqual([]);
  return { found: content.ok, conflicts: body['conflicts'] };
}

describe('an object named as a file and as a directory is refused,', () => {
  const refused = { status: 400, body: { error: { code: 'BAD_OBJECT' } } };

  test.each([
    ['the directory first', [MODE.tree, MODE.file]],
    ['the file first', [MODE.file, MODE.tree]],
  ])('%s', async (_name, modes) => {
    expect(await send(modes.map((mode, index) => put(`new${index}`, blob, mode)))).toMatchObject(refused);
    expect(await send(modes.map((mode, index) => put(`new${index}`, directory, mode)))).toMatchObject(refused);
  });

  test('in a directory sent along', async () => {
    for (const [a, b] of [
      [MODE.file, MODE.tree],
      [MODE.tree, MODE.file],
    ]) {
      const both = tree({ a: { oid: blob, mode: a ?? 0 }, b: { oid: blob, mode: b ?? 0 } });
      expect(await send([put('e', both.oid, MODE.tree)], both)).toMatchObject(refused);
    }
  });

  test('in a directory that was seen', async () => {
    const seen = tree({ a: { oid: blob, mode: MODE.tree } });
    expect(await send([{ type: 'write', path: 'd', was: [{ oid: seen.oid, mode: MODE.tree }], entry: [null] }], seen)).toMatchObject(refused);
  });
});

describe('what was seen and is not of that kind counts as not to be had,', () => {
  test('by a rename of what is gone: it does not come back', async () => {
    const rename: WireEdit = { type: 'rename', from: 'nope', to: 'e', was: [{ oid: blob, mode: MODE.tree }], toWas: [null] };
    expect(await send([rename])).toMatchObject({ status: 200, body: { results: [{ ok: true, outcome: 'unchanged' }] } });
    expect(await readAll('e')).toEqual({ found: false, conflicts: [] });
  });

  test('by a write that has lost its race: both sides are kept over nothing', async () => {
    const edit: WireEdit = { type: 'write', path: 'f', was: [{ oid: blob, mode: MODE.tree }], entry: backend.file('two\n') };
    const operation: Operation = { seq: 1, kind: 'files', target: { change: X }, edits: [edit] };
    expect(await backend.op(B, operation, ['two\n'])).toMatchObject({ outcome: 'conflicted' });
    expect(await readAll('f')).toEqual({ found: true, conflicts: ['f'] });
    expect(await backend.read('f', X)).toMatch(/one\n.*two\n/s);
  });

  test('unless it has to be looked into: then the write is refused', async () => {
    const edit: WireEdit = { type: 'write', path: 'f', was: [{ oid: directory, mode: MODE.file }], entry: backend.file('blob\n') };
    expect(await send([edit])).toMatchObject({ status: 200, body: { results: [{ ok: false, error: { code: 'INVALID_REQUEST' } }] } });
    expect(await readAll('f')).toEqual({ found: true, conflicts: [] });
  });
});
