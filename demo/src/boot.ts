import { signal, type Signal } from '@preact/signals';
import { fetchSession, readAddress, SessionError } from './session.ts';
import type { ComponentType } from 'preact';
import type { Command } from './workspace/commands.ts';
import { describeError, type Problem } from './workspace/errors.ts';
import type { Ide } from './workspace/ide.ts';
import type { Notices } from './workspace/notices.ts';
import { joinPath } from './workspace/paths.ts';
import type { Settings } from './workspace/settings.ts';

/** What the IDE's window shows. */
export interface WindowProps {
  ide: Ide;
  commands: readonly Command[];
}

/** How far the start has come. */
export type BootState =
  | { phase: 'starting'; attempt: number }
  | { phase: 'failed'; problem: Problem; retryAt: number }
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
export function startBoot(settings: Settings, notices: Notices): Boot {
  const state: Signal<BootState> = signal({ phase: 'starting', attempt: 1 });
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = async (): Promise<void> => {
    clearTimeout(timer);
    attempt += 1;
    state.value = { phase: 'starting', attempt };
    try {
      const ready = await open(settings, notices);
      window.mesafsDemo = { fs: ready.ide.workspace.fs, ide: ready.ide };
      state.value = ready;
    } catch (error) {
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

async function open(settings: Settings, notices: Notices): Promise<BootState & { phase: 'ready' }> {
  const asked = fetchSession(location.href, (url) => fetch(url, { cache: 'no-store' }));
  const [session, workbench] = await Promise.all([asked, import('./workbench.ts')]);
  const tools = async () => (await import('./editor/editor-panes.ts')).editingTools;
  // The editor comes while the mount is made. Should that fail, opening a file tries again and says so.
  tools().catch(() => undefined);
  const fs = await workbench.mountSession(session);
  const workspace = new workbench.Workspace(fs, { org: session.org, repo: session.repo, bookmark: session.bookmark }, notices, settings, tools);
  const ide = new workbench.Ide(workspace);
  await openFirst(ide);
  return { phase: 'ready', ide, commands: workbench.commandsOf(ide), Window: workbench.IdeWindow };
}

/** Opens what the address names, or else the README, so that there is something to see. */
async function openFirst(ide: Ide): Promise<void> {
  const { file } = readAddress(location.href);
  if (file !== null && file !== '') return ide.openWhatever(joinPath(ide.workspace.root, file));
  const names = await ide.workspace.fs.readdirWithFileTypes(ide.workspace.root).catch(() => []);
  const readme = names.find((entry) => entry.isFile && /^readme(\.\w+)?$/i.test(entry.name));
  if (readme) ide.workspace.documents.open(joinPath(ide.workspace.root, readme.name));
}
