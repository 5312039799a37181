import { expect, test, vi } from 'vitest';
import { ManualClock } from '../../server/test-support.ts';
import { Listings } from './listings.ts';
import type { ObjectStore } from './objects.ts';
import type { Trees } from './trees.ts';

test('a walk while the server is away leaves no failure behind that nobody hears of', async () => {
  const directory = { terms: [{ oid: 'a'.repeat(40), mode: 0o040000 }], kind: 'dir' };
  const sides = Promise.withResolvers<never>();
  const get = vi.fn(() => sides.promise);
  const listings = new Listings({
    clock: new ManualClock(0),
    trees: { peek: () => directory, at: async () => directory } as unknown as Trees,
    objects: { near: async () => [], get } as unknown as ObjectStore,
    head: () => ({ trees: ['b'.repeat(40)], side: 'c'.repeat(40) }),
    fetch: () => Promise.reject(new TypeError('fetch failed')),
  });
  const unheard = vi.fn();
  process.on('unhandledRejection', unheard);
  const view = { trees: [], side: null };
  await Promise.all([listings.load(view, 'a'), listings.load(view, 'b')]);
  expect(get).toHaveBeenCalled();
  sides.reject(new TypeError('fetch failed'));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unheard);
  expect(unheard).not.toHaveBeenCalled();
});
