import { FsError } from '../../base/errors.ts';
import { MissingObjectError } from '../../core/resolve.ts';
import type { Edit, Terms } from '../../core/generated/mesa_core.js';
import type { WireEdit } from '../../wire/operations.ts';
import type { Checkout } from './checkout.ts';
import { absolute } from './namespace.ts';

/** Refuses edits that the backend has no way to make, before anything is written. @throws FsError ENOTSUP */
export async function checkLimits(checkout: Checkout, edits: readonly WireEdit[]): Promise<void> {
  const limit = await checkout.remote.limit(edits);
  if (limit === null) return;
  const { syscall, path, dest, reason } = limit;
  throw new FsError('ENOTSUP', syscall, absolute(checkout, path), { hint: reason, ...(dest === undefined ? {} : { dest: absolute(checkout, dest) }) });
}

/**
 * Makes the edits, again without what their writer saw where that is nowhere to be had any more: both sides are then kept over nothing. A backend that
 * knows objects by their ids never loses any.
 *
 * @throws MissingObjectError when something else is lacking
 */
export async function withoutLost<E extends Edit | WireEdit, T>(edits: E[], make: (edits: E[]) => Promise<T>): Promise<T> {
  try {
    return await make(edits);
  } catch (error) {
    if (!(error instanceof MissingObjectError)) throw error;
    const lost = new Set(error.oids);
    const seen = (terms: Terms): Terms => (terms.some((term) => term !== null && lost.has(term.oid)) ? [null] : terms);
    const over = edits.map((edit) => (edit.type === 'write' ? { ...edit, was: seen(edit.was) } : edit));
    if (JSON.stringify(over) === JSON.stringify(edits)) throw error;
    return make(over);
  }
}
