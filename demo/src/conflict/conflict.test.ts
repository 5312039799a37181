import { describe, expect, test } from 'vitest';
import { parseConflictText, termsInOrder } from './parse-conflict.ts';
import { resolveHunk } from './resolve-hunk.ts';

const two = `# Title
<<<<<<< conflict 1 of 2
+++++++ side #1
from one writer
------- base
as it was
+++++++ side #2
from another
writer
>>>>>>> conflict 1 of 2 ends
between
<<<<<<< conflict 2 of 2
+++++++ side #1
------- base
deleted on one side
+++++++ side #2 (Ada)
changed on the other
>>>>>>> conflict 2 of 2 ends
end
`;

describe('parsing', () => {
  test('finds every hunk with its sides and bases', () => {
    const { hunks } = parseConflictText(two);
    expect(hunks).toMatchObject([
      {
        line: 2,
        sides: [
          { label: 'side #1', text: 'from one writer\n' },
          { label: 'side #2', text: 'from another\nwriter\n' },
        ],
        bases: [{ label: 'base', text: 'as it was\n' }],
      },
      {
        line: 12,
        sides: [
          { label: 'side #1', text: '' },
          { label: 'side #2 (Ada)', text: 'changed on the other\n' },
        ],
      },
    ]);
  });

  test('the segments are the whole text', () => {
    const { segments } = parseConflictText(two);
    expect(segments.map((part) => (part.kind === 'text' ? two.slice(part.from, part.to) : two.slice(part.hunk.from, part.hunk.to))).join('')).toBe(two);
    expect(segments.map((part) => part.kind)).toEqual(['text', 'hunk', 'text', 'hunk', 'text']);
  });

  test('three sides have two bases between them', () => {
    const text =
      '<<<<<<< conflict 1 of 1\n+++++++ side #1\na\n------- base #1\nb\n+++++++ side #2\nc\n------- base #2\nd\n+++++++ side #3\ne\n>>>>>>> conflict 1 of 1 ends\n';
    const [hunk] = parseConflictText(text).hunks;
    expect(hunk?.sides.map((side) => side.text)).toEqual(['a\n', 'c\n', 'e\n']);
    expect(hunk?.bases.map((base) => base.text)).toEqual(['b\n', 'd\n']);
  });

  test('longer markers leave content that looks like short ones alone', () => {
    const mark = (character: string): string => character.repeat(11);
    const text = `${mark('<')} conflict 1 of 1\n${mark('+')} side #1\n======= not a marker\n+++++++ neither\n${mark('-')} base\n${mark('+')} side #2\n>>>>>>> nor this\n${mark('>')} conflict 1 of 1 ends\n`;
    const [hunk] = parseConflictText(text).hunks;
    expect(hunk?.sides.map((side) => side.text)).toEqual(['======= not a marker\n+++++++ neither\n', '>>>>>>> nor this\n']);
  });

  test('markers that are part of the text are text, also where they come first', () => {
    const mark = (character: string): string => character.repeat(11);
    const text = `${two}${mark('<')} conflict 1 of 1\n${mark('+')} side #1\na\n${mark('-')} base\nb\n${mark('+')} side #2\nc\n${mark('>')} conflict 1 of 1 ends\n`;
    const { hunks } = parseConflictText(text);
    expect(hunks.map(({ sides }) => sides.map((side) => side.text))).toEqual([['a\n', 'c\n']]);
  });

  test('without a line end after the last marker the terms have none of their own', () => {
    const text =
      '<<<<<<< conflict 1 of 1\n+++++++ side #1 (no terminating newline)\nx\n------- base (no terminating newline)\n\n+++++++ side #2\ny\n\n>>>>>>> conflict 1 of 1 ends';
    const [hunk] = parseConflictText(text).hunks;
    expect(hunk?.sides).toEqual([
      { label: 'side #1', text: 'x' },
      { label: 'side #2', text: 'y\n' },
    ]);
    expect(hunk?.bases[0]?.text).toBe('');
  });

  test.each([
    ['plain text', 'nothing here\n'],
    ['an open region', '<<<<<<< conflict 1 of 1\n+++++++ side #1\na\n'],
    ['a side too few', '<<<<<<< conflict 1 of 1\n+++++++ side #1\na\n------- base\nb\n>>>>>>> conflict 1 of 1 ends\n'],
    ['text before the first term', '<<<<<<< conflict 1 of 1\nstray\n+++++++ side #1\n------- base\n+++++++ side #2\n>>>>>>> conflict 1 of 1 ends\n'],
  ])('%s has no hunks', (_name, text) => {
    expect(parseConflictText(text).hunks).toEqual([]);
  });
});

test('a base that several sides share is shown once', () => {
  const term = (text: string) => ({ label: '', text });
  const sides = [term('a'), term('b'), term('c')];
  const order = (bases: string[]): string =>
    termsInOrder({ sides, bases: bases.map(term) })
      .map(({ kind, index }) => `${kind} ${index}`)
      .join(', ');
  expect(order(['x', 'x'])).toBe('side 0, base 0, side 1, side 2');
  expect(order(['x', 'y'])).toBe('side 0, base 0, side 1, base 1, side 2');
});

describe('resolving a hunk', () => {
  const [first, second] = parseConflictText(two).hunks;
  if (!first || !second) throw new Error('the fixture has two hunks');

  test('keeps a side and leaves the other hunk as it is', () => {
    const text = resolveHunk(two, first, { kind: 'side', index: 1 });
    expect(text.startsWith('# Title\nfrom another\nwriter\nbetween\n<<<<<<<')).toBe(true);
    expect(parseConflictText(text).hunks).toHaveLength(1);
  });

  test('keeps both, one after the other', () => {
    expect(resolveHunk(two, first, { kind: 'both' })).toContain('# Title\nfrom one writer\nfrom another\nwriter\nbetween\n');
  });

  test('keeps the base', () => {
    expect(resolveHunk(two, second, { kind: 'base' }).endsWith('between\ndeleted on one side\nend\n')).toBe(true);
  });

  test('an empty side leaves nothing behind', () => {
    expect(resolveHunk(two, second, { kind: 'side', index: 0 }).endsWith('between\nend\n')).toBe(true);
  });

  test('text of one’s own ends its line before what follows', () => {
    expect(resolveHunk(two, first, { kind: 'text', text: 'mine' })).toContain('# Title\nmine\nbetween\n');
  });

  test('at the end of a file without a line end, none is added', () => {
    const text = '<<<<<<< conflict 1 of 1\n+++++++ side #1 (no terminating newline)\nx\n------- base\nb\n\n+++++++ side #2\ny\n\n>>>>>>> conflict 1 of 1 ends';
    const [hunk] = parseConflictText(text).hunks;
    expect(hunk && resolveHunk(text, hunk, { kind: 'side', index: 0 })).toBe('x');
    expect(hunk && resolveHunk(text, hunk, { kind: 'both' })).toBe('x\ny\n');
  });
});
