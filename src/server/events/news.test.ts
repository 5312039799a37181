import { afterEach, beforeEach, expect, test } from 'vitest';
import { readEvents } from '../../engine/remote/sse.ts';
import type { LiveEvent } from '../../wire/events.ts';
import { clientId, TestBackend } from '../test-support.ts';

const A = clientId('a');
const X = 'k'.repeat(32);
const BEHIND = 4_000;
let backend: TestBackend;
let seq: number;
let leaving: AbortController;

beforeEach(async () => {
  backend = await TestBackend.start({ streams: { behind: BEHIND } });
  await backend.repo();
  seq = 0;
  leaving = new AbortController();
  await write('a', '0');
});

afterEach(() => {
  leaving.abort();
  expect(backend.logged).toEqual([]);
});

async function write(path: string, content: string): Promise<void> {
  const target = { bookmark: 'main', newChange: X };
  await backend.op(A, { seq: ++seq, kind: 'files', target, edits: [backend.write(path, content)] }, [content]);
}

/** A stream that has begun. */
async function listen(query: string): Promise<{ next(): Promise<LiveEvent | null> }> {
  const response = await backend.request('GET', `/acme/-/events?room=app/${X}${query}`);
  const events = readEvents(response.body ?? new ReadableStream(), leaving.signal, () => undefined);
  const next = async (): Promise<LiveEvent | null> => (await events.next()).value ?? null;
  expect(await next()).toMatchObject({ event: 'ready' });
  return { next };
}

test('what is new comes before its event, where that is asked for', async () => {
  const [asking, other] = [await listen('&objects=1'), await listen('')];
  await write('d/b', 'new');
  const news = await asking.next();
  const change = await asking.next();
  if (news?.event !== 'objects' || change?.event !== 'change') throw new Error('expected objects, then a change');
  const { repo, objects } = news.data;
  expect(repo).toBe('app');
  expect(objects.map(({ oid, kind, bytes }) => backend.core.verifyObject(oid, kind, bytes))).toEqual(objects.map(() => true));
  expect(objects.map(({ oid }) => oid)).toEqual(expect.arrayContaining([...change.data.trees, change.data.side]));
  expect(objects.filter(({ kind }) => kind === 'blob').map(({ bytes }) => new TextDecoder().decode(bytes))).toContain('new');
  expect(await other.next()).toEqual(change);
});

test('what its reader has no room for does not come, and the event does', async () => {
  const events = await listen('&objects=1');
  await write('large', 'x'.repeat(BEHIND));
  expect(await events.next()).toMatchObject({ event: 'change', data: { paths: [{ path: 'large', recursive: false }] } });
});

test('what is large does not come', async () => {
  await backend.op(A, { seq: ++seq, kind: 'files', target: { change: X }, edits: [backend.write('b', '0')] }, ['0']);
  const events = await listen('&objects=1');
  await write('large', 'x'.repeat(20_000));
  const news = await events.next();
  if (news?.event !== 'objects') throw new Error('expected objects');
  expect(Math.max(...news.data.objects.map(({ bytes }) => bytes.length))).toBeLessThan(1_000);
});
