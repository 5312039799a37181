import { joinPath } from '../../base/paths.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { oidBytes } from '../../wire/frames.ts';
import { isTree, readTree } from './git-tree.ts';
import type { RawEntry } from './git-tree.ts';

/** Entries looked at before a search is given up: a second or so. */
const MAX_SEARCHED = 2_000_000;
/** What a directory's mode begins with: no other does. */
const DIRECTORY = 0x34;

/** A directory that names an object. */
export interface Naming {
  path: string;
  entries: RawEntry[];
}

/** Searches the trees at hand below a root for a directory that names an object, the levels one after the other. `near`: those at hand. */
export async function findNaming(root: string, oid: string, near: (oids: string[]) => Promise<StoredObject[]>): Promise<Naming | null> {
  const wanted = oidBytes(oid);
  let looked = 0;
  for (let level = [{ path: '', oid: root }]; level.length > 0;) {
    const next: typeof level = [];
    const found = await near([...new Set(level.map((directory) => directory.oid))]);
    const trees = new Map(found.map((tree) => [tree.oid, tree]));
    for (const directory of level) {
      const bytes = trees.get(directory.oid)?.bytes;
      if (bytes === undefined) continue;
      const { count, names, directories } = look(bytes, wanted);
      looked += count;
      if (names) return { path: directory.path, entries: readTree(bytes) };
      if (looked > MAX_SEARCHED) return null;
      if (!directories) continue;
      for (const entry of readTree(bytes)) if (isTree(entry)) next.push({ path: joinPath(directory.path, entry.name), oid: entry.oid });
    }
    level = next;
  }
  return null;
}

/** Goes through a tree's bytes without reading its names: how many entries it has, whether one is the wanted object, and whether any is a directory. */
function look(bytes: Uint8Array, wanted: Uint8Array): { count: number; names: boolean; directories: boolean } {
  let [count, directories] = [0, false];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at);
    if (end < 0 || end + 21 > bytes.length) break;
    count += 1;
    directories ||= bytes[at] === DIRECTORY;
    if (wanted.every((byte, index) => bytes[end + 1 + index] === byte)) return { count, names: true, directories };
    at = end + 21;
  }
  return { count, names: false, directories };
}
