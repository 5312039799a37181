import { MODE } from '../base/ids.ts';
import type { ConflictHunk } from '../core/generated/mesa_core.js';
import type { WireTerms } from '../wire/operations.ts';
import type { Asker } from './authority/objects.ts';
import { toBase64 } from './base64.ts';

/** Contents of more bytes than this are not taken apart in answers. */
export const MAX_TEXT_BYTES: number = 1024 * 1024;

/** A part of a file in conflict; `null` for a side without the file. */
export interface HunkView {
  hunk_id: string;
  old_start: number;
  old_lines: number;
  new_start: number;
  new_lines: number;
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

/** Shows a path in conflict: of its terms the first is the target, the last the source, the one between the base. */
export async function viewConflict(
  asker: Asker,
  info: (oids: string[]) => Promise<Map<string, { size: number }>>,
  path: string,
  terms: WireTerms,
): Promise<ConflictView> {
  const oids = terms.flatMap((term) => (term === null || term.mode === MODE.tree || term.mode === MODE.submodule ? [] : term.oid));
  const sizes = [...(await info(oids)).values()].map(({ size }) => size);
  const size_bytes = Math.max(0, ...sizes);
  if (size_bytes > MAX_TEXT_BYTES) return { path, hunks: [], size_bytes, omitted_reason: 'too_large' };
  const { hunks, binary } = await asker.ask((pool) => pool.conflictHunks(terms));
  if (binary) return { path, hunks: [], size_bytes, omitted_reason: 'binary' };
  const isAddDelete = terms.some((term) => term === null) && terms.filter((term, index) => index % 2 === 0 && term !== null).length < 2;
  return { path, hunks: isAddDelete ? [] : hunks.map(viewHunk), size_bytes, omitted_reason: null };
}

/** The target's, the base's and the source's bytes of a hunk. */
export function sidesOf({ terms }: ConflictHunk): { target: Uint8Array | null; base: Uint8Array | null; source: Uint8Array | null } {
  return { target: terms[0] ?? null, base: terms[1] ?? null, source: terms.at(-1) ?? null };
}

function viewHunk(hunk: ConflictHunk): HunkView {
  const { target, base, source } = sidesOf(hunk);
  const { hunkId, oldStart, oldLines, newStart, newLines } = hunk;
  return {
    hunk_id: hunkId,
    old_start: oldStart,
    old_lines: oldLines,
    new_start: newStart,
    new_lines: newLines,
    target: encode(target),
    base: encode(base),
    source: encode(source),
  };
}

function encode(bytes: Uint8Array | null): { content: string } | null {
  return bytes === null ? null : { content: toBase64(bytes) };
}
