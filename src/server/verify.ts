import { repoPathProblem } from '../base/path-problem.ts';
import type { Core } from '../core/load.ts';
import type { StoredObject } from '../core/resolve.ts';
import { ApiError, quote } from '../wire/errors.ts';
import { LIMITS } from '../wire/limits.ts';

/**
 * Checks objects from outside: their bytes hash to their ids, and trees are well-formed, with names that paths can have.
 *
 * @throws ApiError BAD_OBJECT, PAYLOAD_TOO_LARGE
 */
export function verifyObjects(core: Core, objects: readonly StoredObject[]): void {
  for (const { oid, kind, bytes } of objects) {
    if (kind === 'blob' && bytes.length > LIMITS.maxBlobBytes) {
      const limit = LIMITS.maxBlobBytes;
      throw new ApiError('PAYLOAD_TOO_LARGE', `The blob ${oid} has ${bytes.length} bytes; the limit is ${limit}.`, { oid, limit });
    }
  }
  const sound = core.verifyObjects(objects);
  for (const [index, { oid, kind, bytes }] of objects.entries()) {
    if (sound[index] !== true) {
      throw new ApiError('BAD_OBJECT', `The ${kind} sent as ${oid} hashes to ${core.hashObject(kind, bytes)}; it was altered on its way or named wrongly.`, {
        oid,
      });
    }
    if (kind === 'tree') checkTree(core, oid, bytes);
  }
}

/** Its names are held to what paths are held to: it must not bring in what no path could name. */
function checkTree(core: Core, oid: string, bytes: Uint8Array): void {
  try {
    const entries = core.decodeTree(bytes);
    for (const { name } of entries) {
      const problem = repoPathProblem(name);
      if (problem !== null) throw new Error(`${quote(name)}: ${problem}`);
    }
    // What is no UTF-8 was decoded as this character.
    const doubtful = entries.some(({ name }) => name.includes('\ufffd'));
    if (doubtful && !core.verifyObject(oid, 'tree', core.encodeTree(entries))) throw new Error('a name in it is not valid UTF-8');
  } catch (cause) {
    throw new ApiError('BAD_OBJECT', `The tree ${oid} cannot be taken: ${cause instanceof Error ? cause.message : String(cause)}.`, { oid }, cause);
  }
}
