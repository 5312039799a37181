import { MODE } from '../base/ids.ts';
import type { Changed, TextHunk } from '../core/generated/mesa_core.js';
import type { Core } from '../core/load.ts';
import type { WireTerms } from '../wire/operations.ts';
import type { ConflictView, HunkView } from './conflict-view.ts';
import { MAX_TEXT_BYTES, viewConflict } from './conflict-view.ts';
import type { RepoReader } from './reader.ts';

/** Paths an answer lists at most, and those of them whose text is compared. */
const MAX_ENTRIES = 3_000;
const MAX_COMPARED = 300;
const CONTEXT_LINES = 3;

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

/** Compares two versions path by path. Paths in conflict in the second are told apart from the others. */
export async function diffVersions(core: Core, reader: RepoReader, before: string[], after: string[]): Promise<Diff> {
  const { changed } = await reader.ask((pool) => pool.diffTrees(before, after));
  const shown = changed.slice(0, MAX_ENTRIES);
  const diff: Diff = { entries: [], conflicted: [], truncated: changed.length > shown.length, additions: 0, deletions: 0 };
  for (const { row, oldPath } of pairRenames(shown)) {
    if (row.after.length > 1) {
      diff.conflicted.push(await viewConflict(reader, (oids) => reader.info(oids), row.path, row.after));
      continue;
    }
    const entry = await compare(core, reader, row, oldPath, diff.entries.length >= MAX_COMPARED);
    for (const { kind } of entry.hunks?.flatMap(({ lines }) => lines) ?? []) {
      if (kind === 'added') diff.additions += 1;
      if (kind === 'deleted') diff.deletions += 1;
    }
    diff.entries.push(entry);
  }
  return diff;
}

/** Compares two versions as one patch, conflicts with their markers. */
export async function patchOf(reader: RepoReader, before: string[], after: string[]): Promise<Uint8Array> {
  const { changed } = await reader.ask((pool) => pool.diffTrees(before, after));
  return (await reader.ask((pool) => pool.unifiedPatch(changed, CONTEXT_LINES))).patch;
}

/** Takes a deletion and an addition of the very same file for a renaming. */
function pairRenames(changed: readonly Changed[]): { row: Changed; oldPath: string | null }[] {
  const gone = new Map<string, string[]>();
  for (const { path, before, after } of changed) {
    const oid = before.length === 1 && isAbsent(after) ? before[0]?.oid : undefined;
    if (oid !== undefined) gone.set(oid, [...(gone.get(oid) ?? []), path]);
  }
  const moved = new Map<string, string>();
  for (const { path, before, after } of changed) {
    const oid = after.length === 1 && isAbsent(before) ? after[0]?.oid : undefined;
    const from = oid === undefined ? undefined : gone.get(oid)?.shift();
    if (from !== undefined) moved.set(path, from);
  }
  const sources = new Set(moved.values());
  return changed.filter(({ path }) => !sources.has(path)).map((row) => ({ row, oldPath: moved.get(row.path) ?? null }));
}

async function compare(core: Core, reader: RepoReader, { path, before, after }: Changed, oldPath: string | null, beyondLimit: boolean): Promise<DiffEntry> {
  const status = oldPath !== null ? 'renamed' : isAbsent(before) ? 'added' : isAbsent(after) ? 'deleted' : 'modified';
  const size = await sizeOf(reader, isAbsent(after) ? before : after);
  const entry = { path, status, old_path: oldPath, size_bytes: size, is_conflicted: before.length > 1, conflict_hunks: null } as const;
  const omit = (omitted_reason: DiffEntry['omitted_reason']): DiffEntry => ({ ...entry, omitted_reason, hunks: null });
  if (oldPath !== null) return { ...entry, omitted_reason: null, hunks: [] };
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
