import { expect, test } from 'vitest';
import { count } from './progress.ts';

test('one of something is not several', () => {
  expect([0, 1, 2].map((number) => count(number, 'commit'))).toEqual(['0 commits', '1 commit', '2 commits']);
});
