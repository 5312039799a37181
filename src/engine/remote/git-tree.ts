import { oidText } from '../../wire/frames.ts';

/** An entry of an encoded tree. */
export interface RawEntry {
  name: string;
  mode: number;
  oid: string;
}

const TREE_MODE = 0o040000;

/**
 * Reads a tree's bytes as they are. Unlike the core's decoder it takes the `.` entry of side trees, and it checks nothing: only for looking ahead,
 * where a wrong answer costs a request.
 */
export function readTree(bytes: Uint8Array): RawEntry[] {
  const entries: RawEntry[] = [];
  const decoder = new TextDecoder();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0 || end + 21 > bytes.length) break;
    const mode = Number.parseInt(decoder.decode(bytes.subarray(at, space)), 8);
    entries.push({ name: decoder.decode(bytes.subarray(space + 1, end)), mode, oid: oidText(bytes, end + 1) });
    at = end + 21;
  }
  return entries;
}

/** Whether the entry is a directory. */
export function isTree(entry: { mode: number }): boolean {
  return entry.mode === TREE_MODE;
}

/** The objects made here that a version is made of: from its roots down, as far as `pinned` has them. */
export function reachablePins(
  view: { readonly trees: readonly string[]; readonly side: string | null },
  pinned: (oid: string) => { kind: string; bytes: Uint8Array } | undefined,
): Set<string> {
  const reached = new Set<string>();
  const open = [...view.trees, ...(view.side === null ? [] : [view.side])];
  for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
    const object = reached.has(oid) ? undefined : pinned(oid);
    if (object === undefined) continue;
    reached.add(oid);
    if (object.kind === 'tree') for (const entry of readTree(object.bytes)) open.push(entry.oid);
  }
  return reached;
}
