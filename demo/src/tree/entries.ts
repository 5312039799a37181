import type { ChangeNotice, DirectoryEntry } from '../workspace/client.ts';
import { isWithin, joinPath, parentOf } from '../workspace/paths.ts';

/** One row of the file tree. */
export interface TreeEntry {
  path: string;
  name: string;
  kind: 'file' | 'folder' | 'link';
  executable: boolean;
  /** Where a link points, once known. */
  target: string | null;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** A directory's names as rows: folders first, then by name, numbers by their value. */
export function toEntries(directory: string, names: readonly DirectoryEntry[]): TreeEntry[] {
  return names
    .map((entry): TreeEntry => {
      const kind = entry.isSymbolicLink ? 'link' : entry.isDirectory ? 'folder' : 'file';
      return { path: joinPath(directory, entry.name), name: entry.name, kind, executable: false, target: null };
    })
    .toSorted((a, b) => Number(b.kind === 'folder') - Number(a.kind === 'folder') || collator.compare(a.name, b.name) || (a.name < b.name ? -1 : 1));
}

/** Which of the folders that were read an event asks to read again. */
export function affectedFolders(loaded: Iterable<string>, { path, recursive }: ChangeNotice): string[] {
  const parent = parentOf(path);
  return [...loaded].filter((folder) => folder === parent || folder === path || (recursive && isWithin(path, folder)));
}

/** The folders between the root and a path, from the top, without the root itself. */
export function ancestorsOf(root: string, path: string): string[] {
  const out: string[] = [];
  for (let folder = parentOf(path); folder !== root && isWithin(root, folder) && folder !== '/'; folder = parentOf(folder)) out.unshift(folder);
  return out;
}

/** How many files in conflict lie at a path or below it. */
export function conflictsWithin(conflicts: readonly string[], path: string): number {
  return conflicts.filter((conflict) => isWithin(path, conflict)).length;
}
