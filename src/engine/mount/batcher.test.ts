import { expect, test } from 'vitest';
import type { StoredObject } from '../../core/resolve.ts';
import { Batcher } from './batcher.ts';

const object = (oid: string): StoredObject => ({ oid, kind: 'blob', bytes: new Uint8Array(0) });

function bench(options: { near?: string[]; lacking?: string[]; size?: number } = {}): { batcher: Batcher; asked: string[][] } {
  const asked: string[][] = [];
  const batcher = new Batcher({
    near: async (oids) => oids.filter((oid) => options.near?.includes(oid)).map(object),
    far: async (oids) => {
      asked.push(oids);
      return oids.filter((oid) => !options.lacking?.includes(oid)).map(object);
    },
    sizeOf: () => options.size,
  });
  return { batcher, asked };
}

test('wishes of one tick are one request, also those that come a few microtasks later', async () => {
  const { batcher, asked } = bench();
  const later = async (): Promise<unknown> => {
    for (let turn = 0; turn < 3; turn += 1) await Promise.resolve();
    return batcher.load('c');
  };
  await Promise.all([batcher.load('a'), batcher.load('b'), later()]);
  expect(asked).toEqual([['a', 'b', 'c']]);
});

test('an object under way is not asked for twice, and can be asked for again later', async () => {
  const { batcher, asked } = bench({ lacking: ['gone'] });
  const [one, two] = await Promise.all([batcher.load('a'), batcher.load('a')]);
  expect(one).toBe(two);
  expect(await batcher.load('gone')).toBeUndefined();
  await batcher.load('gone');
  expect(asked).toEqual([['a'], ['gone'], ['gone']]);
});

test('only what the near source lacks goes to the far one', async () => {
  const { batcher, asked } = bench({ near: ['a'] });
  await Promise.all([batcher.load('a'), batcher.load('b')]);
  expect(asked).toEqual([['b']]);
});

test('big wishes are split by bytes, many by number', async () => {
  const big = bench({ size: 3 * 1024 * 1024 });
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((oid) => big.batcher.load(oid)));
  expect(big.asked.map(({ length }) => length)).toEqual([2, 2, 1]);
  const many = bench({ size: 1 });
  await Promise.all(Array.from({ length: 2_500 }, (_, index) => many.batcher.load(String(index))));
  expect(many.asked.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
});

test('a failure reaches all who asked, and the next who asks tries again', async () => {
  let tries = 0;
  const batcher = new Batcher({
    near: () => Promise.reject(new Error('the disk is gone')),
    far: async (oids) => {
      tries += 1;
      if (tries === 1) throw new TypeError('fetch failed');
      return oids.map(object);
    },
    sizeOf: () => undefined,
  });
  const failed = await Promise.allSettled([batcher.load('a'), batcher.load('b')]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await batcher.load('a')).toEqual(object('a'));
});
