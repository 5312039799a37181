import type { Edit } from '../../core/generated/mesa_core.js';
import type { StoredObject } from '../../core/resolve.ts';
import type { Operation, OperationBody, OpResult } from '../../wire/operations.ts';
import type { JournaledOperation } from '../journal/records.ts';
import type { After } from './causal.ts';

/** The answer to an operation that the server accepted. */
export type Accepted = Extract<OpResult, { ok: true }>;

/** An operation that the server has not accepted yet, as far as is known here. Its `payload` is what is sent, to the byte, at every try. */
export interface Pending extends JournaledOperation {
  body: OperationBody;
  /** What it does to the content, for showing it on top of the server's head. */
  edits: Edit[];
  bytes: number;
  /** It has been sent at least once. */
  sent: boolean;
  /** It is being written to the journal. */
  saving: boolean;
  /** The head is known to hold it: it is no longer laid on top. */
  included: boolean;
  /** Its writer was told that it is safe: from then on it does not vanish without a trace. */
  told: boolean;
  /** Its writer waits for the answer itself: that it is kept here tells him nothing yet. */
  awaited: boolean;
  /** What its writer waits for. */
  answered: Promise<Accepted>;
  resolve: (result: Accepted) => void;
  reject: (error: unknown) => void;
}

/** Makes an operation of this client. `change`: what was looked at when it was made; `after`: what of others' it was made on top of; `prev`: the one before it. */
export function makePending(
  seq: number,
  body: OperationBody,
  blobs: StoredObject[],
  change: string,
  place: { after?: After | undefined; prev?: number | undefined } = {},
): Pending {
  const payload = new TextEncoder().encode(JSON.stringify({ seq, ...body }));
  const { after, prev } = place;
  return pendingOf({ seq, payload, blobs, change, ...(after === undefined ? {} : { after }), ...(prev === undefined ? {} : { prev }) }, body);
}

/** Makes an operation out of a journal; whoever wrote it was told that it is safe, and whether it was sent is not known. */
export function restorePending(operation: JournaledOperation): Pending {
  const { seq: _, ...body } = JSON.parse(new TextDecoder().decode(operation.payload)) as Operation;
  return Object.assign(pendingOf(operation, body), { told: true, sent: true });
}

/** An operation of another engine of this device, which that one sends. */
export interface Foreign extends Pending {
  /** Where its effect stands, once that is known: the repo's sequence number, and the change it went into. */
  done: { repoSeq: number; change: string } | null;
}

/** Makes an operation that another engine sends. */
export function makeForeign(operation: JournaledOperation): Foreign {
  return Object.assign(restorePending(operation), { done: null });
}

function pendingOf(operation: JournaledOperation, body: OperationBody): Pending {
  const { promise: answered, resolve, reject } = Promise.withResolvers<Accepted>();
  // Whoever waits for it hears of its failure; often nobody does any more.
  answered.catch(() => undefined);
  const bytes = operation.blobs.reduce((sum, blob) => sum + blob.bytes.length, operation.payload.length);
  return {
    ...operation,
    body,
    edits: contentEdits(body),
    bytes,
    sent: false,
    saving: false,
    included: false,
    told: false,
    awaited: false,
    answered,
    resolve,
    reject,
  };
}

/** The edits that change content: metadata has no history and isn't shown through the view. */
export function contentEdits(body: OperationBody): Edit[] {
  return body.kind === 'files' ? body.edits.filter((edit) => edit.type !== 'metadata') : [];
}

/** Whether an operation shows where `change` is looked at, or the bookmark that is followed there; one that is known to have gone there does. */
export function showsIn(operation: Pending & Partial<Pick<Foreign, 'done'>>, change: string, bookmark: string | null): boolean {
  const { body, done } = operation;
  if (body.kind !== 'files') return false;
  if ('change' in body.target) return body.target.change === change;
  if (done?.change === change) return true;
  return operation.change === change || body.target.bookmark === bookmark;
}
