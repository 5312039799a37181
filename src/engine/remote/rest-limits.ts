import { MODE } from '../../base/ids.ts';
import type { WireEdit, WireEntry } from '../../wire/operations.ts';
import { isTree, readTree } from './git-tree.ts';
import type { EditLimit } from './interface.ts';
import type { RestObjects } from './rest-objects.ts';

/** What a plain REST API has no way to say, and what to say instead. */
const LIMITS = {
  metadata: 'the REST API has no way to write metadata',
  utimes: 'the REST API keeps no times',
  symlink: 'the REST API has no way to write a symbolic link',
  submodule: 'the REST API has no way to write a submodule',
  large: 'the REST API takes no directory that large in one go; move or copy what is in it in parts',
} as const;

/** Entries of a directory, and bytes in its files, that go into one patch: it carries all content, and the API takes no more at once. */
const MAX_ENTRIES = 10_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** Says why a mode can't be written, or `null` when it can. */
export function modeLimit(mode: number): string | null {
  if (mode === MODE.symlink) return LIMITS.symlink;
  return mode === MODE.submodule ? LIMITS.submodule : null;
}

/** Finds an edit that a plain REST API can't say: metadata, times, links, submodules, and directories moved or copied with one of those inside. */
export async function findLimit(objects: RestObjects, edits: readonly WireEdit[]): Promise<EditLimit | null> {
  for (const edit of edits) {
    if (edit.type === 'metadata') return { syscall: 'setxattr', path: edit.path, reason: LIMITS.metadata };
    if (edit.type === 'utimes') return { syscall: 'utime', path: edit.path, reason: LIMITS.utimes };
    if (edit.type === 'mkdir') continue;
    const entries = edit.type === 'rename' ? edit.was : edit.entry;
    const reason = await limitWithin(objects, entries);
    if (reason === null) continue;
    if (edit.type === 'rename') return { syscall: 'rename', path: edit.from, dest: edit.to, reason };
    return { syscall: entries[0]?.mode === MODE.symlink ? 'symlink' : 'cp', path: edit.path, reason };
  }
  return null;
}

async function limitWithin(objects: RestObjects, entries: readonly (WireEntry | null)[]): Promise<string | null> {
  let level = entries.filter((entry) => entry !== null);
  let entered = 0;
  let size = 0;
  while (level.length > 0) {
    const reason = level.map(({ mode }) => modeLimit(mode)).find((found) => found !== null);
    if (reason !== undefined && reason !== null) return reason;
    entered += level.length;
    for (const entry of level) if (!isTree(entry)) size += objects.sizeOf(entry.oid) ?? 0;
    // A single file is within the limit for files.
    if (entered > 1 && (entered > MAX_ENTRIES || size > MAX_BYTES)) return LIMITS.large;
    const trees = level.filter(isTree).map(({ oid }) => oid);
    level = (await objects.get(trees)).flatMap(({ bytes }) => readTree(bytes));
  }
  return null;
}
