import { expect, test } from 'vitest';
import { ago } from './when.ts';

const minute = 60_000;

test.each([
  [-5 * minute, 'just now'],
  [59_000, 'just now'],
  [minute, '1 minute ago'],
  [119 * minute, '1 hour ago'],
  [25 * 60 * minute, 'yesterday'],
  [40 * 24 * 60 * minute, 'last month'],
  [800 * 24 * 60 * minute, '2 years ago'],
])('%d ms ago is %s', (passed, words) => {
  expect(ago(1e12, 1e12 + passed)).toBe(words);
});
