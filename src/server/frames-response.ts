import type { Frame } from '../wire/frames.ts';
import { encodeEnd, encodeFrame, FRAMES_TYPE } from '../wire/frames.ts';

/** Answers frames, encoded one by one as the reader takes them. */
export function framesResponse(frames: Iterable<Frame> | AsyncIterable<Frame>): Response {
  const source = Symbol.asyncIterator in frames ? frames[Symbol.asyncIterator]() : frames[Symbol.iterator]();
  let count = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await source.next();
      if (next.done === true) {
        controller.enqueue(encodeEnd(count));
        return controller.close();
      }
      count += 1;
      controller.enqueue(encodeFrame(next.value));
    },
    async cancel() {
      await source.return?.();
    },
  });
  return new Response(body, { headers: { 'Content-Type': FRAMES_TYPE, 'Cache-Control': 'no-store' } });
}
