import type { Ide, MenuItem } from '../workspace/ide.ts';
import { baseName } from '../workspace/paths.ts';
import type { TreeEntry } from './entries.ts';

/** What a row's menu starts in the tree itself. */
export interface RowActions {
  create(kind: 'file' | 'folder', folder: string): void;
  rename(path: string): void;
  /** Asks, then deletes the row, with all that are selected where it is one of them. */
  remove(): void;
}

/** The menu of a file or folder. */
export function rowMenu(ide: Ide, entry: TreeEntry, actions: RowActions): MenuItem[] {
  const { path } = entry;
  const isFolder = entry.kind === 'folder';
  const creating: MenuItem[] = isFolder
    ? [
        { label: 'New file', keys: 'n', run: () => actions.create('file', path) },
        { label: 'New folder', keys: 'Shift+N', run: () => actions.create('folder', path) },
        { label: 'Upload files…', run: () => void ide.upload(path) },
        null,
      ]
    : [{ label: 'Open', keys: 'Enter', run: () => void ide.openWhatever(path) }, null];
  const { pins } = ide.workspace;
  const keeper = pins.keeperOf(path);
  const keeping: MenuItem =
    keeper === null
      ? { label: 'Keep on this device', run: () => void pins.keep(path) }
      : { label: keeper === path ? 'Don’t keep on this device' : `Kept with “${baseName(keeper)}”: let that go`, run: () => void pins.letGo(keeper) };
  const own: MenuItem[] = [
    { label: 'Rename or move', keys: 'F2', run: () => actions.rename(path) },
    { label: 'Duplicate', run: () => void ide.files.duplicate(path) },
    ...(entry.kind === 'file'
      ? [
          { label: entry.executable ? 'Make not executable' : 'Make executable', run: () => void ide.files.setExecutable(path, !entry.executable) },
          { label: 'Download', run: () => void ide.files.download(path) },
        ]
      : []),
    keeping,
    { label: 'Copy path', run: () => void ide.copy(ide.relative(path), 'Path') },
    null,
    { label: 'Delete', keys: 'Delete', danger: true, run: () => actions.remove() },
  ];
  return [...creating, ...own];
}
