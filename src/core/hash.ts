import * as bindings from './generated/mesa_core.js';
import type { ObjectKind } from './generated/mesa_core.js';
import { openLanes, slotSize } from './lanes.ts';
import type { Lanes } from './lanes.ts';
import type { StoredObject } from './resolve.ts';
import { CoreTrapError } from './trap-error.ts';
import { currentInstance, guarded } from './trap.ts';

/** SHA-1 as a platform has it built in, at once: 40 hexadecimal digits of the hash of a header and the bytes after it. */
export type NativeSha1 = (header: string, bytes: Uint8Array) => string;

/** Ids of objects. */
export interface Hashing {
  /** The id of an object of this kind with these bytes. */
  hashObject(kind: ObjectKind, bytes: Uint8Array): string;
  /** The ids of many blobs at once, in their order: several times as fast as one by one. */
  hashBlobs(blobs: readonly Uint8Array[]): string[];
  /** The id of one blob that may be large; the computation leaves this thread where that is faster. The bytes must not change meanwhile. */
  hashBlob(bytes: Uint8Array): Promise<string>;
  /** Whether the bytes hash to the id. */
  verifyObject(oid: string, kind: ObjectKind, bytes: Uint8Array): boolean;
  /** Which of the objects hash to their ids, in their order. */
  verifyObjects(objects: readonly StoredObject[]): boolean[];
  /** As {@link verifyObjects}; for large blobs the computation leaves this thread where that is faster. The bytes must not change meanwhile. */
  verifyObjectsAside(objects: readonly StoredObject[]): Promise<boolean[]>;
  /** Begins a blob of this many bytes that comes in pieces. */
  blobHasher(size: number): BlobHasher;
}

/** The id of a blob that comes in pieces; memory is bounded however large it is. */
export interface BlobHasher {
  update(piece: Uint8Array): void;
  /** The id; the hasher is used up. */
  finish(): string;
}

/** Where one way of hashing begins to be faster than another, in bytes. Measured by `npm run bench -- hash`; decided here for every runtime. */
export const CROSSOVER: { readonly subtle: number; readonly native: number } = {
  /** From here on `crypto.subtle`, copying and waiting included, beats the core on one blob. */
  subtle: 32 * 1024,
  /** From here on a platform's own SHA-1, if it answers at once, beats the core on one object, and `subtle` on any. */
  native: 64,
};

/** Pieces in which the core takes a large blob, in bytes: it never has the whole. */
const PIECE_BYTES = 256 * 1024;

/** Blobs beyond this many bytes are hashed by themselves: a lane that goes on alone costs more than it brings. */
const BATCHED_BYTES = 32 * 1024;

/** Ids of objects, by the core and by what the platform has. */
export function makeHashing(native?: NativeSha1): Hashing {
  const lanes = native === undefined ? openLanes() : null;
  const hashObject = (kind: ObjectKind, bytes: Uint8Array): string => {
    if (native !== undefined && bytes.length >= CROSSOVER.native) return native(header(kind, bytes.length), bytes);
    if (bytes.length > PIECE_BYTES && kind === 'blob') return inPieces(bytes);
    return guarded('hashObject', () => bindings.hashObject(kind, bytes));
  };
  const hashBlobs = (blobs: readonly Uint8Array[]): string[] =>
    lanes === null ? blobs.map((bytes) => hashObject('blob', bytes)) : inBatches(lanes, blobs, (bytes) => hashObject('blob', bytes));
  const goesAside = (bytes: Uint8Array): boolean => native === undefined && bytes.length >= CROSSOVER.subtle;
  const verifyObjects = (objects: readonly StoredObject[]): boolean[] => {
    const blobs = hashBlobs(objects.filter(({ kind }) => kind === 'blob').map(({ bytes }) => bytes));
    let next = 0;
    return objects.map(({ oid, kind, bytes }) => oid === (kind === 'blob' ? blobs[next++] : hashObject(kind, bytes)));
  };
  return {
    hashObject,
    hashBlobs,
    hashBlob: async (bytes) => (goesAside(bytes) ? bySubtle(bytes) : hashObject('blob', bytes)),
    verifyObject: (oid, kind, bytes) => hashObject(kind, bytes) === oid,
    verifyObjects,
    async verifyObjectsAside(objects) {
      const isLarge = ({ kind, bytes }: StoredObject): boolean => kind === 'blob' && goesAside(bytes);
      const large = objects.filter(isLarge).map(({ bytes }) => bySubtle(bytes));
      const small = verifyObjects(objects.filter((object) => !isLarge(object)));
      const ids = await Promise.all(large);
      let [nextLarge, nextSmall] = [0, 0];
      return objects.map((object) => (isLarge(object) ? ids[nextLarge++] === object.oid : small[nextSmall++] === true));
    },
    blobHasher,
  };
}

function inBatches(lanes: Lanes, blobs: readonly Uint8Array[], large: (bytes: Uint8Array) => string): string[] {
  const ids: string[] = Array.from({ length: blobs.length });
  let batch: Uint8Array[] = [];
  let places: number[] = [];
  let bytes = 0;
  const flush = (): void => {
    if (batch.length === 1) ids[places[0] ?? 0] = large(batch[0] ?? new Uint8Array(0));
    else if (batch.length > 1) for (const [index, id] of lanes.hash(batch).entries()) ids[places[index] ?? 0] = id;
    [batch, places, bytes] = [[], [], 0];
  };
  for (const [place, blob] of blobs.entries()) {
    if (blob.length > BATCHED_BYTES) {
      ids[place] = large(blob);
      continue;
    }
    const size = slotSize(blob.length);
    if (!lanes.fits(batch.length + 1, bytes + size)) flush();
    batch.push(blob);
    places.push(place);
    bytes += size;
  }
  flush();
  return ids;
}

const header = (kind: ObjectKind, length: number): string => `${kind} ${length}\0`;

function inPieces(bytes: Uint8Array): string {
  const hasher = blobHasher(bytes.length);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) hasher.update(bytes.subarray(at, at + PIECE_BYTES));
  return hasher.finish();
}

function blobHasher(size: number): BlobHasher {
  const inner = guarded('blobHasher', () => new bindings.BlobHasher(size));
  const instance = currentInstance();
  const alive = <T>(what: string, call: () => T): T => {
    // What was hashed so far went with its instance.
    if (instance !== currentInstance()) throw new CoreTrapError('the id of a blob in pieces');
    return guarded(what, call);
  };
  return {
    update: (piece) => alive('update', () => inner.update(piece)),
    finish: () => alive('finish', () => inner.finish()),
  };
}

async function bySubtle(bytes: Uint8Array): Promise<string> {
  const before = new TextEncoder().encode(header('blob', bytes.length));
  const whole = new Uint8Array(before.length + bytes.length);
  whole.set(before);
  whole.set(bytes, before.length);
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-1', whole)));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
