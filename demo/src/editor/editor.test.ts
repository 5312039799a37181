import { expect, test } from 'vitest';
import { applySplices } from '../workspace/splices.ts';
import { minimalDiff } from './editing-tools.ts';
import { guessIndent } from './indentation.ts';

test.each([
  ['', 'new\n'],
  ['one\ntwo\nthree\n', 'one\nTWO\nthree\n'],
  ['one\ntwo\nthree\n', 'three\n'],
  ['a 🏔 b', 'a 🏕 b'],
  ['same', 'same'],
])('the diff from %j to %j leads there', (from, to) => {
  expect(applySplices(from, minimalDiff(from, to))).toBe(to);
});

test('the diff leaves alone what is the same', () => {
  expect(minimalDiff('one\ntwo\nthree\n', 'one\ntwo!\nthree\n')).toEqual([{ from: 7, to: 7, insert: '!' }]);
});

test('a diff of very different texts ends soon and is right', () => {
  const from = Array.from({ length: 4_000 }, (_, line) => `line ${line} ${(line * 7919) % 104729}\n`).join('');
  const to = Array.from({ length: 4_000 }, (_, line) => `row ${(line * 31) % 4001} ${(line * 104729) % 7919}\n`).join('');
  expect(applySplices(from, minimalDiff(from, to))).toBe(to);
});

test.each([
  ['{\n    "a": 1\n}\n', '    '],
  ['a:\n  b:\n    c\n', '  '],
  ['a\n\tb\n\t\tc\n', '\t'],
  ['flat\ntext\n', '  '],
])('%j is indented by %j', (text, indent) => {
  expect(guessIndent(text)).toBe(indent);
});
