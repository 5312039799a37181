import { beforeEach, expect, test } from 'vitest';
import type { Operation } from '../../wire/operations.ts';
import { clientId, TestBackend } from '../test-support.ts';

// Operations on files that come in one batch are carried out as one edit: one version, one event, an answer for each.

const A = clientId('a');
const X = 'k'.repeat(32);
let backend: TestBackend;

beforeEach(async () => {
  backend = await TestBackend.start();
  await backend.repo();
});

type Files = Extract<Operation, { kind: 'files' }>;
const files = (seq: number, target: Files['target'], ...edits: Files['edits']): Files => ({ seq, kind: 'files', target, edits });
const MAIN = { bookmark: 'main', newChange: X };

async function versions(): Promise<number> {
  const repo = await backend.storage.repoByName(backend.orgId, 'app');
  return (await backend.storage.state(repo?.id ?? ''))?.seq ?? 0;
}

test('a batch of writes makes one version, and each is answered with it', async () => {
  await backend.ops(A, [files(1, MAIN, backend.write('first', '0'))], ['0']);
  const before = await versions();
  const { results } = await backend.ops(
    A,
    [2, 3, 4].map((seq) => files(seq, MAIN, backend.write(`f${seq}`, String(seq)))),
    ['2', '3', '4'],
  );
  expect(results).toMatchObject([2, 3, 4].map((seq) => ({ seq, ok: true, outcome: 'applied', paths: [`f${seq}`] })));
  expect(new Set(results.map((result) => result.ok && result.commit)).size).toBe(1);
  expect(await versions()).toBe(before + 1);
  expect(await Promise.all(['f2', 'f3', 'f4'].map((path) => backend.read(path)))).toEqual(['2', '3', '4']);
});

test('writes of one file on top of each other end at the last', async () => {
  const { results } = await backend.ops(
    A,
    [files(1, MAIN, backend.write('a', '1')), files(2, MAIN, backend.write('a', '2', '1')), files(3, MAIN, backend.write('a', '3', '2'))],
    ['1', '2', '3'],
  );
  expect(results.map((result) => result.ok && result.outcome)).toEqual(['applied', 'applied', 'applied']);
  expect(await backend.read('a')).toBe('3');
});

test('one that is refused leaves the others standing', async () => {
  const bad = files(2, MAIN, { type: 'rename', from: 'e', to: 'e/f', was: [null], toWas: [null] });
  const { results } = await backend.ops(A, [files(1, MAIN, backend.write('a', '1')), bad, files(3, MAIN, backend.write('c', '3'))], ['1', '3']);
  expect(results.map((result) => result.ok)).toEqual([true, false, true]);
  expect([await backend.read('a'), await backend.read('c')]).toEqual(['1', '3']);
});

test('a batch that is sent again gets the same answers and does nothing', async () => {
  const batch = [1, 2, 3].map((seq) => files(seq, MAIN, backend.write(`f${seq}`, String(seq))));
  const first = await backend.ops(A, batch, ['1', '2', '3']);
  const before = await versions();
  const again = await backend.ops(A, batch, ['1', '2', '3']);
  expect(again.results).toEqual(first.results.map((result) => ({ ...result, replayed: true })));
  expect(await versions()).toBe(before);
});

test('a batch of which a part was accepted before carries out the rest', async () => {
  const batch = [1, 2, 3, 4].map((seq) => files(seq, MAIN, backend.write(`f${seq}`, String(seq))));
  await backend.ops(A, batch.slice(0, 2), ['1', '2']);
  const { results } = await backend.ops(A, batch, ['1', '2', '3', '4']);
  expect(results.map((result) => result.ok && result.replayed === true)).toEqual([true, true, false, false]);
  expect(await Promise.all(['f1', 'f4'].map((path) => backend.read(path)))).toEqual(['1', '4']);
});
