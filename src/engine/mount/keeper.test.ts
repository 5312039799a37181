import { expect, test, vi } from 'vitest';
import { ManualClock } from '../../server/test-support.ts';
import type { ObjectCache } from '../cache/interface.ts';
import type { Checkout } from './checkout.ts';
import { Heads, UNMADE } from './heads.ts';
import { Keeper } from './keeper.ts';

test('a head that never rests is noted now and then, though the clock was set back', async () => {
  const clock = new ManualClock();
  const head = { trees: [], side: null, commit: UNMADE };
  let looked = 0;
  const trees = { lookup: async () => void (looked += 1) };
  const checkout = { head, view: head, trees, objects: { storePinned: () => undefined }, backlog: {} } as unknown as Checkout;
  const disk = { retained: async () => [] } as unknown as ObjectCache;
  const keeper = new Keeper(checkout, { clock, disk, heads: new Heads(null) });
  keeper.rest([]);
  clock.advance(-3_600_000);
  for (let ms = 0; ms < 1_500; ms += 50) {
    keeper.rest([]);
    clock.advance(50);
  }
  expect(looked).toBe(1);
});

test('that the backend went back while a head is being noted is not forgotten with it', async () => {
  const at = (change: string, repoSeq: number): unknown => ({ trees: [], side: null, commit: 'c', change, repoSeq });
  const noting = Promise.withResolvers<boolean>();
  const gone: boolean[] = [];
  const note = (_noted: unknown, _bookmark: unknown, hasGoneBack: boolean): Promise<boolean> => {
    gone.push(hasGoneBack);
    return gone.length === 1 ? noting.promise : Promise.resolve(true);
  };
  const checkout = {
    head: at('b', 10),
    view: at('b', 10),
    bookmark: 'main',
    trees: { lookup: async () => [{ terms: [] }] },
    objects: { storePinned: () => undefined, restore: async () => undefined, isWhole: () => true, lacking: async () => [] },
    backlog: { noted: () => undefined },
    overlay: { inDoubt: false },
    standing: async () => ({ head: checkout.head, holds: {} }),
  };
  const disk = { retained: async () => [], recover: async () => undefined } as unknown as ObjectCache;
  const keeper = new Keeper(checkout as unknown as Checkout, { clock: new ManualClock(), disk, heads: { note } as unknown as Heads });
  const first = keeper.finish();
  await vi.waitFor(() => expect(gone).toEqual([false]));
  keeper.wentBack();
  checkout.head = at('a', 5);
  noting.resolve(true);
  await first;
  await keeper.finish();
  expect(gone).toEqual([false, true]);
});
