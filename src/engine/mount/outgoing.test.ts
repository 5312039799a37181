import { expect, test } from 'vitest';
import type { StoredObject } from '../../core/resolve.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import { loadNodeCore } from '../../runtime/node-core.ts';
import type { WireEdit } from '../../wire/operations.ts';
import { MemoryCache } from '../cache/memory.ts';
import type { Pending } from '../sync/pending.ts';
import { ObjectStore } from './objects.ts';
import { sendBatch, unsentObjects } from './outgoing.ts';
import type { RepoRemote } from './repo-remote.ts';
import { Trees } from './trees.ts';

const core = await loadNodeCore();

/** A store with a directory `d` of a file, and one below it, all of it made here; with the trees by path. */
async function madeHere(): Promise<{ objects: ObjectStore; blob: StoredObject; top: string; below: string }> {
  const objects = new ObjectStore({ core, fetch: async () => [], memory: new MemoryCache(1_000_000), disk: null });
  const trees = new Trees(core, objects, async () => undefined);
  const bytes = new TextEncoder().encode('mine\n');
  const blob = { oid: core.hashObject('blob', bytes), kind: 'blob' as const, bytes };
  objects.pin([blob]);
  const empty = { trees: ['4b825dc642cb6eb9a060e54bf8d69288fbee4904'], side: null };
  const write = (path: string) => ({ type: 'write' as const, path, was: [null], entry: [{ oid: blob.oid, mode: 0o100644 }] });
  const { view } = await trees.apply(empty, [write('d/a'), write('d/in/a')]);
  const [top, below] = await trees.lookup(view, ['d', 'd/in']);
  trees.close();
  return { objects, blob, top: top?.terms[0]?.oid ?? '', below: below?.terms[0]?.oid ?? '' };
}

const naming = (oid: string): WireEdit[] => [{ type: 'write', path: 'e', was: [null], entry: [{ oid, mode: 0o40000 }] }];

test('a directory that was made here is sent with all below it, one that was not is only named', async () => {
  const { objects, blob, top, below } = await madeHere();
  const unsent = unsentObjects(objects, { edits: naming(top), blobs: [] });
  expect(new Set(unsent)).toEqual(new Set([top, below, blob.oid].map((oid) => objects.peek(oid))));
  objects.unpin();
  expect(unsentObjects(objects, { edits: naming(top), blobs: [] })).toEqual([]);
});

test('what the backend turns out to lack is sent along, as often as it lacks something else', async () => {
  const { objects, blob, top, below } = await madeHere();
  objects.unpin();
  const lacking = [[top], [below, blob.oid]];
  const sent: number[] = [];
  const lack = (oids: string[]) => {
    const error = { code: 'MISSING_OBJECT', message: 'It is lacking.', details: { oids } };
    return new MesaApiError(error.message, { status: 422, code: error.code, body: { error } });
  };
  const send = async (_client: string, [operation]: Pending[]) => {
    sent.push(operation?.blobs.length ?? 0);
    const oids = lacking.shift();
    if (oids !== undefined) throw lack(oids);
    return { results: [], cursor: '' };
  };
  const batch = () => ({ client: 'c', operations: [{ blobs: [] as StoredObject[] } as unknown as Pending], others: [] });
  await sendBatch({ send } as unknown as RepoRemote, objects, batch(), new AbortController().signal);
  expect(sent).toEqual([0, 1, 3]);
  lacking.push([top], [top]);
  await expect(sendBatch({ send } as unknown as RepoRemote, objects, batch(), new AbortController().signal)).rejects.toThrow('It is lacking');
});
