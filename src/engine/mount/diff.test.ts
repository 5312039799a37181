import { expect, test } from 'vitest';
import { differingPaths } from './diff.ts';
import type { Trees } from './trees.ts';

test('where versions cannot be compared and something is on top, what is told is anything, since a rename on top moves what the hints name', async () => {
  const gone = async (): Promise<never> => Promise.reject(new Error('there is no network'));
  const trees = { lookup: gone, list: gone, sidesIn: gone } as unknown as Trees;
  const view = (oid: string) => ({ trees: [oid], side: null });
  const hints = [{ path: 'a', recursive: false }];
  expect(await differingPaths(trees, view('x'), view('y'), hints, false)).toEqual([{ path: '', recursive: true }]);
  expect(await differingPaths(trees, view('x'), view('y'), hints, true)).toEqual(hints);
});
