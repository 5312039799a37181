import { expect, test } from 'vitest';
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
