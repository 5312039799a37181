import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Comparison } from '../history/history.ts';
import { titleOf } from '../history/version-text.ts';
import type { OpenDocument } from '../workspace/document.ts';
import { baseName, parentOf } from '../workspace/paths.ts';
import { shownText } from '../workspace/shown-text.ts';
import { useIde } from './context.ts';
import { FileBadge, Icon } from './icons.tsx';
import { keysTitle } from './keys-hint.tsx';

/** The open files. */
export function Tabs(): JSX.Element | null {
  const ide = useIde();
  const { documents } = ide.workspace;
  const list = documents.list.value;
  const active = documents.active.value;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    element.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [active, list, documents.comparison.value]);
  const compared = documents.comparison.value;
  if (list.length === 0 && !compared) return null;
  const focusActive = (): void => {
    requestAnimationFrame(() => element.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  };
  const show = (document: OpenDocument | undefined): void => {
    if (document) documents.show(document);
  };
  return (
    <div class="tabs">
      <div
        ref={element}
        class="tabs-list"
        role="tablist"
        aria-label="Open files"
        onWheel={(event) => {
          if (event.deltaX === 0) event.currentTarget.scrollLeft += event.deltaY;
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowRight') documents.step(1);
          else if (event.key === 'ArrowLeft') documents.step(-1);
          else if (event.key === 'Home') show(list[0]);
          else if (event.key === 'End') show(list.at(-1));
          else if (event.key === 'Delete' || event.key === 'Backspace') ide.closeShown();
          else if (event.key === 'Enter' || event.key === ' ') ide.focusEditor();
          else return;
          event.preventDefault();
          if (event.key !== 'Enter' && event.key !== ' ') focusActive();
        }}
      >
        {list.map((document) => (
          <Tab key={document.id} document={document} active={document === active} hint={hintFor(document, list, ide.workspace.root)} />
        ))}
        {compared ? <ComparisonTab comparison={compared} /> : null}
      </div>
    </div>
  );
}

function Tab({ document, active, hint }: { document: OpenDocument; active: boolean; hint: string }): JSX.Element {
  const ide = useIde();
  const path = document.path.value;
  const name = shownText(baseName(path));
  // A tab that was not shown yet has not read its file.
  const conflicted = document.conflicted.value || (document.view.value.kind === 'loading' && ide.workspace.conflicts.value.includes(path));
  const notes = [document.dirty.value ? 'unsaved' : '', conflicted ? 'in conflict' : '', document.deleted.value ? 'deleted' : ''].filter(Boolean);
  return (
    <div
      class="tab"
      role="tab"
      id={active ? 'active-tab' : undefined}
      tabIndex={active ? 0 : -1}
      aria-selected={active}
      aria-controls={active ? 'active-document' : undefined}
      aria-label={[name, ...notes].join(', ')}
      title={shownText(ide.relative(path))}
      data-testid="tab"
      data-path={path}
      data-dirty={document.dirty.value}
      data-conflict={conflicted}
      data-deleted={document.deleted.value}
      draggable
      onDragStart={(event) => event.dataTransfer?.setData('application/x-mesafs-tab', path)}
      onDragOver={(event) => {
        if (event.dataTransfer?.types.includes('application/x-mesafs-tab')) event.preventDefault();
      }}
      onDrop={(event) => {
        const { documents } = ide.workspace;
        const moved = documents.find(event.dataTransfer?.getData('application/x-mesafs-tab') ?? '');
        if (moved) documents.moveTo(moved, documents.list.peek().indexOf(document));
      }}
      onMouseDown={(event) => {
        // The middle button would scroll.
        if (event.button === 1) event.preventDefault();
        if (event.button === 0) ide.workspace.documents.show(document);
      }}
      onAuxClick={(event) => {
        if (event.button === 1) void ide.closeTab(document);
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        ide.menu.value = { x: event.clientX, y: event.clientY, items: tabMenu(document, ide) };
      }}
    >
      <FileBadge path={path} />
      <span class="tab-name">{name}</span>
      {hint === '' ? null : <span class="tab-hint">{hint}</span>}
      <button
        type="button"
        class="tab-close"
        tabIndex={-1}
        aria-label={`Close ${name}`}
        title={`Close${keysTitle('Alt+W')}`}
        data-testid="tab-close"
        onMouseDown={(event) => event.stopPropagation()}
        onClick={() => void ide.closeTab(document)}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

/** Stands for a comparison of versions: there is one at a time, behind the files. */
function ComparisonTab({ comparison: { file, version } }: { comparison: Comparison }): JSX.Element {
  const ide = useIde();
  const name = shownText(baseName(file.path));
  return (
    <div
      class="tab tab-comparison"
      role="tab"
      id="active-tab"
      tabIndex={0}
      aria-selected
      aria-controls="active-document"
      aria-label={`${name}, in an earlier version`}
      title={`${shownText(file.path)}\n${titleOf(version)}`}
      data-testid="comparison-tab"
      onAuxClick={(event) => {
        if (event.button === 1) ide.closeShown();
      }}
    >
      <Icon name="history" />
      <span class="tab-name">{name}</span>
      <button
        type="button"
        class="tab-close"
        tabIndex={-1}
        aria-label={`Close the comparison of ${name}`}
        title={`Close${keysTitle('Alt+W')}`}
        data-testid="comparison-close"
        onClick={() => ide.closeShown()}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

function tabMenu(document: OpenDocument, ide: ReturnType<typeof useIde>): NonNullable<typeof ide.menu.value>['items'] {
  const others = ide.workspace.documents.list.peek().filter((other) => other !== document);
  const closeAll = async (documents: readonly OpenDocument[]): Promise<void> => {
    for (const other of documents) await ide.closeTab(other);
  };
  return [
    { label: 'Close', keys: 'Alt+W', run: () => void ide.closeTab(document) },
    { label: 'Close others', run: () => void closeAll(others) },
    { label: 'Close all', run: () => void closeAll([document, ...others]) },
    null,
    { label: 'Show in the file tree', run: () => ide.revealInTree(document.path.peek()) },
    { label: 'Copy path', run: () => void ide.copy(ide.relative(document.path.peek()), 'Path') },
  ];
}

/** The folder of a file whose name another tab has as well. */
function hintFor(document: OpenDocument, list: readonly OpenDocument[], root: string): string {
  const path = document.path.value;
  const twin = list.some((other) => other !== document && baseName(other.path.value) === baseName(path));
  if (!twin) return '';
  const folder = parentOf(path);
  return folder === root ? './' : shownText(baseName(folder));
}
