import { expect, test } from 'vitest';
import { MODE } from '../../base/ids.ts';
import type { WireEdit } from '../../wire/operations.ts';
import { findLimit } from './rest-limits.ts';
import type { RestObjects } from './rest-objects.ts';

const BLOB = '1'.repeat(40);
const TREE = '2'.repeat(40);

/** A tree with so many files of one size. */
function holding(files: number, size: number): RestObjects {
  const oid = Uint8Array.from({ length: 20 }, () => 0x11);
  const entries = Array.from({ length: files }, (_, index) => [...new TextEncoder().encode(`100644 ${index}\0`), ...oid]);
  const tree = { oid: TREE, kind: 'tree', bytes: Uint8Array.from(entries.flat()) } as const;
  return {
    get: async (oids: string[]) => (oids.includes(TREE) ? [tree] : []),
    sizeOf: (id: string) => (id === BLOB ? size : undefined),
  } as unknown as RestObjects;
}

const entry = { oid: TREE, mode: MODE.tree };
const copy: WireEdit = { type: 'write', path: 'to', was: [null], entry: [entry] };
const move: WireEdit = { type: 'rename', from: 'from', to: 'to', was: [entry], toWas: [null] };

test('a directory that takes more than one patch is not moved nor copied', async () => {
  const limit = { path: 'to', reason: expect.stringContaining('in parts') as unknown };
  expect(await findLimit(holding(100, 1_000_000), [copy])).toMatchObject({ ...limit, syscall: 'cp' });
  expect(await findLimit(holding(20_000, 1), [move])).toMatchObject({ syscall: 'rename', path: 'from', dest: 'to' });
  expect(await findLimit(holding(100, 1_000), [copy, move])).toBeNull();
});

test('a single file goes as far as files go', async () => {
  const file: WireEdit = { type: 'write', path: 'to', was: [null], entry: [{ oid: BLOB, mode: MODE.file }] };
  expect(await findLimit(holding(0, 90_000_000), [file])).toBeNull();
});
