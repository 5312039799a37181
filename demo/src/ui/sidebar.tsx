import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { HistoryPanel } from '../history/history-panel.tsx';
import { FileTree } from '../tree/file-tree.tsx';
import type { SideName } from '../workspace/ide.ts';
import { useIde } from './context.ts';
import { ConflictsPanel } from './conflicts-panel.tsx';
import { Icon, type IconName } from './icons.tsx';
import { keysTitle } from './keys-hint.tsx';
import { SearchPanel } from './search-panel.tsx';
import { Splitter } from './splitter.tsx';

/** The strip at the left edge: which side panel is shown. */
export function ActivityBar(): JSX.Element {
  const ide = useIde();
  const { settings, side } = ide;
  const conflicts = ide.workspace.conflicts.value.length;
  const button = (name: SideName, icon: IconName, label: string, title: string): JSX.Element => {
    const shown = ide.sideShown.value && side.value === name;
    return (
      <button
        type="button"
        class="activity-button"
        aria-pressed={shown}
        aria-label={label}
        data-testid={`activity-${name}`}
        title={title}
        onClick={() => (shown ? ide.showSidebar(false) : ide.showSide(name))}
      >
        <Icon name={icon} />
        {name === 'conflicts' && conflicts > 0 ? <span class="count">{conflicts}</span> : null}
      </button>
    );
  };
  return (
    <nav class="activity" aria-label="Panels">
      {button('files', 'files', 'Files', `Files${keysTitle('Mod+Shift+E')}`)}
      {button('search', 'search', 'Search', `Search in all files${keysTitle('Mod+Shift+F')}`)}
      {button('history', 'history', 'History', `History: every version, and what changed${keysTitle('Mod+Shift+H')}`)}
      {button('conflicts', 'conflict', inConflict(conflicts), `${inConflict(conflicts)}; go to the next conflict${keysTitle('F7')}`)}
      <span class="activity-gap" />
      <button
        type="button"
        class="activity-button"
        aria-pressed={settings.panelOpen.value}
        aria-label="Terminal"
        title={`Terminal${keysTitle('Ctrl+`')}`}
        onClick={() => ide.toggleTerminal()}
      >
        <Icon name="terminal" />
      </button>
    </nav>
  );
}

function inConflict(files: number): string {
  return files === 0 ? 'Conflicts' : `Conflicts: ${files === 1 ? '1 file' : `${files} files`}`;
}

/** The panel at the left: files, search, history, conflicts. Once it was shown, hiding it keeps the tree as it is. */
export function Sidebar(): JSX.Element | null {
  const ide = useIde();
  const { settings, side, workspace } = ide;
  const shown = ide.sideShown.value;
  const opened = useRef(false);
  opened.current ||= shown;
  if (!opened.current) return null;
  const panel = shown ? side.value : null;
  return (
    <>
      {shown ? <div class="scrim" onClick={() => ide.showSidebar(false)} /> : null}
      <aside class="sidebar" style={{ width: `${settings.sidebarWidth.value}px`, ...(shown ? {} : { display: 'none' }) }} aria-label="Side panel">
        {panel === 'files' ? <FilesHead /> : null}
        <div class="sidebar-body" style={panel === 'files' ? {} : { display: 'none' }}>
          <FileTree key={workspace.root} />
        </div>
        {panel === 'search' ? <SearchPanel /> : null}
        {panel === 'history' ? <HistoryPanel /> : null}
        {panel === 'conflicts' ? <ConflictsPanel /> : null}
        <Splitter
          label="Width of the side panel"
          orientation="vertical"
          size={settings.sidebarWidth}
          min={170}
          max={() => Math.max(innerWidth - 360, 200)}
          initial={264}
        />
      </aside>
    </>
  );
}

function FilesHead(): JSX.Element {
  const ide = useIde();
  return (
    <div class="sidebar-head">
      <h2>{ide.workspace.place.repo}</h2>
      <button
        type="button"
        class="icon-button"
        data-testid="new-file"
        aria-label="New file"
        title={`New file${keysTitle('Alt+N')}`}
        onClick={() => ide.explorer?.startCreating('file')}
      >
        <Icon name="filePlus" />
      </button>
      <button
        type="button"
        class="icon-button"
        data-testid="new-folder"
        aria-label="New folder"
        title={`New folder${keysTitle('Alt+Shift+N')}`}
        onClick={() => ide.explorer?.startCreating('folder')}
      >
        <Icon name="folderPlus" />
      </button>
      <button
        type="button"
        class="icon-button"
        data-testid="upload"
        aria-label="Upload files"
        title="Upload files into the selected folder"
        onClick={() => void ide.upload()}
      >
        <Icon name="upload" />
      </button>
      <button type="button" class="icon-button" aria-label="Fold all folders" title="Fold all folders" onClick={() => ide.explorer?.foldAll()}>
        <Icon name="collapse" />
      </button>
    </div>
  );
}
