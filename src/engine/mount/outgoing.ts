import { isOid } from '../../base/ids.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { OpsReply, WireEdit } from '../../wire/operations.ts';
import { reachablePins } from '../remote/git-tree.ts';
import type { Pending } from '../sync/pending.ts';
import type { ObjectStore } from './objects.ts';
import type { RepoRemote } from './repo-remote.ts';

/** Edits to make, with the objects they name that the backend may lack. */
export interface Plan {
  edits: WireEdit[];
  blobs: StoredObject[];
}

/**
 * The objects to send with a plan: its own, and what its entries name of other operations' or of what was made here. A directory is named with all below it that
 * the backend may lack: it may never stand there like that, where others' edits come before the operations that made it here.
 */
export function unsentObjects(objects: ObjectStore, { edits, blobs }: Plan): StoredObject[] {
  const unsent = new Map(blobs.map((blob) => [blob.oid, blob]));
  const trees = edits.flatMap((edit) => (edit.type === 'write' ? edit.entry : [])).map((term) => term?.oid ?? '');
  reachablePins({ trees, side: null }, (oid) => {
    const object = objects.isPinned(oid) ? objects.peek(oid) : undefined;
    if (object !== undefined) unsent.set(oid, object);
    return object;
  });
  // What was there may never have stood at the backend: the directories that were made here, and what was merged here. Without them a removal would find nothing
  // to remove where others have written there, what is written upon a merge would be in conflict over nothing, and what a racer deletes lives on under the name it
  // is moved to here. The files in them were sent with what made them.
  const bases = edits.flatMap((edit) => (edit.type === 'write' ? edit.was : edit.type === 'rename' ? [...edit.was, ...edit.toWas] : []));
  reachablePins({ trees: bases.map((term) => term?.oid ?? ''), side: null }, (oid) => {
    const object = objects.isPinned(oid) || objects.isMade(oid) ? objects.peek(oid) : undefined;
    if (object?.kind === 'tree' || (object !== undefined && objects.isMade(oid))) unsent.set(oid, object);
    return object;
  });
  return [...unsent.values()];
}

/** Operations of one client, and the other clients whose operations the answer may hold. */
export interface OutgoingBatch {
  client: string;
  operations: Pending[];
  others: string[];
}

/** Sends a batch; again with what the backend turns out to lack: merges made here before it made the same, and what directories hold that never stood there. */
export async function sendBatch(remote: RepoRemote, objects: ObjectStore, batch: OutgoingBatch, signal: AbortSignal): Promise<OpsReply> {
  const { client, operations, others } = batch;
  for (const added = new Set<string>(); ;) {
    try {
      return await remote.send(client, operations, signal, others);
    } catch (error) {
      const lacking = missingOids(error).filter((oid) => !added.has(oid));
      const found = await objects.near(lacking);
      if (lacking.length === 0 || found.length < lacking.length) throw error;
      for (const oid of lacking) added.add(oid);
      operations[0]?.blobs.push(...found);
    }
  }
}

/** The objects that a batch was refused for. */
function missingOids(error: unknown): string[] {
  if (!(error instanceof MesaApiError) || error.code !== 'MISSING_OBJECT') return [];
  const { error: said } = error.body as { error?: { details?: { oids?: unknown } } };
  const oids = said?.details?.oids;
  return Array.isArray(oids) ? oids.filter(isOid) : [];
}
