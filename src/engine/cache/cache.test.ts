import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { expect, test, vi } from 'vitest';
import type { StoredObject } from '../../core/resolve.ts';
import { systemClock } from '../../base/env.ts';
import { ManualClock } from '../../server/test-support.ts';
import { openIdbCache } from './idb.ts';
import { MemoryCache } from './memory.ts';

const object = (oid: string, size = 10): StoredObject => ({ oid, kind: 'blob', bytes: new Uint8Array(size).fill(oid.charCodeAt(0)) });
const oids = (objects: StoredObject[]): string[] => objects.map(({ oid }) => oid).toSorted();

test('memory keeps what was used last, up to its bytes', () => {
  const cache = new MemoryCache(2_000);
  for (const oid of ['a', 'b', 'c']) cache.put(object(oid, 400));
  expect(cache.get('a')?.oid).toBe('a');
  cache.put(object('d', 400));
  expect(['a', 'b', 'c', 'd'].map((oid) => cache.has(oid))).toEqual([true, false, true, true]);
  cache.put(object('e', 1_500));
  expect(cache.has('e')).toBe(false);
  expect(cache.bytes).toBeLessThanOrEqual(2_000);
  cache.clear();
  expect([cache.bytes, cache.has('a')]).toEqual([0, false]);
});

test('IndexedDB gives back what it was given, in this session and the next', async () => {
  const open = openIdbCache(new IDBFactory(), systemClock());
  const first = open('one', 1_000_000);
  first.put([object('a'), object('b')]);
  expect(oids(await first.get(['a', 'b', 'c']))).toEqual(['a', 'b']);
  await first.close();
  const second = open('one', 1_000_000);
  const [found] = await second.get(['a']);
  expect(found).toEqual(object('a'));
  expect(await open('other', 1_000_000).get(['a'])).toEqual([]);
  await second.close();
});

test('IndexedDB says what it has not stored, whoever removed it', async () => {
  const open = openIdbCache(new IDBFactory(), systemClock());
  const [one, other] = [open('one', 1_000), open('one', 1_000)];
  one.put([object('a'), object('b'), object('c', 251)]);
  expect(await one.lacking(['a', 'b'])).toEqual(['a', 'b']);
  expect(await one.flush()).toBe(true);
  expect(await one.lacking(['a', 'b', 'c'])).toEqual(['c']);
  await other.clear();
  expect(await one.lacking(['a'])).toEqual(['a']);
  await Promise.all([one.close(), other.close()]);
  expect(await one.lacking(['a'])).toEqual(['a']);
});

test('IndexedDB lets go of what was used longest ago', async () => {
  const factory = new IDBFactory();
  let now = 0;
  const clock = { ...systemClock(), now: () => (now += 1) };
  const open = openIdbCache(factory, clock);
  const names = Array.from({ length: 10 }, (_, index) => String.fromCharCode(97 + index));
  for (const name of names) {
    const cache = open('one', 1_000);
    cache.put([object(name, 100)]);
    await cache.close();
  }
  const touched = open('one', 1_000);
  await touched.get(['a']);
  touched.put([object('k', 100), object('l', 100)]);
  await touched.close();
  const after = open('one', 1_000);
  const left = oids(await after.get([...names, 'k', 'l']));
  expect(left).toContain('a');
  expect(left).toContain('l');
  expect(left).not.toContain('b');
  expect(left.length).toBeLessThanOrEqual(8);
  await after.close();
});

test('IndexedDB makes room with half of what it holds, what is in use last, but not with its last mebibyte', async () => {
  const cache = openIdbCache(new IDBFactory(), systemClock())('one', 100_000_000);
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  cache.put(names.map((name) => object(name, 400_000)));
  await cache.flush();
  await new Promise((resolve) => setTimeout(resolve, 2));
  await cache.shrink(['a', 'b']);
  const left = oids(await cache.get(names));
  expect(left).toHaveLength(4);
  expect(left.slice(0, 2)).toEqual(['a', 'b']);
  for (let again = 0; again < 5; again += 1) await cache.shrink([]);
  expect((await cache.get(names)).length * 400_000).toBeGreaterThan(700_000);
  await cache.close();
});

test('IndexedDB makes room again though the clock was set back', async () => {
  const clock = new ManualClock();
  const cache = openIdbCache(new IDBFactory(), clock)('one', 100_000_000);
  cache.put(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => object(name, 400_000)));
  await cache.flush();
  const whole = IDBObjectStore.prototype.put;
  let isFull = true;
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args: Parameters<typeof whole>) {
    if (isFull) throw new DOMException('full', 'QuotaExceededError');
    return whole.apply(this, args);
  });
  cache.put([object('x')]);
  expect(await cache.flush()).toBe(false);
  clock.advance(-3_600_000);
  const removed = vi.spyOn(IDBObjectStore.prototype, 'delete').mockImplementation(() => void (isFull = false) as never);
  expect(await cache.flush()).toBe(true);
  for (const spy of [put, removed]) spy.mockRestore();
  await cache.close();
});

test('IndexedDB that fails is a cache that holds nothing', async () => {
  const broken = {
    open: () => {
      throw new DOMException('no storage here', 'SecurityError');
    },
  } as unknown as globalThis.IDBFactory;
  const cache = openIdbCache(broken, systemClock())('one', 1_000);
  cache.put([object('a')]);
  await cache.close();
  expect(await cache.get(['b'])).toEqual([]);
});

test('IndexedDB opens again after its connection was given up', async () => {
  const factory = new IDBFactory();
  const cache = openIdbCache(factory, systemClock())('one', 1_000);
  cache.put([object('a')]);
  await cache.get(['x']);
  await new Promise((resolve) => {
    const request = factory.deleteDatabase('one');
    request.addEventListener('success', resolve);
  });
  expect(await cache.get(['z'])).toEqual([]);
  cache.put([object('b')]);
  await cache.close();
});
