import { isOid } from '../../base/ids.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { OpsReply, WireEdit } from '../../wire/operations.ts';
import type { Pending } from '../sync/pending.ts';
import type { ObjectStore } from './objects.ts';
import type { RepoRemote } from './repo-remote.ts';

/** Edits to make, with the blobs they name that the backend may lack. */
export interface Plan {
  edits: WireEdit[];
  blobs: StoredObject[];
}

/** The blobs to send with a plan: its own, and what its entries name of other operations' or of merges made here. */
export function unsentBlobs(objects: ObjectStore, plan: Plan): StoredObject[] {
  const blobs = new Map(plan.blobs.map((blob) => [blob.oid, blob]));
  for (const edit of plan.edits) {
    for (const term of edit.type === 'write' ? edit.entry : []) {
      const object = term === null || blobs.has(term.oid) || !objects.isPinned(term.oid) ? undefined : objects.peek(term.oid);
      if (object?.kind === 'blob') blobs.set(object.oid, object);
    }
  }
  return [...blobs.values()];
}

/** Operations of one client, and the other clients whose operations the answer may hold. */
export interface OutgoingBatch {
  client: string;
  operations: Pending[];
  others: string[];
}

/** Sends a batch; again with the blobs that the backend turns out to lack, which are merges made here before it made the same. */
export async function sendBatch(remote: RepoRemote, objects: ObjectStore, batch: OutgoingBatch, signal: AbortSignal): Promise<OpsReply> {
  const { client, operations, others } = batch;
  try {
    return await remote.send(client, operations, signal, others);
  } catch (error) {
    const lacking = missingOids(error);
    const blobs = (await objects.near(lacking)).filter(({ kind }) => kind === 'blob');
    if (lacking.length === 0 || blobs.length < lacking.length) throw error;
    operations[0]?.blobs.push(...blobs);
    return remote.send(client, operations, signal, others);
  }
}

/** The objects that a batch was refused for. */
function missingOids(error: unknown): string[] {
  if (!(error instanceof MesaApiError) || error.code !== 'MISSING_OBJECT') return [];
  const { error: said } = error.body as { error?: { details?: { oids?: unknown } } };
  const oids = said?.details?.oids;
  return Array.isArray(oids) ? oids.filter(isOid) : [];
}
