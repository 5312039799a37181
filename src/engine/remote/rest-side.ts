import { joinPath } from '../../base/paths.ts';
import type { Edit, Listed, Terms } from '../../core/generated/mesa_core.js';
import type { StoredObject } from '../../core/resolve.ts';
import { isTree, readTree } from './git-tree.ts';
import type { Versions } from './rest-versions.ts';

/** Times and empty directories carried over at most; beyond, the rest is forgotten. */
const MAX_CARRIED = 5_000;

/** A version of a change as this remote knows it: its tree, and the side that is kept here alone. */
export interface LocalVersion {
  tree: string;
  side: string | null;
}

/**
 * Lays a side on another tree. REST has no times and no empty directories, so those of this mount's own making live here: a directory stays until it
 * has content or is removed, a time stays as long as the content it belongs to.
 */
export async function carrySide(versions: Versions, from: LocalVersion, tree: string): Promise<string | null> {
  if (from.side === null || from.tree === tree) return from.side;
  const noted = await notedIn(versions, from);
  const paths = noted.map(({ path }) => path);
  const { found } = await versions.ask((pool) => pool.lookup([tree], null, paths));
  const edits: Edit[] = [];
  for (const [index, { path, entry }] of noted.entries()) {
    const now = found[index];
    if (now === undefined || now.through !== null) continue;
    if (isEmptyDirectory(entry) && now.kind === 'absent') edits.push({ type: 'mkdir', path, mtime: entry.mtime });
    else if (entry.mtime !== null && sameEntry(entry.terms, now.terms)) edits.push({ type: 'utimes', path, mtime: entry.mtime });
  }
  if (edits.length === 0) return null;
  const { side } = await versions.apply([tree], null, edits);
  return side;
}

/** Everything a side says something of. */
async function notedIn(versions: Versions, { tree, side }: LocalVersion): Promise<{ path: string; entry: Listed }[]> {
  const noted: { path: string; entry: Listed }[] = [];
  for (let level = [{ path: '', side: side ?? '' }]; level.length > 0 && noted.length < MAX_CARRIED;) {
    const next: typeof level = [];
    for (const directory of level) {
      const listed = await versions.ask((pool) => pool.list([tree], side, directory.path));
      const entries = 'entries' in listed ? listed.entries : [];
      const sides = await sidesIn(versions, directory.side);
      for (const entry of entries) {
        const path = joinPath(directory.path, entry.name);
        if (entry.mtime !== null || isEmptyDirectory(entry)) noted.push({ path, entry });
        const below = sides.get(entry.name);
        if (below !== undefined) next.push({ path, side: below });
      }
    }
    level = next;
  }
  return noted.slice(0, MAX_CARRIED);
}

/** The objects that sides are made of, except below those in `known`. */
export async function objectsOfSide(versions: Versions, side: string | null, known: (oid: string) => boolean): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for (let level = side === null ? [] : [side]; level.length > 0;) {
    const objects = await versions.objects(level.filter((oid) => !known(oid)));
    found.push(...objects);
    level = objects.flatMap((object) => (object.kind === 'tree' ? readTree(object.bytes).map(({ oid }) => oid) : []));
  }
  return found;
}

async function sidesIn(versions: Versions, side: string): Promise<Map<string, string>> {
  const [tree] = await versions.objects([side]);
  return new Map(
    readTree(tree?.bytes ?? new Uint8Array(0))
      .filter(isTree)
      .map(({ name, oid }) => [name, oid]),
  );
}

/** Whether a directory is there without content. */
function isEmptyDirectory({ kind, terms }: Listed): boolean {
  return kind === 'dir' && terms.every((term) => term === null);
}

function sameEntry(a: Terms, b: Terms): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
