import type { Edit } from '../../core/generated/mesa_core.js';
import type { StoredObject } from '../../core/resolve.ts';
import type { OperationBody, OpResult } from '../../wire/operations.ts';

/** The answer to an operation that the server accepted. */
export type Accepted = Extract<OpResult, { ok: true }>;

/** An operation that the server has not accepted yet, as far as is known here. */
export interface Pending {
  seq: number;
  body: OperationBody;
  /** What is sent, to the byte, at every try. */
  payload: Uint8Array;
  /** Blobs the server may not have. */
  blobs: StoredObject[];
  /** What it does to the content, for showing it on top of the server's head. */
  edits: Edit[];
  bytes: number;
  /** It has been sent at least once. */
  sent: boolean;
  /** An event has shown that the head holds it: it is no longer laid on top. */
  included: boolean;
  /** What its writer waits for. */
  answered: Promise<Accepted>;
  resolve: (result: Accepted) => void;
  reject: (error: unknown) => void;
}

/** The edits that change content: metadata has no history and isn't shown through the view. */
export function contentEdits(body: OperationBody): Edit[] {
  return body.kind === 'files' ? body.edits.filter((edit) => edit.type !== 'metadata') : [];
}
