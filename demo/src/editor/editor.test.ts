import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { expect, test } from 'vitest';
import { applySplices } from '../workspace/splices.ts';
import { minimalDiff } from './editing-tools.ts';
import { guessIndent } from './indentation.ts';
import { languageFor } from './languages.ts';
import { lineEnds } from './line-ends.ts';

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

test('a text whose grammar can’t be loaded is shown without colours', async () => {
  const offline = (): Promise<never> => Promise.reject(new TypeError('Failed to fetch dynamically imported module'));
  expect(await languageFor('/acme/app/a.ts', offline)).toEqual([]);
  expect(await languageFor('/acme/app/LICENSE')).toEqual([]);
});

test('what is pasted has the line ends of the text', () => {
  const state = EditorState.create({ doc: 'one\n', extensions: lineEnds });
  const pasted = state.facet(EditorView.clipboardInputFilter).reduce((text, filter) => filter(text, state), 'two\r\nthree\r\n');
  expect(state.update({ changes: { from: 4, insert: pasted } }).state.doc.toString()).toBe('one\ntwo\nthree\n');
});
