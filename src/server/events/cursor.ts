import { fromBase64Url, toBase64Url } from '../base64.ts';

/** Where a reader stands: the last sequence number it has seen of each repo, in the history an epoch names. */
export interface Cursor {
  epoch: string;
  /** Repo id → sequence number. */
  seqs: ReadonlyMap<string, number>;
}

/** Writes a cursor as the opaque text clients keep. */
export function encodeCursor(epoch: string, seqs: Iterable<readonly [repo: string, seq: number]>): string {
  return toBase64Url(new TextEncoder().encode(JSON.stringify([epoch, Object.fromEntries(seqs)])));
}

/** Reads a cursor, or answers `null` when the text is none of ours. */
export function decodeCursor(text: string): Cursor | null {
  const bytes = fromBase64Url(text);
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (!Array.isArray(value) || typeof value[0] !== 'string' || typeof value[1] !== 'object' || value[1] === null) return null;
    const seqs = Object.entries(value[1] as Record<string, unknown>);
    if (!seqs.every((row): row is [string, number] => Number.isSafeInteger(row[1]))) return null;
    return { epoch: value[0], seqs: new Map(seqs) };
  } catch {
    return null;
  }
}
