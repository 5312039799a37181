import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ApiError } from './errors.ts';
import type { Frame } from './frames.ts';
import { encodeEnd, encodeFrame, encodeFrames, FrameReader, readFrames } from './frames.ts';
import { LIMITS } from './limits.ts';

const header: Frame = { type: 'header', value: { client: 'x' } };
const oid = 'ab'.repeat(20);

const oids = fc
  .array(fc.integer({ min: 0, max: 255 }), { minLength: 20, maxLength: 20 })
  .map((bytes) => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(''));
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constant('operation' as const), payload: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({
    type: fc.constant('object' as const),
    kind: fc.constantFrom('blob' as const, 'tree' as const, 'commit' as const),
    oid: oids,
    bytes: fc.uint8Array({ maxLength: 300 }),
  }),
  fc.record({ type: fc.constant('sizes' as const), sizes: fc.array(fc.record({ oid: oids, size: fc.maxSafeNat() }), { maxLength: 8 }) }),
);

test('whatever is encoded is read back, however the bytes are cut', async () => {
  const cases = fc.tuple(
    fc.dictionary(fc.string(), fc.string()),
    fc.array(anyFrame, { maxLength: 12 }),
    fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1 }),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([value, rest, cuts]) => {
      const frames: Frame[] = [{ type: 'header', value: { ...value } }, ...rest];
      expect(await all(readFrames(chunked(encodeFrames(frames), cuts)))).toEqual(frames);
    }),
  );
});

test('a body written frame by frame is the same as one written at once', () => {
  const frames: Frame[] = [header, { type: 'object', kind: 'blob', oid, bytes: new Uint8Array([1]) }];
  const parts = [...frames.map(encodeFrame), encodeEnd(2)];
  expect(Uint8Array.from(parts.flatMap((part) => [...part]))).toEqual(encodeFrames(frames));
});

test('every body that was cut short is refused', async () => {
  const whole = encodeFrames([header, { type: 'operation', payload: new Uint8Array([1, 2, 3]) }, { type: 'sizes', sizes: [{ oid, size: 5 }] }]);
  for (let length = 0; length < whole.length; length += 1) {
    await expect(all(readFrames(whole.subarray(0, length))), `cut at ${length}`).rejects.toMatchObject({ code: 'BAD_FRAMING' });
  }
});

test('bytes altered anywhere are read as something or refused, and nothing else happens', async () => {
  const whole = encodeFrames([header, { type: 'object', kind: 'tree', oid, bytes: new Uint8Array([7, 7]) }, { type: 'sizes', sizes: [{ oid, size: 5 }] }]);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 }), async (place, byte) => {
      const altered = whole.slice();
      altered[place] = byte;
      await all(readFrames(altered)).catch((error: unknown) => expect(error).toBeInstanceOf(ApiError));
    }),
    { numRuns: 500 },
  );
});

describe('refuses', () => {
  const bad: Record<string, Uint8Array[]> = {
    'a body without a header': [encodeFrame({ type: 'operation', payload: new Uint8Array(0) }), encodeEnd(1)],
    'a second header': [encodeFrame(header), encodeFrame(header), encodeEnd(2)],
    'a wrong count': [encodeFrame(header), encodeEnd(2)],
    'an end frame of another length': [encodeFrame(header), new Uint8Array([0x5a, 0, 0, 0, 1, 1])],
    'bytes after the end': [encodeFrame(header), encodeEnd(1), new Uint8Array([0])],
    'frames after the end': [encodeFrame(header), encodeEnd(1), encodeFrame(header)],
    'an unknown type': [encodeFrame(header), new Uint8Array([0x21, 0, 0, 0, 0]), encodeEnd(2)],
    'a header that is no JSON': [new Uint8Array([0x48, 0, 0, 0, 2, 0x7b, 0x7b]), encodeEnd(1)],
    'a header that is no UTF-8': [new Uint8Array([0x48, 0, 0, 0, 3, 0x22, 0xff, 0x22]), encodeEnd(1)],
    'a header that is a list': [new Uint8Array([0x48, 0, 0, 0, 2, 0x5b, 0x5d]), encodeEnd(1)],
    'an object too short for its id': [encodeFrame(header), new Uint8Array([0x62, 0, 0, 0, 3, 1, 2, 3]), encodeEnd(2)],
    'a row of sizes cut short': [encodeFrame(header), new Uint8Array([0x53, 0, 0, 0, 3, 1, 2, 3]), encodeEnd(2)],
    'a size past counting': [
      encodeFrame(header),
      new Uint8Array([0x53, 0, 0, 0, 28, ...Array.from({ length: 20 }, () => 1), 255, 255, 255, 255, 255, 255, 255, 255]),
      encodeEnd(2),
    ],
  };
  for (const [name, parts] of Object.entries(bad)) {
    test(name, async () => {
      await expect(all(readFrames(Uint8Array.from(parts.flatMap((part) => [...part]))))).rejects.toMatchObject({ code: 'BAD_FRAMING', status: 400 });
    });
  }
});

test('a frame over the limit is refused at its first five bytes', () => {
  const reader = new FrameReader();
  reader.push(encodeFrame(header));
  expect(reader.take()).toEqual(header);
  const prefix = new Uint8Array(5);
  prefix[0] = 0x62;
  new DataView(prefix.buffer).setUint32(1, LIMITS.maxFrameBytes + 1);
  reader.push(prefix);
  expect(() => reader.take()).toThrow(
    expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE', details: { limit: LIMITS.maxFrameBytes, length: LIMITS.maxFrameBytes + 1 } }) as Error,
  );
});

test('a stream that nobody reads to the end is let go of', async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(encodeFrame(header)),
    cancel: () => void (cancelled = true),
  });
  await expect(all(readFrames(body))).rejects.toMatchObject({ code: 'BAD_FRAMING' });
  expect(cancelled).toBe(true);
});

async function all(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const found: Frame[] = [];
  for await (const frame of frames) found.push(frame);
  return found;
}

function chunked(bytes: Uint8Array, cuts: readonly number[]): ReadableStream<Uint8Array> {
  let at = 0;
  let turn = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      const length = cuts[turn++ % cuts.length] ?? 1;
      controller.enqueue(bytes.slice(at, at + length));
      at += length;
    },
  });
}
