import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answer, readRequest } from './http.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const incoming = (): PassThrough & IncomingMessage =>
  Object.assign(new PassThrough(), { method: 'POST', url: '/x', headers: {}, rawHeaders: [], complete: true }) as unknown as PassThrough & IncomingMessage;

test('a body that stops in the middle is given up after a minute, one that is slow is not', async () => {
  const sender = incoming();
  const body = readRequest(sender, new AbortController().signal).body?.getReader();
  for (let count = 0; count < 5; count += 1) {
    const read = body?.read();
    vi.advanceTimersByTime(50_000);
    sender.write('slow');
    expect((await read)?.value).toHaveLength(4);
  }
  const read = body?.read();
  vi.advanceTimersByTime(59_000);
  expect(sender.destroyed).toBe(false);
  vi.advanceTimersByTime(1_000);
  await expect(read).rejects.toThrow('broke before the whole body had come');
});

test('a body nobody waits for may stop', async () => {
  const sender = incoming();
  const body = readRequest(sender, new AbortController().signal).body?.getReader();
  sender.write(new Uint8Array(200_000));
  sender.write(new Uint8Array(200_000));
  await body?.read();
  await settled();
  vi.advanceTimersByTime(600_000);
  expect(sender.destroyed).toBe(false);
});

test('who leaves the answer unread for two minutes is cut off', async () => {
  const reader = Object.assign(new Writable({ highWaterMark: 1, write: () => undefined }), {
    setHeader: () => undefined,
    writeHead: () => undefined,
    flushHeaders: () => undefined,
  });
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(9)), cancel: () => void (cancelled = true) });
  const answered = answer(incoming(), reader as unknown as ServerResponse, async () => new Response(body));
  await settled();
  vi.advanceTimersByTime(119_000);
  expect([reader.destroyed, cancelled]).toEqual([false, false]);
  vi.advanceTimersByTime(1_000);
  await answered;
  expect([reader.destroyed, cancelled]).toEqual([true, true]);
});
