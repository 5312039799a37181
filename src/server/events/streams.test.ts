import { expect, test } from 'vitest';
import { ManualClock, SseReader } from '../test-support.ts';
import { memoryStorage } from '../storage/memory.ts';
import type { EventRecord } from '../storage/records.ts';
import { Hub, roomKey } from './hub.ts';
import { EventStreams } from './streams.ts';

const REPO = 'repo_1';
const ROOMS = new Map([[REPO, new Set([roomKey('change', 'x')])]]);

/** Streams of a repo in which `count` events happen while a reader enters. */
async function busyStreams(count: number, behind: number): Promise<{ streams: EventStreams; clock: ManualClock }> {
  const storage = memoryStorage('epoch-1');
  await storage.createRepo({ id: REPO, orgId: 'org_1', name: 'app', defaultBookmark: 'main', tags: {}, createdAt: 0 });
  const hub = new Hub(storage, 'epoch-1');
  const events = Array.from({ length: count }, (_, index): EventRecord => ({ seq: index + 1, kind: 'change', subject: 'x', data: `{"n":${index}}` }));
  const state = storage.state.bind(storage);
  storage.state = async (repo) => {
    hub.publish(repo, events, []);
    return state(repo);
  };
  const clock = new ManualClock();
  return { streams: new EventStreams(hub, clock, { heartbeat: 15_000, life: 600_000, behind }), clock };
}

const REQUEST = { rooms: ROOMS, cursor: null, expiresAt: null, keyId: 'key_1', signal: new AbortController().signal };

test('a reader that falls behind as it enters is dropped once, with what it has got', async () => {
  const { streams, clock } = await busyStreams(3, 1);
  const reader = new SseReader(new Response((await streams.open(REQUEST)) as ReadableStream<Uint8Array<ArrayBuffer>>));
  expect(await reader.next()).toMatchObject({ event: 'ready' });
  expect(await reader.next()).toBe(null);
  // Nothing is left that would beat or end it again.
  clock.advance(1_000_000);
  expect(clock.waiting).toBe(0);
});

test('a reader that falls behind as it enters while the server stops is dropped once', async () => {
  const { streams } = await busyStreams(3, 1);
  streams.close();
  const reader = new SseReader(new Response((await streams.open(REQUEST)) as ReadableStream<Uint8Array<ArrayBuffer>>));
  expect(await reader.next()).toMatchObject({ event: 'ready' });
  expect(await reader.next()).toBe(null);
});

test('a reader with room gets what happened as it entered', async () => {
  const { streams } = await busyStreams(3, 100_000);
  const reader = new SseReader(new Response((await streams.open(REQUEST)) as ReadableStream<Uint8Array<ArrayBuffer>>));
  const seen = [await reader.next(), await reader.next(), await reader.next(), await reader.next()];
  expect(seen.map((event) => event?.data)).toMatchObject([{}, { n: 0 }, { n: 1 }, { n: 2 }]);
  await reader.close();
});

test('a reader that goes, before it has anything or later, leaves nothing that keeps a process from ending', async () => {
  const { streams, clock } = await busyStreams(0, 100_000);
  const gone = AbortSignal.abort();
  await streams.open({ ...REQUEST, signal: gone });
  expect(clock.waiting).toBe(0);
  const leaving = new AbortController();
  const reader = new SseReader(new Response((await streams.open({ ...REQUEST, signal: leaving.signal })) as ReadableStream<Uint8Array<ArrayBuffer>>));
  expect(await reader.next()).toMatchObject({ event: 'ready' });
  leaving.abort();
  expect(await reader.next()).toBe(null);
  expect(clock.waiting).toBe(0);
});
