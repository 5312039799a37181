import { EMPTY_TREE_OID, MODE } from '../base/ids.ts';
import { basename, joinPath } from '../base/paths.ts';
import type { Listed, Lookup } from '../core/generated/mesa_core.js';
import type { Core } from '../core/load.ts';
import { ApiError, quote } from '../wire/errors.ts';
import type { WireTerms } from '../wire/operations.ts';
import { Allowance, blobsOf } from './allowance.ts';
import type { Version } from './authority/view.ts';
import type { RepoReader } from './reader.ts';

/** Paths one listing answers with at most; those in a directory with a long path count for more, and so do those in conflict. */
const MAX_ROWS = 100_000;
/** Levels a listing that is not of everything goes down at most. */
export const MAX_DEPTH = 10;

/** What a path reads as. */
export type Content =
  | { type: 'file' | 'symlink'; path: string; sha: string; bytes: Uint8Array; mode: string; conflicted: boolean }
  | { type: 'dir'; path: string; sha: string; childCount: number; entries: ContentRow[] };

/** One thing under a directory. */
export type ContentRow =
  | { type: 'file' | 'symlink'; path: string; sha: string; size: number; mode: string; conflicted: boolean }
  | { type: 'dir'; path: string; sha: string };

/**
 * Reads a path of a version. Symlinks are not followed; a conflicted file reads as its text with markers, and its `sha` is that text's. A listing renders
 * conflicts as far as its {@link Allowance} goes: of those beyond, `sha`, `size` and `mode` are those of the first side that is there.
 *
 * @param depth how many levels of a directory are listed; all of them when `null`
 * @throws ApiError PATH_NOT_FOUND; PAYLOAD_TOO_LARGE for a listing of too many paths
 */
export async function readContent(core: Core, reader: RepoReader, version: Version, path: string, depth: number | null): Promise<Content> {
  const { trees, side } = version;
  const found = path === '' ? null : (await reader.ask((pool) => pool.lookup(trees, side, [path]))).found[0];
  if (found === undefined || found?.kind === 'absent' || found?.kind === 'submodule') {
    throw new ApiError('PATH_NOT_FOUND', `There is nothing at ${quote(path)} in change ${version.id}.`, { path, change_id: version.id });
  }
  if (found !== null && found.kind !== 'dir') return readFile(core, reader, path, found);
  const [children = []] = await list(reader, version, [path]);
  const entries = depth === 0 ? [] : await listBelow(core, reader, version, path, children, depth);
  return { type: 'dir', path, sha: found === null ? rootSha(trees) : treeSha(found.terms), childCount: children.length, entries };
}

async function readFile(core: Core, reader: RepoReader, path: string, { terms, kind }: Lookup): Promise<Extract<Content, { bytes: Uint8Array }>> {
  const [entry] = terms;
  if (kind !== 'conflict' && entry) {
    return {
      type: kind === 'symlink' ? 'symlink' : 'file',
      path,
      sha: entry.oid,
      bytes: await reader.blob(entry.oid),
      mode: entry.mode.toString(8),
      conflicted: false,
    };
  }
  const rendered = await reader.ask((pool) => pool.render(terms, { style: 'snapshot', labels: [] }));
  return { type: 'file', path, sha: core.hashObject('blob', rendered.bytes), bytes: rendered.bytes, mode: fileMode(rendered.mode), conflicted: true };
}

