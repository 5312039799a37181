import { FsError } from '../../base/errors.ts';
import { MissingObjectError } from '../../core/resolve.ts';
import type { StoredObject } from '../../core/resolve.ts';
import type { Edit, Terms } from '../../core/generated/mesa_core.js';
import { LIMITS } from '../../wire/limits.ts';
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

/** Bytes that are left for what stands around an operation's edits where it is sent, and around each object. */
const AROUND = { edits: 65_536, object: 32 };

/**
 * Refuses an operation that is larger than the backend takes, or than could be read again where it is kept, before anything is written: once kept it would
 * be in the way for good.
 *
 * @throws FsError EFBIG
 */
export function checkSizes(checkout: Checkout, edits: readonly WireEdit[], objects: readonly StoredObject[]): void {
  const payload = new TextEncoder().encode(JSON.stringify(edits)).length + AROUND.edits;
  const sizes = objects.map(({ bytes }) => bytes.length);
  const measured: [what: string, is: number, most: number][] = [
    ['edits', edits.length, LIMITS.maxEdits],
    ['bytes of edits', payload, LIMITS.maxJsonFrameBytes],
    ['bytes in one object', sizes.reduce((most, size) => Math.max(most, size), 0), LIMITS.maxBlobBytes],
    ['bytes', sizes.reduce((sum, size) => sum + size + AROUND.object, payload), LIMITS.maxBodyBytes],
  ];
  const over = measured.find(([, is, most]) => is > most);
  const [first] = edits;
  if (over === undefined || first === undefined) return;
  const [what, is, most] = over;
  const path = absolute(checkout, first.type === 'rename' ? first.from : first.path);
  throw new FsError('EFBIG', 'write', path, { hint: `${is} ${what}; one operation has at most ${most}: write it in parts` });
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
