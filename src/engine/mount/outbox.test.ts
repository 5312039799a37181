import { expect, test } from 'vitest';
import { Lock } from './lock.ts';
import { Outbox } from './outbox.ts';

test('the next batch goes when the last was taken; what waits is not repeated', async () => {
  const batches: string[][] = [];
  const taken: (() => void)[] = [];
  const outbox = new Outbox<string>((items) => {
    batches.push(items);
    return new Promise((resolve) => taken.push(resolve));
  });
  outbox.add(['a']);
  outbox.add(['b', 'c']);
  outbox.add(['b']);
  expect(batches).toEqual([['a']]);
  taken.shift()?.();
  await Promise.resolve();
  await Promise.resolve();
  expect(batches).toEqual([['a'], ['c', 'b']]);
  outbox.add(['d']);
  outbox.close();
  taken.shift()?.();
  await Promise.resolve();
  expect(batches).toHaveLength(2);
});

test('a handler that fails does not stop the next batch', async () => {
  const batches: number[][] = [];
  const outbox = new Outbox<number>(async (items) => {
    batches.push(items);
    throw new Error('the page is gone');
  });
  outbox.add([1]);
  await Promise.resolve();
  await Promise.resolve();
  outbox.add([2]);
  expect(batches).toEqual([[1], [2]]);
});

test('a lock runs its tasks in order, whatever becomes of them', async () => {
  const lock = new Lock();
  const order: string[] = [];
  expect(lock.idle()).toBeNull();
  const first = lock.run(async () => {
    await Promise.resolve();
    order.push('first');
    throw new Error('failed');
  });
  const second = lock.run(async () => order.push('second'));
  expect(lock.idle()).not.toBeNull();
  await expect(first).rejects.toThrow('failed');
  await second;
  expect(order).toEqual(['first', 'second']);
  expect(lock.idle()).toBeNull();
});
