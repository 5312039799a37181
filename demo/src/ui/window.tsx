import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { WindowProps } from '../boot.ts';
import { DocumentView } from '../editor/document-view.tsx';
import { SaveVersion } from '../history/save-version.tsx';
import { comparisonKey, VersionCompare } from '../history/version-compare.tsx';
import { addressWith } from '../session.ts';
import { StatusBar } from '../status/status-bar.tsx';
import { TerminalPanel } from '../terminal/terminal-panel.tsx';
import { runBinding, type Command } from '../workspace/commands.ts';
import type { Ide } from '../workspace/ide.ts';
import { baseName } from '../workspace/paths.ts';
import { shownText } from '../workspace/shown-text.ts';
import { ChangePicker } from './change-picker.tsx';
import { IdeProvider, useIde } from './context.ts';
import { GoToLine } from './go-to-line.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { ContextMenu } from './menu.tsx';
import { Palette } from './palette.tsx';
import { QuickOpen } from './quick-open.tsx';
import { ActivityBar, Sidebar } from './sidebar.tsx';
import { Tabs } from './tabs.tsx';
import { Welcome } from './welcome.tsx';

/** The IDE's window, once there is a repository to show. */
export function IdeWindow({ ide, commands }: WindowProps): JSX.Element {
  return (
    <IdeProvider value={{ ide, commands }}>
      <Parts ide={ide} commands={commands} />
    </IdeProvider>
  );
}

function Parts({ ide, commands }: WindowProps): JSX.Element {
  useKeys(commands);
  useAddress(ide);
  useLeaveGuard(ide);
  return (
    <div class="ide">
      <Header />
      <div class="body">
        <ActivityBar />
        <Sidebar />
        <main class="main">
          <div class="main-editors">
            <Tabs />
            <ActiveDocument />
          </div>
          <TerminalPanel />
        </main>
      </div>
      <StatusBar />
      <ContextMenu />
      <Overlays />
    </div>
  );
}

function ActiveDocument(): JSX.Element {
  const { active, comparison } = useIde().workspace.documents;
  const compared = comparison.value;
  if (compared) return <VersionCompare key={comparisonKey(compared)} comparison={compared} />;
  return active.value ? <DocumentView key={active.value.id} document={active.value} /> : <Welcome />;
}

function Overlays(): JSX.Element | null {
  const ide = useIde();
  if (ide.help.value) return <Help />;
  if (ide.savingVersion.value) return <SaveVersion />;
  switch (ide.picker.value) {
    case 'files':
      return <QuickOpen />;
    case 'commands':
      return <Palette />;
    case 'line':
      return <GoToLine />;
    case 'changes':
      return <ChangePicker />;
    case null:
      return null;
  }
}

/** The keys of all commands, wherever the keyboard is but in a dialog. */
function useKeys(commands: readonly Command[]): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const target = event.target instanceof Element ? event.target : document.body;
      if (event.isComposing || (target.closest('dialog') && !target.closest('.picker'))) return;
      const where = {
        typing: target.closest('input, textarea, select, [contenteditable="true"]') !== null,
        terminal: target.closest('.terminal-host') !== null,
      };
      // From one picker the other can be reached, and nothing else.
      const offered = target.closest('.picker') ? commands.filter((command) => command.id === 'quick-open' || command.id === 'palette') : commands;
      if (!runBinding(offered, event, where)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    // Before the editor and the terminal, which take most keys.
    addEventListener('keydown', onKeyDown, true);
    return () => removeEventListener('keydown', onKeyDown, true);
  }, [commands]);
}

/** Keeps the open file in the address, so that a reload or a link comes back to it. */
function useAddress(ide: Ide): void {
  const active = ide.workspace.documents.active.value?.path.value;
  useEffect(() => {
    history.replaceState(null, '', addressWith(location.href, { file: active === undefined ? null : ide.relative(active) }));
  }, [active]);
  const unsaved = ide.workspace.documents.unsaved.value.length > 0 && !ide.settings.live.value;
  useEffect(() => {
    const title = active === undefined ? ide.workspace.place.repo : `${shownText(baseName(active))} — ${ide.workspace.place.repo}`;
    document.title = unsaved ? `● ${title}` : title;
  }, [active, unsaved]);
}

/**
 * Asks before the page is left with something that would be lost: what is kept on this device is not. What is saved by itself is saved at once when the page
 * is hidden, since a hidden page may be ended without a word.
 */
function useLeaveGuard(ide: Ide): void {
  useEffect(() => {
    const onHide = (): void => {
      if (document.visibilityState === 'hidden') ide.workspace.documents.saveLive();
    };
    const onLeave = (event: BeforeUnloadEvent): void => {
      const { documents, sync } = ide.workspace;
      documents.saveLive();
      const onlyHere = sync.peek().pending > 0 && sync.peek().storage === 'memory';
      if (documents.losing.peek().length > 0 || onlyHere) event.preventDefault();
    };
    addEventListener('beforeunload', onLeave);
    document.addEventListener('visibilitychange', onHide);
    return () => {
      removeEventListener('beforeunload', onLeave);
      document.removeEventListener('visibilitychange', onHide);
    };
  }, [ide]);
}
