import { expect, test } from 'vitest';
import { applySplices, rebaseSplices } from './splices.ts';

const base = 'one\ntwo\nthree\nfour\n';

test('splices apply from left to right and speak of the old text', () => {
  expect(
    applySplices(base, [
      { from: 0, to: 3, insert: '1' },
      { from: 4, to: 7, insert: '2' },
    ]),
  ).toBe('1\n2\nthree\nfour\n');
});

test('an edit moves over one before it', () => {
  const mine = [{ from: 0, to: 3, insert: 'a longer line' }];
  const theirs = [{ from: 8, to: 13, insert: '3' }];
  const moved = rebaseSplices(base, theirs, mine);
  expect(moved && applySplices(applySplices(base, mine), moved)).toBe('a longer line\ntwo\n3\nfour\n');
});

test('an edit stays in place before one behind it', () => {
  const moved = rebaseSplices(base, [{ from: 0, to: 0, insert: 'zero\n' }], [{ from: 8, to: 13, insert: '3' }]);
  expect(moved).toEqual([{ from: 0, to: 0, insert: 'zero\n' }]);
});

test.each([
  ['the same line', { from: 0, to: 1, insert: 'O' }, { from: 2, to: 3, insert: 'E' }],
  ['neighbouring lines', { from: 0, to: 1, insert: 'O' }, { from: 4, to: 5, insert: 'T' }],
  ['one place', { from: 4, to: 4, insert: 'x\n' }, { from: 4, to: 4, insert: 'y\n' }],
])('edits of %s are not apart', (_name, mine, theirs) => {
  expect(rebaseSplices(base, [theirs], [mine])).toBeNull();
});
