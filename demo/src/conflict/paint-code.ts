import { classHighlighter, highlightTree } from '@lezer/highlight';
import { presentableDiff } from '@codemirror/merge';
import { loadGrammar } from '../editor/languages.ts';
import { languageOf } from '../workspace/file-kinds.ts';

/** A range of a text, by offsets. */
export interface Range {
  from: number;
  to: number;
}

/** A range with the class its syntax gives it. */
export interface Token extends Range {
  class: string;
}

/** A run of characters that look the same. */
export interface Piece {
  text: string;
  class: string;
  changed: boolean;
}

/** One line of shown code. */
export interface PaintedLine {
  pieces: Piece[];
  changed: boolean;
}

const paintedLength = 300_000;

/** The syntax of a text, or none when its language isn't known or the text is long. */
export async function tokensOf(path: string, text: string): Promise<Token[]> {
  const { grammar } = languageOf(path);
  if (grammar === null || text.length > paintedLength) return [];
  const { language } = await loadGrammar(grammar);
  const tokens: Token[] = [];
  highlightTree(language.parser.parse(text), classHighlighter, (from, to, classes) => tokens.push({ from, to, class: classes }));
  return tokens;
}

/** What of `text` isn't in `base`. */
export function changedRanges(base: string, text: string): Range[] {
  return presentableDiff(base, text, { scanLimit: 500, timeout: 40 })
    .filter((change) => change.toB > change.fromB)
    .map((change) => ({ from: change.fromB, to: change.toB }));
}

/** Cuts a text into lines of pieces. Tokens and changes are ascending and don't overlap among themselves. */
export function paintLines(text: string, tokens: readonly Token[], changes: readonly Range[]): PaintedLine[] {
  const lines: PaintedLine[] = [];
  let line: PaintedLine = { pieces: [], changed: false };
  const cuts = new Set([0, text.length]);
  for (const range of [...tokens, ...changes]) cuts.add(Math.max(range.from, 0)).add(Math.min(range.to, text.length));
  const at = [...cuts].toSorted((a, b) => a - b);
  let token = 0;
  let change = 0;
  for (let index = 0; index + 1 < at.length; index += 1) {
    const [from = 0, to = 0] = [at[index], at[index + 1]];
    while ((tokens[token]?.to ?? Number.POSITIVE_INFINITY) <= from) token += 1;
    while ((changes[change]?.to ?? Number.POSITIVE_INFINITY) <= from) change += 1;
    const inToken = (tokens[token]?.from ?? Number.POSITIVE_INFINITY) <= from;
    const changed = (changes[change]?.from ?? Number.POSITIVE_INFINITY) <= from;
    for (const [part, run] of text.slice(from, to).split('\n').entries()) {
      if (part > 0) {
        lines.push(line);
        line = { pieces: [], changed: false };
      }
      if (changed && (run !== '' || to > from)) line.changed ||= run !== '' || text[from] === '\n';
      if (run !== '') line.pieces.push({ text: run, class: inToken ? (tokens[token]?.class ?? '') : '', changed });
    }
  }
  if (line.pieces.length > 0) lines.push(line);
  return lines;
}

/** The part of a list of tokens that lies in a range, as offsets from its start. */
export function tokensWithin(tokens: readonly Token[], from: number, to: number): Token[] {
  return tokens.filter((token) => token.to > from && token.from < to).map((token) => ({ ...token, from: token.from - from, to: token.to - from }));
}
