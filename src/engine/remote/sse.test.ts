import { expect, test } from 'vitest';
import type { LiveEvent } from '../../wire/events.ts';
import { encodeFrames } from '../../wire/frames.ts';
import { readEvents } from './sse.ts';

const CHANGE = {
  repo: 'app',
  change: 'k'.repeat(32),
  commit: '',
  trees: [],
  side: null,
  repoSeq: 1,
  origin: null,
  paths: [{ path: 'žluť', recursive: false }],
};
const TEXT = `:\n\nid: a\nevent: ready\ndata: {"cursor":"a"}\n\nid: b\nevent: change\ndata: ${JSON.stringify(CHANGE)}\n\nevent: later-version\ndata: {}\n\nevent: bye\ndata: {}\n\n`;

/** A body that arrives in pieces of `size` bytes. */
function body(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

async function all(stream: ReadableStream<Uint8Array>, alive: () => void = () => undefined): Promise<LiveEvent[]> {
  const events: LiveEvent[] = [];
  for await (const event of readEvents(stream, new AbortController().signal, alive)) events.push(event);
  return events;
}

test.each([1, 2, 3, 7, 1_000])('reads events that come in pieces of %i bytes', async (size) => {
  let chunks = 0;
  const events = await all(body(TEXT, size), () => (chunks += 1));
  expect(events).toEqual([
    { event: 'ready', id: 'a', data: { cursor: 'a' } },
    { event: 'change', id: 'b', data: CHANGE },
    { event: 'bye', id: '', data: {} },
  ]);
  expect(chunks).toBe(Math.ceil(new TextEncoder().encode(TEXT).length / size));
});

test('reads what an event brings along', async () => {
  const object = { oid: '86be9a55762d316a3026c2836d044f5fc76e34da', kind: 'blob' as const, bytes: new TextEncoder().encode('<žluť>') };
  const frames = encodeFrames([
    { type: 'header', value: { repo: 'app' } },
    { type: 'object', ...object },
  ]);
  const text = `event: objects\ndata: ${btoa(String.fromCharCode(...frames))}\n\n`;
  expect(await all(body(text, 50))).toEqual([{ event: 'objects', id: '', data: { repo: 'app', objects: [object] } }]);
});

test('ends with an error at data that is not JSON: what it said would be missed', async () => {
  await expect(all(body('event: change\ndata: {\n\n', 100))).rejects.toThrow(SyntaxError);
});

test('ends with its signal and lets go of the body', async () => {
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({ cancel: () => void (cancelled = true) });
  const controller = new AbortController();
  const reading = readEvents(endless, controller.signal, () => undefined).next();
  controller.abort(new Error('enough'));
  await expect(reading).rejects.toThrow('enough');
  expect(cancelled).toBe(true);
});
