import { signal, type Signal } from '@preact/signals';
import { openSession, readAddress, sessionChanged, SessionError, SessionMemory, type Session } from './session.ts';
import type { ComponentType } from 'preact';
import { PlaceError, placeErrorOf, type OtherPlace } from './place-error.ts';
import type { Command } from './workspace/commands.ts';
import { describeError, type Problem } from './workspace/errors.ts';
import type { Ide } from './workspace/ide.ts';
import type { Notices } from './workspace/notices.ts';
import { ChangeMemory } from './workspace/change-memory.ts';
import type { WorkspaceFs } from './workspace/client.ts';
import { openPageStorage, type PageStorage } from './workspace/page-storage.ts';
import { isWithin, joinPath } from './workspace/paths.ts';
import type { Settings } from './workspace/settings.ts';
import { TabMemory } from './workspace/tab-memory.ts';

/** What the IDE's window shows. */
export interface WindowProps {
  ide: Ide;
  commands: readonly Command[];
}

/** How far the start has come. */
export type BootState =
  | { phase: 'starting'; attempt: number }
  | { phase: 'failed'; problem: Problem; retryAt: number }
  | { phase: 'nowhere'; problem: Problem; home: OtherPlace }
  | ({ phase: 'ready'; Window: ComponentType<WindowProps> } & WindowProps);

/** The start of the IDE: gets a session, mounts, and tries again while that fails. */
export interface Boot {
  state: Signal<BootState>;
  /** Tries again at once. */
  retry(): void;
}

declare global {
  interface Window {
    /** For tests, and for trying things out in the console. */
    mesafsDemo?: { fs: Ide['workspace']['fs']; ide: Ide };
  }
}

const delays = [1_000, 2_000, 4_000, 8_000, 15_000];

/** Starts at once. */
export function startBoot(settings: Settings, notices: Notices, storage: PageStorage): Boot {
  const state: Signal<BootState> = signal({ phase: 'starting', attempt: 1 });
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = async (): Promise<void> => {
    clearTimeout(timer);
    attempt += 1;
    state.value = { phase: 'starting', attempt };
    try {
      const ready = await open(settings, notices, storage);
      window.mesafsDemo = { fs: ready.ide.workspace.fs, ide: ready.ide };
      state.value = ready;
    } catch (error) {
      if (error instanceof PlaceError) {
        state.value = { phase: 'nowhere', problem: error.problem, home: error.home };
        return;
      }
      const problem = describeError(error);
      if (error instanceof SessionError) problem.remedy = error.remedy;
      const delay = delays[Math.min(attempt, delays.length) - 1] ?? 15_000;
      state.value = { phase: 'failed', problem, retryAt: Date.now() + delay };
      timer = setTimeout(() => void run(), delay);
    }
  };
  void run();
  return { state, retry: () => void run() };
}

const askServer = (url: string): Promise<Response> => fetch(url, { cache: 'no-store' });
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function open(settings: Settings, notices: Notices, storage: PageStorage): Promise<BootState & { phase: 'ready' }> {
  const memory = new SessionMemory(storage);
  const [{ session, remembered, home }, workbench] = await Promise.all([openSession(location.href, askServer, memory, wait), import('./workbench.ts')]);
  const tools = async () => (await import('./editor/editor-panes.ts')).editingTools;
  // The editor comes while the mount is made. Should that fail, opening a file tries again and says so.
  tools().catch(() => undefined);
  const { org, repo, bookmark } = session;
  const place = { org, repo, bookmark };
  const changeMemory = new ChangeMemory(storage, place);
  const { fs, change } = await mount(session, changeMemory, notices, workbench.mountSession).catch((error: unknown) => {
    throw placeErrorOf(error, location.href, session, home);
  });
  const navigation = {
    href: () => location.href,
    replace: (href: string) => history.replaceState(null, '', href),
    go: (href: string) => location.assign(href),
  };
  const source = workbench.historyOf(session);
  const workspace = new workbench.Workspace({ fs, place, notices, settings, tools, change, changeMemory, navigation, history: source });
  const ide = new workbench.Ide(workspace);
  const tabs = new TabMemory(
    openPageStorage(() => sessionStorage),
    place,
  );
  await openFirst(ide, tabs);
  tabs.follow(workspace.documents);
  if (remembered) void watchSession(session, memory, ide);
  return { phase: 'ready', ide, commands: workbench.commandsOf(ide), Window: workbench.IdeWindow };
}

/** Mounts the change the address names, or the one work stopped in; the bookmark where that one is no more, for it was not asked for. */
async function mount(
  session: Session,
  memory: ChangeMemory,
  notices: Notices,
  mountSession: (session: Session, change: string | null) => Promise<WorkspaceFs>,
): Promise<{ fs: WorkspaceFs; change: string | null }> {
  const change = session.change ?? memory.current;
  if (change === null) return { fs: await mountSession(session, null), change };
  try {
    return { fs: await mountSession(session, change), change };
  } catch (error) {
    if (describeError(error).code !== 'CHANGE_NOT_FOUND') throw error;
    memory.drop(change);
    if (session.change !== null) throw error;
    notices.show('warning', `The change ${change.slice(0, 8)} isn’t there any more`, { detail: `This is the bookmark ${session.bookmark}.` });
    return { fs: await mountSession(session, null), change: null };
  }
}

/** A page that began with the session of last time takes the server's when that is another one. */
async function watchSession(session: Session, memory: SessionMemory, ide: Ide): Promise<void> {
  let changed: boolean | null = null;
  while (changed === null) {
    await Promise.race([wait(5_000), new Promise((resolve) => addEventListener('online', resolve, { once: true }))]);
    changed = await sessionChanged(location.href, askServer, memory, session);
  }
  if (!changed) return;
  const { sync, documents } = ide.workspace;
  if (sync.peek().pending === 0 && documents.losing.peek().length === 0) return location.reload();
  ide.notices.show('error', 'The server has another session for this page', {
    detail: 'Edits made here were written with the one before, and are kept on this device.',
    actions: [{ label: 'Reload', run: () => location.reload() }],
    lasting: true,
  });
}

/** Opens the tabs of last time, and in front of them what the address names; where there is neither the README, so that there is something to see. */
async function openFirst(ide: Ide, tabs: TabMemory): Promise<void> {
  const { fs, root, documents } = ide.workspace;
  const last = tabs.restore(documents);
  const { file } = readAddress(location.href);
  const asked = file === null ? null : joinPath(root, file);
  if (asked !== null && isWithin(root, asked)) await ide.openWhatever(asked);
  else if (file !== null) {
    ide.notices.show('warning', 'The address of this page names no file of this repository', { detail: `“${file}” leads out of ${ide.workspace.place.repo}.` });
  }
  if (ide.active) return;
  if (last !== null) return void documents.open(last);
  if (asked !== null && isWithin(root, asked)) return;
  const names = await fs.readdirWithFileTypes(root).catch(() => []);
  const readme = names.find((entry) => entry.isFile && /^readme(\.\w+)?$/i.test(entry.name));
  if (readme) documents.open(joinPath(root, readme.name));
}
