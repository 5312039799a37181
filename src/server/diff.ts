import { MODE } from '../base/ids.ts';
import type { Changed, TextHunk } from '../core/generated/mesa_core.js';
import type { Core } from '../core/load.ts';
import type { WireTerms } from '../wire/operations.ts';
import type { ConflictView, HunkView } from './conflict-view.ts';
import { MAX_TEXT_BYTES, viewConflict } from './conflict-view.ts';
import type { RepoReader } from './reader.ts';
import { changedPaths } from './walks.ts';

/** Paths an answer lists at most, and those of them, in conflict or not, whose text is compared. */
const MAX_ENTRIES = 3_000;
const MAX_COMPARED = 300;
/** When more files than these came and went, only those of the same content are taken for renamed. */
const MAX_RENAMES = 300;
const CONTEXT_LINES = 3;
/** A part of a patch is of so many files, and of no more once they have so many bytes. */
const PART_ROWS = 200;
const PART_BYTES = 4 * 1024 * 1024;

/** A changed path as the API shows it. */
export interface DiffEntry {
  path: string;
  status: 'added' | 'modified' | 'deleted' | 'renamed';
  old_path: string | null;
  size_bytes: number;
  is_conflicted: boolean;
  omitted_reason: 'binary' | 'too_large' | 'file_limit' | null;
  hunks: HunkJson[] | null;
  conflict_hunks: HunkView[] | null;
}

interface HunkJson {
  old_start: number;
  old_lines: number;
  new_start: number;
  new_lines: number;
  lines: TextHunk['lines'];
}

/** What differs between two versions. */
export interface Diff {
  entries: DiffEntry[];
  conflicted: ConflictView[];
  truncated: boolean;
  additions: number;
  deletions: number;
}

/** Compares two versions path by path. Paths in conflict in the second are told apart from the others. @throws ApiError PAYLOAD_TOO_LARGE */
export async function diffVersions(core: Core, reader: RepoReader, before: string[], after: string[]): Promise<Diff> {
  const changed = await changedPaths(reader, before, after);
  const shown = changed.slice(0, MAX_ENTRIES);
  const diff: Diff = { entries: [], conflicted: [], truncated: changed.length > shown.length, additions: 0, deletions: 0 };
  for (const { row, from } of await pairRenames(reader, shown)) {
    if (row.after.length > 1) {
      const beyond = diff.conflicted.length >= MAX_COMPARED;
      diff.conflicted.push(
        beyond ? { path: row.path, hunks: [], omitted_reason: 'too_large' } : await viewConflict(reader, (oids) => reader.info(oids), row.path, row.after),
      );
      continue;
    }
    const renamed = { ...row, before: from?.before ?? row.before };
    const entry = await compare(core, reader, renamed, from?.path ?? null, diff.entries.length >= MAX_COMPARED);
    for (const { kind } of entry.hunks?.flatMap(({ lines }) => lines) ?? []) {
      if (kind === 'added') diff.additions += 1;
      if (kind === 'deleted') diff.deletions += 1;
    }
    diff.entries.push(entry);
  }
  return diff;
}

/** Shows changed paths as one patch, conflicts with their markers, a part at a time: what is held does not grow with the patch. */
export async function* patchParts(makeReader: () => RepoReader, changed: readonly Changed[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < changed.length;) {
    using reader = makeReader();
    const rows: Changed[] = [];
    for (let bytes = 0; at < changed.length && rows.length < PART_ROWS && bytes < PART_BYTES; at += 1) {
      const row = changed[at];
      if (row === undefined) break;
      rows.push(row);
      bytes += (await sizeOf(reader, row.before)) + (await sizeOf(reader, row.after));
    }
    yield (await reader.ask((pool) => pool.unifiedPatch(rows, CONTEXT_LINES))).patch;
  }
}

/** Pairs what went with what came where it is the same file, or much the same: as git does, but for files whose text isn't shown either. */
async function pairRenames(reader: RepoReader, changed: Changed[]): Promise<{ row: Changed; from: Changed | null }[]> {
  const moved = new Map<Changed, Changed>();
  const pair = async (rows: Changed[], limit: number): Promise<void> => {
    const { renamed } = await reader.ask((pool) => pool.findRenames(rows, limit));
    for (const { from, to } of renamed) {
      const [source, target] = [rows[from], rows[to]];
      if (source !== undefined && target !== undefined) moved.set(target, source);
    }
  };
  await pair(changed, 0);
  const exact = new Set(moved.values());
  const alone = changed.filter((row) => !moved.has(row) && !exact.has(row) && isAbsent(row.before) !== isAbsent(row.after));
  if (alone.some(({ after }) => isAbsent(after)) && alone.some(({ before }) => isAbsent(before)) && alone.length <= MAX_RENAMES) {
    const sizes = await Promise.all(alone.map(({ before, after }) => sizeOf(reader, isAbsent(after) ? before : after)));
    await pair(
      alone.filter((_, index) => (sizes[index] ?? 0) <= MAX_TEXT_BYTES),
      MAX_RENAMES,
    );
  }
  const sources = new Set(moved.values());
  return changed.filter((row) => !sources.has(row)).map((row) => ({ row, from: moved.get(row) ?? null }));
}

async function compare(core: Core, reader: RepoReader, { path, before, after }: Changed, oldPath: string | null, beyondLimit: boolean): Promise<DiffEntry> {
  const status = oldPath !== null ? 'renamed' : isAbsent(before) ? 'added' : isAbsent(after) ? 'deleted' : 'modified';
  const size = await sizeOf(reader, isAbsent(after) ? before : after);
  const entry = { path, status, old_path: oldPath, size_bytes: size, is_conflicted: before.length > 1, conflict_hunks: null } as const;
  const omit = (omitted_reason: DiffEntry['omitted_reason']): DiffEntry => ({ ...entry, omitted_reason, hunks: null });
  if (oldPath !== null && before[0]?.oid === after[0]?.oid) return { ...entry, omitted_reason: null, hunks: [] };
  if (beyondLimit) return omit('file_limit');
  if (size > MAX_TEXT_BYTES || (await sizeOf(reader, before)) > MAX_TEXT_BYTES) return omit('too_large');
  const [old, now] = [await textOf(reader, before), await textOf(reader, after)];
  if (core.isBinary(old) || core.isBinary(now)) return omit('binary');
  return { ...entry, omitted_reason: null, hunks: core.diffText(old, now, CONTEXT_LINES).map(showHunk) };
}

async function sizeOf(reader: RepoReader, terms: WireTerms): Promise<number> {
  const oids = terms.flatMap((term) => (term === null || term.mode === MODE.submodule ? [] : term.oid));
  const sizes = [...(await reader.info(oids)).values()].map(({ size }) => size);
  return Math.max(0, ...sizes);
}

async function textOf(reader: RepoReader, terms: WireTerms): Promise<Uint8Array> {
  const [entry] = terms;
  if (terms.length > 1) return (await reader.ask((pool) => pool.render(terms, { style: 'snapshot', labels: [] }))).bytes;
  if (!entry) return new Uint8Array(0);
  if (entry.mode === MODE.submodule) return new TextEncoder().encode(`Subproject commit ${entry.oid}\n`);
  return reader.blob(entry.oid);
}

function isAbsent(terms: WireTerms): boolean {
  return terms.length === 1 && terms[0] === null;
}

function showHunk({ oldStart, oldLines, newStart, newLines, lines }: TextHunk): HunkJson {
  return { old_start: oldStart, old_lines: oldLines, new_start: newStart, new_lines: newLines, lines };
}
