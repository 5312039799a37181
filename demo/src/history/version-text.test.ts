import { expect, test } from 'vitest';
import type { Version } from './history-source.ts';
import { nameOf, titleOf } from './version-text.ts';

const version: Version = { id: 'k', commit: 'c', message: '', author: 'Ada', at: 0, parents: [], conflicted: false, empty: false };

test.each([
  ['', 'No message yet'],
  ['  First line\nand more', 'First line'],
  ['Undo \u202Ekcatta', 'Undo ‹U+202E›kcatta'],
])('the message %j is shown as %j', (message, title) => {
  expect(titleOf({ ...version, message })).toBe(title);
});

test('a sentence quotes it', () => {
  expect([nameOf(version), nameOf({ ...version, message: 'Plan' })]).toEqual(['a version without a message', '“Plan”']);
});
