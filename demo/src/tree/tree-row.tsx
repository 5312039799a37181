import type { ItemInstance } from '@headless-tree/core';
import type { JSX } from 'preact';
import { FileBadge, FolderBadge, Icon } from '../ui/icons.tsx';
import { useIde } from '../ui/context.ts';
import { parentOf } from '../workspace/paths.ts';
import { shownText } from '../workspace/shown-text.ts';
import { conflictsWithin, type TreeEntry } from './entries.ts';
import { NameInput } from './name-input.tsx';

interface TreeRowProps {
  item: ItemInstance<TreeEntry>;
  top: number;
  /** The keyboard comes here when it comes to the tree. */
  focused: boolean;
  renaming: boolean;
  onRename: (name: string | null) => void;
  onMenu: (event: MouseEvent) => void;
}

/** One file or folder. */
export function TreeRow({ item, top, focused, renaming, onRename, onMenu }: TreeRowProps): JSX.Element {
  const ide = useIde();
  const entry = item.getItemData();
  const { path, kind } = entry;
  const name = shownText(entry.name);
  const conflicts = conflictsWithin(ide.workspace.conflicts.value, path);
  const document = ide.workspace.documents.list.value.find((other) => other.path.value === path);
  const dirty = document?.dirty.value === true;
  const open = document !== undefined && ide.workspace.documents.active.value === document;
  const level = item.getItemMeta().level;
  const notes = [
    kind === 'link' ? `link${entry.target === null ? '' : ` to ${shownText(entry.target)}`}` : '',
    entry.executable ? 'executable' : '',
    conflicts > 0 ? (kind === 'folder' ? `${conflicts} in conflict inside` : 'in conflict') : '',
    dirty ? 'unsaved' : '',
  ].filter(Boolean);
  return (
    <div
      {...item.getProps()}
      class="tree-row"
      tabIndex={focused ? 0 : -1}
      data-testid="tree-item"
      data-path={path}
      data-kind={kind}
      data-conflict={conflicts > 0 && kind !== 'folder'}
      data-open={open}
      data-drop={item.isUnorderedDragTarget()}
      aria-label={[name, ...notes].join(', ')}
      title={[shownText(ide.relative(path)), ...notes].join(' — ')}
      style={{ top: `${top}px`, paddingLeft: '6px' }}
      onContextMenu={onMenu}
    >
      <Guides level={level} />
      {kind === 'folder' ? <Icon name="chevron" class="tree-chevron" /> : <span class="tree-chevron" />}
      {kind === 'folder' ? <FolderBadge /> : <FileBadge path={path} />}
      {renaming ? (
        <NameInput
          label={`New name of ${name}`}
          initial={entry.name}
          taken={ide.workspace.folders.entries(parentOf(path)).map((other) => other.name)}
          onDone={onRename}
        />
      ) : (
        <span class="tree-name">{name}</span>
      )}
      {item.isLoading() ? <span class="spinner" style={{ width: '11px', height: '11px' }} /> : null}
      {kind === 'link' ? <span class="tree-mark">↗</span> : null}
      {entry.executable ? <span class="tree-mark">x</span> : null}
      {dirty ? <span class="tree-mark-dirty" /> : null}
      {conflicts > 0 ? (
        <span class="tree-mark tree-mark-conflict" data-testid="tree-conflict">
          {kind === 'folder' && item.isExpanded() ? '•' : kind === 'folder' ? conflicts : '!'}
        </span>
      ) : null}
    </div>
  );
}

/** The row in which a new file or folder gets its name. */
export function NewRow({
  kind,
  folder,
  level,
  top,
  onDone,
}: {
  kind: 'file' | 'folder';
  folder: string;
  level: number;
  top: number;
  onDone: (name: string | null) => void;
}): JSX.Element {
  const ide = useIde();
  return (
    <div class="tree-row" style={{ top: `${top}px`, paddingLeft: '6px', zIndex: 3 }}>
      <Guides level={level} />
      <span class="tree-chevron" />
      {kind === 'folder' ? <FolderBadge /> : <Icon name="file" />}
      <NameInput label={`Name of the new ${kind}`} initial="" taken={ide.workspace.folders.entries(folder).map((other) => other.name)} onDone={onDone} />
    </div>
  );
}

/** The lines that show how deep a row lies. */
function Guides({ level }: { level: number }): JSX.Element {
  return (
    <>
      {Array.from({ length: level }, (_, depth) => (
        <span key={depth} class="tree-guide" />
      ))}
      {level > 0 ? <span style={{ width: '8px' }} /> : null}
    </>
  );
}
