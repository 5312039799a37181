import type { CheckedSha1 } from '../core/checked.ts';
import type { ObjectKind } from '../core/generated/mesa_core.js';
import type { Core } from '../core/load.ts';
import type { StoredObject } from '../core/resolve.ts';
import { ApiError } from '../wire/errors.ts';

/**
 * The core as a server uses it: whatever it gives an id, or holds against one, is looked at for attacks on SHA-1, as git does. An object is hashed as git
 * hashes it, header first: two files that collide as files, such as the SHAttered PDFs, have ids of their own and do no harm. All but `blobHasher`,
 * for which a server has no use: its blobs are there as a whole.
 *
 * @throws ApiError BAD_OBJECT from each function that hashes
 */
export function checkedCore(core: Core, sha1: CheckedSha1): Core {
  const hashObject = (kind: ObjectKind, bytes: Uint8Array): string => {
    const { oid, attacked } = sha1(`${kind} ${bytes.length}\0`, bytes);
    if (!attacked) return oid;
    const message = `The bytes of the ${kind} ${oid} show an attack on SHA-1: others can have been made with the same id, so it is not taken in.`;
    throw new ApiError('BAD_OBJECT', `${message} Content that has to be kept as it is can be put into an archive, which has another id.`, {
      oid,
      attack: true,
    });
  };
  const verifyObject = (oid: string, kind: ObjectKind, bytes: Uint8Array): boolean => hashObject(kind, bytes) === oid;
  const verifyObjects = (objects: readonly StoredObject[]): boolean[] => objects.map(({ oid, kind, bytes }) => verifyObject(oid, kind, bytes));
  return {
    ...core,
    hashObject,
    hashBlobs: (blobs) => blobs.map((bytes) => hashObject('blob', bytes)),
    hashBlob: async (bytes) => hashObject('blob', bytes),
    verifyObject,
    verifyObjects,
    verifyObjectsAside: async (objects) => verifyObjects(objects),
  };
}
