import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { StoredObject } from '../../core/resolve.ts';
import { oidBytes } from '../../wire/frames.ts';
import { findNaming } from './rest-search.ts';

const FILE = '1'.repeat(40);
const WANTED = '2'.repeat(40);
const at = new Map<string, StoredObject>();
const near = async (oids: string[]): Promise<StoredObject[]> => oids.flatMap((oid) => at.get(oid) ?? []);

/** Keeps a tree of these entries; answers its id. */
function tree(...entries: [mode: string, name: string, oid: string][]): string {
  const parts = entries.flatMap(([mode, name, oid]) => [Buffer.from(`${mode} ${name}\0`), oidBytes(oid)]);
  const bytes = new Uint8Array(Buffer.concat(parts));
  const oid = createHash('sha1').update(`tree ${bytes.length}\0`).update(bytes).digest('hex');
  at.set(oid, { oid, kind: 'tree', bytes });
  return oid;
}

test('finds the directory that names a file, behind a hundred thousand entries', async () => {
  const wide = tree(...Array.from({ length: 1_000 }, (_, index): [string, string, string] => ['100644', `f${index}`, FILE]));
  const many = Array.from({ length: 100 }, (_, index): [string, string, string] => ['40000', `d${index}`, wide]);
  const last = tree(['100644', 'before', FILE], ['100755', 'näme', WANTED]);
  const root = tree(...many, ['40000', 'e', tree(['40000', 'deep', last])]);
  expect(await findNaming(root, WANTED, near)).toEqual({
    path: 'e/deep',
    entries: [
      { name: 'before', mode: 0o100644, oid: FILE },
      { name: 'näme', mode: 0o100755, oid: WANTED },
    ],
  });
  expect((await findNaming(root, last, near))?.path).toBe('e');
  expect((await findNaming(root, FILE, near))?.path).toBe('d0');
});

test('answers null for what no tree at hand names, and takes no name or mode for an id', async () => {
  const lacking = '3'.repeat(40);
  const named = tree(['100644', Buffer.from(oidBytes(WANTED)).toString('latin1'), FILE], ['160000', 'submodule', lacking], ['40000', 'gone', lacking]);
  expect(await findNaming(named, WANTED, near)).toBeNull();
  expect((await findNaming(named, lacking, near))?.path).toBe('');
  expect(await findNaming(lacking, WANTED, near)).toBeNull();
});
