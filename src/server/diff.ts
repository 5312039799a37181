import { MODE } from '../base/ids.ts';
import type { Changed, TextHunk } from '../core/generated/mesa_core.js';
import type { Core } from '../core/load.ts';
import type { WireTerms } from '../wire/operations.ts';
import { Allowance, blobSizes, MAX_TEXT_BYTES } from './allowance.ts';
import type { ConflictView, HunkView, LinesView } from './conflict-view.ts';
import { viewConflict, viewLines } from './conflict-view.ts';
import type { RepoReader } from './reader.ts';
import { changedPaths } from './walks.ts';

/** Paths an answer lists at most. */
const MAX_ENTRIES = 3_000;
/** What a line takes off an allowance beside its bytes: each that differs is told of by itself. */
const LINE_BYTES = 8;
const NEWLINE = 0x0a;
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

interface HunkJson extends LinesView {
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
  const [texts, conflicts] = [new Allowance(), new Allowance()];
  for (const { row, from } of await pairRenames(reader, shown)) {
    if (row.after.length > 1) {
      diff.conflicted.push(await viewConflict(reader, conflicts, row.path, row.after));
      continue;
    }
    const renamed = { ...row, before: from?.before ?? row.before };
    const entry = await compare(core, reader, renamed, from?.path ?? null, texts);
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
      for (const size of await blobSizes(reader, [...row.before, ...row.after])) bytes += size;
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
    const sizes = await Promise.all(alone.map(({ before, after }) => blobSizes(reader, isAbsent(after) ? before : after)));
    const allowance = new Allowance();
    await pair(
      alone.filter((_, index) => allowance.takes(sizes[index] ?? [])),
      MAX_RENAMES,
    );
  }
  const sources = new Set(moved.values());
  return changed.filter((row) => !sources.has(row)).map((row) => ({ row, from: moved.get(row) ?? null }));
}

async function compare(core: Core, reader: RepoReader, { path, before, after }: Changed, oldPath: string | null, allowance: Allowance): Promise<DiffEntry> {
  const status = oldPath !== null ? 'renamed' : isAbsent(before) ? 'added' : isAbsent(after) ? 'deleted' : 'modified';
  const [olds, news] = [await blobSizes(reader, before), await blobSizes(reader, after)];
  const entry = {
    path,
    status,
    old_path: oldPath,
    size_bytes: Math.max(0, ...(isAbsent(after) ? olds : news)),
    is_conflicted: before.length > 1,
    conflict_hunks: null,
  } as const;
  const tell = (omitted_reason: DiffEntry['omitted_reason'], hunks: HunkJson[] | null = null): DiffEntry => ({ ...entry, omitted_reason, hunks });
  if (oldPath !== null && before[0]?.oid === after[0]?.oid) return tell(null, []);
  if (!allowance.takes([...olds, ...news])) return tell(Math.max(...olds, ...news) > MAX_TEXT_BYTES ? 'too_large' : 'file_limit');
  const [old, now] = [await textOf(reader, before), await textOf(reader, after)];
  if (core.isBinary(old) || core.isBinary(now)) return tell('binary');
  const lines = [old, now].map((text) => LINE_BYTES * text.filter((byte) => byte === NEWLINE).length);
  if (!allowance.takes(lines, 0)) return tell(Math.max(...lines) > MAX_TEXT_BYTES ? 'too_large' : 'file_limit');
  return tell(
    null,
    core.diffText(old, now, CONTEXT_LINES).map((hunk) => ({ ...viewLines(hunk), lines: hunk.lines })),
  );
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
