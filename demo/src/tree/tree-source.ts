import type { TreeInstance } from '@headless-tree/core';
import { isMissing } from '../workspace/errors.ts';
import type { Ide } from '../workspace/ide.ts';
import { baseName, parentOf } from '../workspace/paths.ts';
import type { TreeEntry } from './entries.ts';

/** Where the tree has its rows from. */
export function loaderOf({ workspace }: Ide): {
  getItem: (path: string) => TreeEntry;
  getChildrenWithData: (path: string) => Promise<{ id: string; data: TreeEntry }[]>;
} {
  return {
    getItem: (path) =>
      workspace.folders.entries(parentOf(path)).find((entry) => entry.path === path) ?? {
        path,
        name: baseName(path),
        kind: path === workspace.root ? 'folder' : 'file',
        executable: false,
        target: null,
      },
    getChildrenWithData: async (path) => {
      const rows = (entries: readonly TreeEntry[]) => entries.map((data) => ({ id: data.path, data }));
      try {
        return rows(await workspace.folders.read(path));
      } catch (error) {
        if (isMissing(error)) workspace.folders.forget(path);
        else workspace.notices.fail(`The folder “${baseName(path)}” couldn’t be read`, error);
        // What was known of it stays in sight.
        return rows(workspace.folders.entries(path));
      }
    },
  };
}

/** Reads a folder unless it is known to hold `path`: something new may not be listed yet. Answers whether it is. */
export async function loadUntilThere(tree: TreeInstance<TreeEntry>, folder: string, path: string): Promise<boolean> {
  if ((await tree.loadChildrenIds(folder)).includes(path)) return true;
  await tree.getItemInstance(folder).invalidateChildrenIds(true);
  return (await tree.loadChildrenIds(folder)).includes(path);
}
