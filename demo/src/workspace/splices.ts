/** Replaces `from`–`to` of a text by `insert`. Lists of them are ascending, don't overlap, and all speak of the text before any is applied. */
export interface Splice {
  from: number;
  to: number;
  insert: string;
}

/** The text after all splices. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let out = '';
  let at = 0;
  for (const splice of splices) {
    out += text.slice(at, splice.from) + splice.insert;
    at = splice.to;
  }
  return out + text.slice(at);
}

/**
 * Moves `incoming` so that it applies after `local`, both being edits of `base`. Answers `null` unless they are apart: at least one
 * whole line that neither touches lies between any two of them, which is when a three-way merge can't conflict either.
 */
export function rebaseSplices(base: string, incoming: readonly Splice[], local: readonly Splice[]): Splice[] | null {
  const localLines = local.map((splice) => wholeLines(base, splice));
  const out: Splice[] = [];
  for (const splice of incoming) {
    const [from, to] = wholeLines(base, splice);
    let shift = 0;
    for (const [index, mine] of local.entries()) {
      const [mineFrom, mineTo] = localLines[index] ?? [0, 0];
      if (mineTo < from) shift += mine.insert.length - (mine.to - mine.from);
      else if (to < mineFrom) break;
      else return null;
    }
    out.push({ from: splice.from + shift, to: splice.to + shift, insert: splice.insert });
  }
  return out;
}

/** The lines a splice touches, as offsets: from the first line's start to the next line's start. */
function wholeLines(base: string, splice: Splice): [number, number] {
  const from = base.lastIndexOf('\n', splice.from - 1) + 1;
  const end = base.indexOf('\n', splice.to);
  return [splice.from === 0 ? 0 : from, end < 0 ? base.length + 1 : end + 1];
}
