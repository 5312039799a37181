import { concatBytes } from '../wire/bytes.ts';
import type { Frame } from '../wire/frames.ts';
import { encodeEnd, encodeFrame, FRAMES_TYPE } from '../wire/frames.ts';

/** Small frames are sent together, in pieces of about this many bytes. */
const CHUNK = 64 * 1024;

/** Answers frames, encoded as the reader takes them. */
export function framesResponse(frames: Iterable<Frame> | AsyncIterable<Frame>): Response {
  const source = Symbol.asyncIterator in frames ? frames[Symbol.asyncIterator]() : frames[Symbol.iterator]();
  let count = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const parts: Uint8Array[] = [];
      for (let length = 0; length < CHUNK; length += parts.at(-1)?.length ?? 0) {
        const next = await source.next();
        if (next.done === true) {
          controller.enqueue(concatBytes([...parts, encodeEnd(count)]));
          return controller.close();
        }
        count += 1;
        parts.push(encodeFrame(next.value));
      }
      controller.enqueue(concatBytes(parts));
    },
    async cancel() {
      await source.return?.();
    },
  });
  return new Response(body, { headers: { 'Content-Type': FRAMES_TYPE, 'Cache-Control': 'no-store' } });
}
