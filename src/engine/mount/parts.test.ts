import { expect, test } from 'vitest';
import type { WireEdit } from '../../wire/operations.ts';
import { Parts } from './parts.ts';

const edit = (path: string): WireEdit => ({ type: 'mkdir', path });
const object = (size: number) => ({ oid: 'a'.repeat(40), kind: 'blob' as const, bytes: new Uint8Array(size) });

test('edits are one operation while they fit into one, in order', () => {
  const parts = new Parts();
  for (const size of [6, 6, 6, 20, 1, 1]) parts.add(edit(`${size}`), [object(size * 1024 * 1024)]);
  const paths = parts.plans.map(({ edits }) => edits.map((each) => (each.type === 'mkdir' ? each.path : '')));
  expect(paths).toEqual([['6', '6'], ['6'], ['20'], ['1', '1']]);
  expect(parts.plans.map(({ blobs }) => blobs.length)).toEqual([2, 1, 1, 2]);
});

test('an operation has only so many edits', () => {
  const parts = new Parts();
  for (let at = 0; at < 25_000; at += 1) parts.add(edit(`${at}`), []);
  expect(parts.plans.map(({ edits }) => edits.length)).toEqual([10_000, 10_000, 5_000]);
});
