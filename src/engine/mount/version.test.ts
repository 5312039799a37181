import { expect, test } from 'vitest';
import type { Terms } from '../../core/generated/mesa_core.js';
import { sameTerms, termsOf, versionOf } from './version.ts';

const entry = (digit: string, mode = 0o100644): { oid: string; mode: number } => ({ oid: digit.repeat(40), mode });

test.each<[Terms]>([
  [[entry('a')]],
  [[entry('0', 0o100755)]],
  [[null]],
  [[entry('a'), null, entry('b', 0o120000)]],
  [[entry('a'), entry('b', 0o040000), null]],
])('a version names its terms: %j', (terms) => {
  expect(termsOf(versionOf(terms))).toEqual(terms);
  expect(sameTerms(terms, structuredClone(terms))).toBe(true);
});

test.each(['', 'x', '0.0', `100644-${'A'.repeat(40)}`, `100644-${'a'.repeat(39)}`, `-${'a'.repeat(40)}`])('"%s" is no version', (text) =>
  expect(termsOf(text)).toBeNull(),
);

test('other content is another version, another mode too', () => {
  expect(sameTerms([entry('a')], [entry('b')])).toBe(false);
  expect(sameTerms([entry('a')], [entry('a', 0o100755)])).toBe(false);
});
