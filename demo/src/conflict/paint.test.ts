import { describe, expect, test } from 'vitest';
import { changedRanges, paintLines, tokensOf, tokensWithin } from './paint-code.ts';
import { parseConflictText } from './parse-conflict.ts';
import { wholeText } from './side-texts.ts';

/** Lines as `class:text` pieces; what changed is in brackets, a changed line has a star. */
const drawn = (text: string, tokens: Parameters<typeof paintLines>[1], changes: Parameters<typeof paintLines>[2]): string[] =>
  paintLines(text, tokens, changes).map(
    (line) =>
      (line.changed ? '*' : '') +
      line.pieces.map((piece) => (piece.changed ? `[${piece.text}]` : piece.text) + (piece.class === '' ? '' : `:${piece.class}`)).join(' '),
  );

describe('painting', () => {
  test('cuts tokens and changes where they meet', () => {
    expect(
      drawn(
        'let a = 1;\nb\n',
        [
          { from: 0, to: 3, class: 'keyword' },
          { from: 8, to: 9, class: 'number' },
        ],
        [{ from: 4, to: 9 }],
      ),
    ).toEqual(['*let:keyword   [a = ] [1]:number ;', 'b']);
  });

  test('a token over several lines colours each of them', () => {
    expect(drawn('/* a\nb */ c', [{ from: 0, to: 9, class: 'comment' }], [])).toEqual(['/* a:comment', 'b */:comment  c']);
  });

  test('the last line needs no end, and an empty text has no lines', () => {
    expect(drawn('a\n\nb', [], [])).toEqual(['a', '', 'b']);
    expect(drawn('', [], [])).toEqual([]);
  });

  test('an added line is a changed line', () => {
    const [, second] = paintLines('one\ntwo\n', [], changedRanges('one\n', 'one\ntwo\n'));
    expect(second?.changed).toBe(true);
  });

  test('tokens of a part count from its start', () => {
    expect(
      tokensWithin(
        [
          { from: 2, to: 6, class: 'x' },
          { from: 9, to: 12, class: 'y' },
        ],
        4,
        10,
      ),
    ).toEqual([
      { from: -2, to: 2, class: 'x' },
      { from: 5, to: 8, class: 'y' },
    ]);
  });

  test('a grammar tells what is what, and an unknown language nothing', async () => {
    expect((await tokensOf('a.ts', 'const a = 1;'))[0]).toEqual({ from: 0, to: 5, class: 'tok-keyword' });
    expect(await tokensOf('a.unknown', 'const a = 1;')).toEqual([]);
  });
});

test('a file can be read as each side has it, and says where its conflicts are', () => {
  const text = 'top\n<<<<<<< conflict 1 of 1\n+++++++ side #1\na\n------- base\n+++++++ side #2\nlonger\n>>>>>>> conflict 1 of 1 ends\nend\n';
  const conflict = parseConflictText(text);
  expect(wholeText(text, conflict, 'side', 1)).toEqual({ text: 'top\nlonger\nend\n', at: [4] });
  expect(wholeText(text, conflict, 'base', 0)).toEqual({ text: 'top\nend\n', at: [4] });
});
