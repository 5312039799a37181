import type { ConflictHunk, TextHunk } from '../core/generated/mesa_core.js';
import type { WireTerms } from '../wire/operations.ts';
import type { Allowance, Source } from './allowance.ts';
import { blobSizes } from './allowance.ts';
import { toBase64 } from './base64.ts';

/** What a part in conflict takes off an allowance: small as it is, it is told of at length. */
const HUNK_BYTES = 256;

/** The lines a part of a file is of. */
export interface LinesView {
  old_start: number;
  old_lines: number;
  new_start: number;
  new_lines: number;
}

/** A part of a file in conflict; `null` for a side without the file. */
export interface HunkView extends LinesView {
  hunk_id: string;
  target: { content: string } | null;
  base: { content: string } | null;
  source: { content: string } | null;
}

/** A path in conflict as the API shows it; `hunks` is empty where the conflict is none of text. */
export interface ConflictView {
  path: string;
  hunks: HunkView[];
  size_bytes?: number;
  omitted_reason?: 'binary' | 'too_large' | null;
}

/** Shows a path in conflict, without its hunks where they are not allowed: of its terms the first is the target, the last the source, the one between the base. */
export async function viewConflict(source: Source, allowance: Allowance, path: string, terms: WireTerms): Promise<ConflictView> {
  const sizes = await blobSizes(source, terms);
  const size_bytes = Math.max(0, ...sizes);
  const omit = (omitted_reason: 'binary' | 'too_large'): ConflictView => ({ path, hunks: [], size_bytes, omitted_reason });
  if (!allowance.takes(sizes)) return omit('too_large');
  const { hunks, binary } = await source.ask((pool) => pool.conflictHunks(terms));
  if (binary) return omit('binary');
  if (!allowance.takes([hunks.length * HUNK_BYTES], 0)) return omit('too_large');
  const isAddDelete = terms.some((term) => term === null) && terms.filter((term, index) => index % 2 === 0 && term !== null).length < 2;
  return { path, hunks: isAddDelete ? [] : hunks.map(viewHunk), size_bytes, omitted_reason: null };
}

/** The target's, the base's and the source's bytes of a hunk. */
export function sidesOf({ terms }: ConflictHunk): { target: Uint8Array | null; base: Uint8Array | null; source: Uint8Array | null } {
  return { target: terms[0] ?? null, base: terms[1] ?? null, source: terms.at(-1) ?? null };
}

function viewHunk(hunk: ConflictHunk): HunkView {
  const { target, base, source } = sidesOf(hunk);
  return { hunk_id: hunk.hunkId, ...viewLines(hunk), target: encode(target), base: encode(base), source: encode(source) };
}

/** Tells the lines of a part of a file. */
export function viewLines({ oldStart, oldLines, newStart, newLines }: Omit<TextHunk, 'lines'>): LinesView {
  return { old_start: oldStart, old_lines: oldLines, new_start: newStart, new_lines: newLines };
}

function encode(bytes: Uint8Array | null): { content: string } | null {
  return bytes === null ? null : { content: toBase64(bytes) };
}
