import fc from 'fast-check';
import { loadCore } from '../../src/core/load.ts';
import type { WasmSource } from '../../src/core/load.ts';
import { CROSSOVER, makeHashing } from '../../src/core/hash.ts';
import type { Hashing, NativeSha1 } from '../../src/core/hash.ts';
import type { StoredObject } from '../../src/core/resolve.ts';
import { equal, ok } from './assert.ts';
import type { TestFunction } from './assert.ts';

/** Holds what the core says of ids against the platform's own SHA-1; `native` is what the runtime gives the core, if it has any. */
export function hashingSuite(test: TestFunction, source: () => WasmSource | undefined, native?: NativeSha1): void {
  const hashings = async (): Promise<Hashing[]> => {
    const core = await loadCore(source(), native);
    return [core, makeHashing()];
  };

  test('ids of blobs of every length around the edges of blocks, one by one and in batches', async () => {
    const lengths = [...Array.from({ length: 201 }, (_, length) => length), 4_095, 4_096, 4_097, CROSSOVER.native, CROSSOVER.subtle - 1, CROSSOVER.subtle];
    const blobs = lengths.map(blob);
    const expected = await Promise.all(blobs.map(reference));
    for (const hashing of await hashings()) {
      equal(hashing.hashBlobs(blobs), expected);
      equal(hashing.hashBlobs(blobs.toReversed()), expected.toReversed());
      equal(
        blobs.map((bytes) => hashing.hashObject('blob', bytes)),
        expected,
      );
      equal(await Promise.all(blobs.map((bytes) => hashing.hashBlob(bytes))), expected);
      equal(hashing.hashBlobs([]), []);
    }
  });

  test('ids of mixed batches', async () => {
    const all = await hashings();
    const length = fc.oneof(fc.nat(200), fc.constantFrom(55, 56, 63, 64, 119, 120), fc.nat(9_000), fc.constantFrom(262_000, 262_144, 700_001));
    await fc.assert(
      fc.asyncProperty(fc.array(length, { maxLength: 40 }), async (lengths) => {
        const blobs = lengths.map(blob);
        const expected = await Promise.all(blobs.map(reference));
        for (const hashing of all) equal(hashing.hashBlobs(blobs), expected);
      }),
      { numRuns: 60 },
    );
  });

  test('a blob in pieces has the id of the whole', async () => {
    for (const hashing of await hashings()) {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(300), { maxLength: 8 }), async (lengths) => {
          const pieces = lengths.map(blob);
          const whole = new Uint8Array(await new Blob(pieces).arrayBuffer());
          const hasher = hashing.blobHasher(whole.length);
          for (const piece of pieces) hasher.update(piece);
          equal(hasher.finish(), await reference(whole));
        }),
        { numRuns: 60 },
      );
      const short = hashing.blobHasher(3);
      short.update(blob(2));
      ok(throws(() => short.finish()) === 'BAD_ARGUMENT', 'too few bytes');
      ok(throws(() => hashing.blobHasher(1).update(blob(2))) === 'BAD_ARGUMENT', 'too many bytes');
      ok(throws(() => hashing.blobHasher(-1)) === 'BAD_ARGUMENT', 'a size below zero');
    }
  });

  test('objects with other bytes than their ids say are told apart', async () => {
    for (const hashing of await hashings()) {
      const objects = await Promise.all(
        [10, 600, CROSSOVER.subtle + 1, 20, 4_096, 5_000, 0].map(async (length) => ({ oid: await reference(blob(length)), bytes: blob(length) })),
      );
      const commit = { oid: hashing.hashObject('commit', blob(5)), kind: 'commit' as const, bytes: blob(5) };
      const sent = [...objects.map((object) => ({ ...object, kind: 'blob' as const })), commit];
      const verified = async (objects: readonly StoredObject[]): Promise<boolean[]> => {
        const at = hashing.verifyObjects(objects);
        equal(await hashing.verifyObjectsAside(objects), at);
        return at;
      };
      equal(
        await verified(sent),
        sent.map(() => true),
      );
      for (const altered of sent.keys()) {
        const other = sent.map((object, index) => (index === altered ? { ...object, bytes: flipped(object.bytes) } : object));
        equal(
          await verified(other),
          sent.map((_, index) => index !== altered),
        );
      }
    }
  });
}

/** Bytes that differ with the length, so that blobs mixed up show. */
export function blob(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, place) => place * 31 + length);
}

/** Other bytes, of the same length unless there are none. */
function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? Uint8Array.of(1) : bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte));
}

/** The id of a blob, by the platform. */
export async function reference(bytes: Uint8Array): Promise<string> {
  const whole = await new Blob([`blob ${bytes.length}\0`, bytes.slice()]).arrayBuffer();
  return Array.from(new Uint8Array(await crypto.subtle.digest('SHA-1', whole)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function throws(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
}