async function listBelow(core: Core, reader: RepoReader, version: Version, top: string, children: Listed[], depth: number | null): Promise<ContentRow[]> {
  const rows: ContentRow[] = [];
  const files: { path: string; entry: Listed }[] = [];
  let level = [{ path: top, children }];
  let room = MAX_ROWS - weigh(top, children);
  for (let deep = 1; level.length > 0; deep += 1) {
    if (room < 0) throw tooMany(top, deep);
    const directories: string[] = [];
    for (const { path: parent, children: entries } of level) {
      for (const entry of entries) {
        const path = joinPath(parent, entry.name);
        if (entry.kind === 'dir') directories.push(path);
        if (entry.kind === 'dir' || entry.kind === 'submodule') rows.push({ type: 'dir', path, sha: treeSha(entry.terms) });
        else files.push({ path, entry });
      }
    }
    if (depth !== null && deep >= depth) break;
    const lists = await list(reader, version, directories, room);
    level = directories.map((path, index) => ({ path, children: lists[index] ?? [] }));
    for (const { path, children: entries } of level) room -= weigh(path, entries);
  }
  for (const row of await fileRows(core, reader, files)) rows.push(row);
  return rows.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** How many paths the entries of a directory count for: each is told with the directory's path before it. */
function weigh(directory: string, entries: readonly Listed[]): number {
  return entries.reduce((sum, { terms }) => sum + terms.length, 0) * (1 + (directory.length >> 8));
}

/** The remedy, where there is one, is the number of levels that can be listed. */
function tooMany(path: string, deep: number): ApiError {
  const less = deep > 1 ? `ask with depth=${Math.min(deep - 1, MAX_DEPTH)}, or for a path further down` : 'ask for what is in it path by path';
  return new ApiError('PAYLOAD_TOO_LARGE', `There are more than ${MAX_ROWS} paths below ${quote(path)}, or long ones; ${less}.`, { path, limit: MAX_ROWS });
}

async function fileRows(core: Core, reader: RepoReader, files: readonly { path: string; entry: Listed }[]): Promise<ContentRow[]> {
  const info = await reader.info(files.flatMap(({ entry }) => blobsOf(entry.terms).map(({ oid }) => oid)));
  const allowance = new Allowance();
  const rows: ContentRow[] = [];
  for (const { path, entry } of files) {
    const terms = blobsOf(entry.terms);
    const [term] = terms;
    const sizes = terms.map(({ oid }) => info.get(oid)?.size ?? 0);
    const conflicted = entry.kind === 'conflict';
    if (term && (!conflicted || !allowance.takes(sizes))) {
      const type = entry.kind === 'symlink' ? 'symlink' : 'file';
      rows.push({ type, path, sha: term.oid, size: sizes[0] ?? 0, mode: term.mode.toString(8), conflicted });
    } else {
      const { bytes, mode } = await reader.ask((pool) => pool.render(entry.terms, { style: 'snapshot', labels: [] }));
      rows.push({ type: 'file', path, sha: core.hashObject('blob', bytes), size: bytes.length, mode: fileMode(mode), conflicted: true });
    }
  }
  return rows;
}

/** Lists several directories, with one round of fetching for all; no further ones once more was found than there is room for. */
async function list(reader: RepoReader, { trees, side }: Version, paths: readonly string[], room = Infinity): Promise<Listed[][]> {
  if (paths.length === 0) return [];
  const { lists } = await reader.ask<{ lists: Listed[][] }>((pool) => {
    const missing = new Set<string>();
    const found: Listed[][] = [];
    let left = room;
    for (const path of paths) {
      const answer = pool.list(trees, side, path);
      if ('missing' in answer) for (const oid of answer.missing) missing.add(oid);
      const entries = 'entries' in answer ? answer.entries : [];
      found.push(entries);
      left -= weigh(path, entries);
      if (left < 0) return { lists: found };
    }
    return missing.size > 0 ? { missing: [...missing] } : { lists: found };
  });
  return lists;
}

/** The name of a path as the API gives it; the root's is empty. */
export function nameOf(path: string): string {
  return basename(path);
}

function rootSha(trees: readonly string[]): string {
  return trees[0] ?? EMPTY_TREE_OID;
}

function treeSha(terms: WireTerms): string {
  return terms.find((term) => term?.mode === MODE.tree || term?.mode === MODE.submodule)?.oid ?? EMPTY_TREE_OID;
}

function fileMode(mode: number): string {
  return mode === MODE.executable ? '100755' : '100644';
}
