/** Where a reader stands: the last sequence number it has seen of each repo, in the history an epoch names. */
export interface Cursor {
  epoch: string;
  /** Repo id → sequence number. */
  seqs: ReadonlyMap<string, number>;
}

/** Separates the parts of a cursor; neither an epoch nor a repo's id holds it, and no address needs it escaped. */
const SEPARATOR = '~';

/** Writes a cursor as the opaque text clients keep. */
export function encodeCursor(epoch: string, seqs: Iterable<readonly [repo: string, seq: number]>): string {
  let text = epoch;
  for (const [repo, seq] of seqs) text += `${SEPARATOR}${repo}${SEPARATOR}${seq}`;
  return text;
}

/** Reads a cursor, or answers `null` when the text is none of ours. */
export function decodeCursor(text: string): Cursor | null {
  const [epoch = '', ...parts] = text.split(SEPARATOR);
  if (epoch === '' || parts.length % 2 === 1) return null;
  const seqs = new Map<string, number>();
  for (let at = 0; at < parts.length; at += 2) {
    const seq = Number(parts[at + 1]);
    if (parts[at] === '' || !Number.isSafeInteger(seq) || seq < 0) return null;
    seqs.set(parts[at] ?? '', seq);
  }
  return { epoch, seqs };
}
