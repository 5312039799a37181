import { asyncDataLoaderFeature, dragAndDropFeature, hotkeysCoreFeature, selectionFeature, type ItemInstance, type TreeInstance } from '@headless-tree/core';
import type { JSX } from 'preact';
import { useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { useIde } from '../ui/context.ts';
import { coalesce } from '../workspace/coalesce.ts';
import { isNowhere, type Ide } from '../workspace/ide.ts';
import { baseName, isWithin, joinPath, parentOf } from '../workspace/paths.ts';
import { ancestorsOf, type TreeEntry } from './entries.ts';
import { rowMenu } from './row-menu.ts';
import { NewRow, TreeRow } from './tree-row.tsx';
import { loaderOf, loadUntilThere } from './tree-source.ts';
import { useListWindow } from './tree-window.ts';
import { TypeAhead } from './type-ahead.ts';
import { useTree } from './use-tree.ts';

interface Creating {
  kind: 'file' | 'folder';
  folder: string;
}

const loadingEntry: TreeEntry = { path: '', name: '…', kind: 'file', executable: false, target: null };

/** The repository's files. Folders are read when they are opened, and again when something in them changes. */
export function FileTree(): JSX.Element {
  const ide = useIde();
  const { root, folders } = ide.workspace;
  const [creating, setCreating] = useState<Creating | null>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const typing = useMemo(() => new TypeAhead(), []);
  const showRow = useRef<(row: number) => void>(() => undefined);
  /** What is clicked with Ctrl or Shift is selected, not opened. */
  const selects = useRef(false);

  const tree = useTree<TreeEntry>({
    rootItemId: root,
    dataLoader: loaderOf(ide),
    createLoadingItemData: () => loadingEntry,
    getItemName: (item) => item.getItemData().name,
    isItemFolder: (item) => item.getItemData().kind === 'folder',
    onPrimaryAction: (item) => {
      if (selects.current) return;
      if (item.getItemData().kind === 'link') void ide.openWhatever(item.getId());
      else if (!item.isFolder()) ide.pick(item.getId());
    },
    scrollToItem: (item) => showRow.current(item.getItemMeta().index),
    features: [asyncDataLoaderFeature, selectionFeature, hotkeysCoreFeature, dragAndDropFeature],
    ignoreHotkeysOnInputs: true,
    canReorder: false,
    canDrop: (items, target) => target.item.isFolder() && items.every((item) => !isAbove(item.getId(), target.item.getId())),
    onDrop: async (items, target) => {
      for (const item of items) {
        const to = joinPath(target.item.getId(), baseName(item.getId()));
        if (await ide.files.move(item.getId(), to)) await reveal(to);
      }
    },
    canDropForeignDragObject: (_data, target) => target.item.isFolder(),
    canDragForeignDragObjectOver: (data, target) => target.item.isFolder() && data.types.includes('Files'),
    onDropForeignDragObject: async (data, target) => void (await ide.files.upload(target.item.getId(), [...data.files])),
  });

  useFolderRefresh(ide, tree);
  useEffect(() => folders.onMarked(() => redraw(undefined)), [folders]);

  /** The keyboard goes on at the focused row, unless it was put elsewhere: who leaves a name field by a click is there after this. */
  const takeKeyboard = (): void => void setTimeout(() => isNowhere() && tree.updateDomFocus());
  const startCreating = (kind: Creating['kind'], folder: string): void => {
    if (folder !== root && !tree.getItemInstance(folder).isExpanded()) tree.getItemInstance(folder).expand();
    setCreating({ kind, folder });
  };
  const finishCreating = (name: string | null): void => {
    if (!creating) return;
    setCreating(null);
    if (name === null) takeKeyboard();
    else void create(creating, name);
  };
  /** The keyboard goes on in the new file, or at the new folder's row. */
  const create = async ({ kind, folder }: Creating, name: string): Promise<void> => {
    const created = await (kind === 'file' ? ide.createFile(folder, name) : ide.files.createFolder(folder, name));
    if (created && kind === 'file') return;
    if (created) await reveal(joinPath(folder, name));
    takeKeyboard();
  };
  const finishRenaming = (path: string, name: string | null): void => {
    setRenaming(null);
    if (name === null) return takeKeyboard();
    const to = joinPath(parentOf(path), name);
    // The keyboard follows the row to its new place.
    void ide.files.move(path, to).then(async (moved) => {
      await reveal(moved ? to : path);
      takeKeyboard();
    });
  };
  const folderOf = (item: ItemInstance<TreeEntry> | undefined): string => (item ? (item.isFolder() ? item.getId() : parentOf(item.getId())) : root);
  /** The focused row: where that is gone or folded away, what it was in. */
  const here = (): ItemInstance<TreeEntry> | undefined => {
    const items = tree.getItems();
    for (let path = tree.getState().focusedItem ?? root; isWithin(root, path) && path !== root; path = parentOf(path)) {
      const item = items.find((other) => other.getId() === path);
      if (item) return item;
    }
    return undefined;
  };
  const selected = (): string => folderOf(here());

  const reveal = async (path: string, focus = true): Promise<void> => {
    for (const folder of ancestorsOf(root, path)) {
      if (!(await loadUntilThere(tree, parentOf(folder), folder))) return;
      const item = tree.getItemInstance(folder);
      if (!item.isExpanded()) item.expand();
    }
    if (!(await loadUntilThere(tree, parentOf(path), path))) return;
    const item = tree.getItemInstance(path);
    if (!item.isSelected()) tree.setSelectedItems([path]);
    if (focus) item.setFocused();
    showRow.current(item.getItemMeta().index);
  };

  useEffect(() => {
    ide.explorer = {
      focus: () => tree.updateDomFocus(),
      reveal: (path) => void reveal(path),
      startCreating: (kind) => startCreating(kind, selected()),
      folder: selected,
      foldAll: () => {
        tree.applySubStateUpdate('expandedItems', []);
        tree.rebuildTree();
      },
    };
    return () => {
      ide.explorer = null;
    };
  }, [ide, tree]);
  const activePath = ide.workspace.documents.active.value?.path.value;
  useEffect(() => {
    // The row that has the keyboard keeps it.
    if (activePath !== undefined) void reveal(activePath, !tree.getElement()?.contains(document.activeElement));
  }, [activePath]);

  const onKeyDown = (event: KeyboardEvent): void => {
    selects.current = false;
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const items = tree.getItems();
    const item = here() ?? items[0];
    const letter = event.key.length === 1 && event.key !== ' ' ? event.key : null;
    if (letter !== null && /^n$/i.test(letter) && !typing.active(event.timeStamp)) startCreating(event.shiftKey ? 'folder' : 'file', folderOf(item));
    else if (letter !== null && letter !== '?') {
      const found =
        items[
          typing.type(
            letter,
            event.timeStamp,
            items.map((other) => other.getItemName()),
            item?.getItemMeta().index ?? 0,
          )
        ];
      found?.setFocused();
      if (found) tree.updateDomFocus();
    } else if (!item) return;
    else if (event.key === 'Enter' || event.key === ' ') {
      if (!item.isFolder()) item.primaryAction();
      else if (item.isExpanded()) item.collapse();
      else item.expand();
    } else if (event.key === 'F2') setRenaming(item.getId());
    else if (event.key === 'Delete') void removeAll(ide, tree, item);
    else return;
    event.preventDefault();
  };

  const items = tree.getItems();
  const newRow = creating ? newRowPlace(items, creating.folder, root) : null;
  const list = useListWindow(items.length + (newRow ? 1 : 0));
  showRow.current = list.show;
  const topOf = (index: number): number => (index + (newRow && index >= newRow.index ? 1 : 0)) * list.rowHeight;
  const drawn = items.slice(list.first, list.end);
  const focused = here() ?? items[0];
  // The row that has the keyboard stays, even when it was scrolled away.
  const kept = focused && !drawn.includes(focused) ? focused : undefined;

  return (
    <div
      ref={list.container}
      class="tree-scroll"
      data-testid="tree"
      onKeyDown={onKeyDown}
      onClickCapture={(event) => (selects.current = event.ctrlKey || event.metaKey || event.shiftKey)}
      onFocusIn={(event) => {
        // The library goes on from its own idea of the focused row.
        const came = event.target instanceof HTMLElement && event.target.dataset['path'] === focused?.getId();
        if (came && focused && !focused.isFocused()) focused.setFocused();
      }}
      onContextMenu={(event) => {
        if (event.defaultPrevented) return;
        event.preventDefault();
        ide.menu.value = {
          x: event.clientX,
          y: event.clientY,
          items: [
            { label: 'New file', run: () => startCreating('file', root) },
            { label: 'New folder', run: () => startCreating('folder', root) },
            { label: 'Upload files…', run: () => void ide.upload(root) },
          ],
        };
      }}
    >
      <div
        {...tree.getContainerProps(`Files of ${ide.workspace.place.repo}`)}
        aria-multiselectable
        class="tree-rows"
        style={{ height: `${(items.length + (newRow ? 1 : 0) + 2) * list.rowHeight}px` }}
      >
        {(kept ? [...drawn, kept] : drawn).map((item) => (
          <TreeRow
            key={item.getId()}
            item={item}
            top={topOf(item.getItemMeta().index)}
            focused={item === focused}
            renaming={renaming === item.getId()}
            onRename={(name) => finishRenaming(item.getId(), name)}
            onMenu={(event) => {
              event.preventDefault();
              item.setFocused();
              const place = event.currentTarget instanceof HTMLElement && event.clientX === 0 ? event.currentTarget.getBoundingClientRect() : null;
              ide.menu.value = {
                x: place ? place.left + 40 : event.clientX,
                y: place ? place.bottom : event.clientY,
                items: rowMenu(ide, item.getItemData(), { create: startCreating, rename: setRenaming, remove: () => void removeAll(ide, tree, item) }),
              };
            }}
          />
        ))}
        {creating && newRow ? (
          <NewRow kind={creating.kind} folder={creating.folder} level={newRow.level} top={newRow.index * list.rowHeight} onDone={finishCreating} />
        ) : null}
      </div>
      {items.length === 0 && !creating && !tree.getState().loadingItemChildrens.includes(root) ? (
        <p class="tree-empty" role="status">
          {folders.failed(root)
            ? 'The files couldn’t be read. They are read again as soon as the server can be reached.'
            : 'This repository has no files yet. Press n to make the first one.'}
        </p>
      ) : null}
    </div>
  );
}

/** Reads folders again when they are said to be stale, each once at a time. */
function useFolderRefresh(ide: Ide, tree: TreeInstance<TreeEntry>): void {
  useEffect(() => {
    const refreshers = new Map<string, () => Promise<void>>();
    return ide.workspace.folders.onStale((stale) => {
      for (const folder of stale) {
        let refresh = refreshers.get(folder);
        if (!refresh) {
          refresh = coalesce(() => tree.getItemInstance(folder).invalidateChildrenIds(true));
          refreshers.set(folder, refresh);
        }
        void refresh();
      }
    });
  }, [ide, tree]);
}

async function removeAll(ide: Ide, tree: TreeInstance<TreeEntry>, focused: ItemInstance<TreeEntry>): Promise<void> {
  const selected = tree.getSelectedItems();
  const items = selected.some((item) => item.getId() === focused.getId()) ? selected : [focused];
  const gone = new Set(items.map((item) => item.getId()));
  const rows = tree.getItems();
  const at = focused.getItemMeta().index;
  const stays = (item: ItemInstance<TreeEntry>): boolean => !gone.has(item.getId()) && !items.some((other) => item.isDescendentOf(other.getId()));
  const next = rows.slice(at + 1).find(stays) ?? rows.slice(0, at).findLast(stays);
  if (!(await ide.files.remove(items.map((item) => ({ path: item.getId(), isFolder: item.isFolder() }))))) return;
  tree.setSelectedItems([]);
  next?.setFocused();
  tree.updateDomFocus();
}

function newRowPlace(items: readonly ItemInstance<TreeEntry>[], folder: string, root: string): { index: number; level: number } {
  const parent = folder === root ? -1 : items.findIndex((item) => item.getId() === folder);
  return { index: parent + 1, level: parent < 0 ? 0 : (items[parent]?.getItemMeta().level ?? 0) + 1 };
}

function isAbove(path: string, folder: string): boolean {
  return folder === path || folder.startsWith(`${path}/`) || parentOf(path) === folder;
}
