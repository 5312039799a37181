import { effect, signal, type Signal } from '@preact/signals';
import { FolderStore } from '../tree/folder-store.ts';
import type { ChangeNotice, Shell, SyncStatus, WorkspaceFs } from './client.ts';
import { coalesce, settle } from './coalesce.ts';
import { Documents } from './documents.ts';
import type { Notices } from './notices.ts';
import { baseName } from './paths.ts';
import type { Settings } from './settings.ts';
import type { EditingTools } from './text-buffer.ts';

/** Where a workspace lies. */
export interface Place {
  org: string;
  repo: string;
  bookmark: string;
}

/** The mounted repository with everything the IDE keeps about it: open documents, folders, conflicts, the connection. */
export class Workspace {
  readonly fs: WorkspaceFs;
  readonly place: Place;
  readonly notices: Notices;
  readonly settings: Settings;
  /** The repository's directory: `/org/repo`. */
  readonly root: string;
  readonly documents: Documents;
  readonly folders: FolderStore;
  /** Absolute paths in conflict, sorted. */
  readonly conflicts: Signal<readonly string[]> = signal([]);
  readonly sync: Signal<SyncStatus>;
  readonly changeId: Signal<string | null> = signal(null);
  /** Looks at the conflicts and the change again, soon. */
  readonly refreshFacts: () => void;

  readonly #stop: (() => void)[] = [];
  #shell: Shell | null = null;
  #knowsConflicts = false;

  constructor(fs: WorkspaceFs, place: Place, notices: Notices, settings: Settings, tools: () => Promise<EditingTools>) {
    this.fs = fs;
    this.place = place;
    this.notices = notices;
    this.settings = settings;
    this.root = `/${place.org}/${place.repo}`;
    this.folders = new FolderStore(fs);
    this.sync = signal(fs.sync.status);
    this.documents = new Documents({
      fs,
      tools,
      live: () => settings.live.peek(),
      later: (ms, callback) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      onStored: (document, created) => {
        if (created) this.folders.noteChange({ path: document.path.peek(), recursive: false });
        this.refreshFacts();
      },
      onResolved: (document) => {
        notices.show('success', 'Conflict resolved', { detail: baseName(document.path.peek()) });
      },
    });
    this.refreshFacts = settle(60, coalesceFacts(this));
    const subscription = fs.subscribe((notice) => this.noteChange(notice));
    this.#stop.push(
      () => subscription.unsubscribe(),
      fs.sync.subscribe((status) => {
        this.sync.value = status;
      }),
      effect(() => {
        if (settings.live.value) for (const document of this.documents.unsaved.peek()) if (!document.livePaused.peek()) void document.save();
      }),
    );
    this.refreshFacts();
  }

  /** Lets everything that shows `path` look again. Returns at once: events wait for the handler before them. */
  noteChange(notice: ChangeNotice): void {
    void this.documents.refresh(notice);
    this.folders.noteChange(notice);
    this.refreshFacts();
  }

  /** Looks at everything again: after a command in the terminal, whose writes make no events here. */
  async refreshAll(): Promise<void> {
    this.folders.refreshAll();
    this.refreshFacts();
    await this.documents.refreshAll();
  }

  /** Takes in the list of conflicts. New ones are announced unless they are in sight. */
  takeConflicts(paths: readonly string[]): void {
    const before = this.conflicts.peek();
    const added = this.#knowsConflicts ? paths.filter((path) => !before.includes(path) && path !== this.documents.active.peek()?.path.peek()) : [];
    this.#knowsConflicts = true;
    if (paths.join('\n') !== before.join('\n')) this.conflicts.value = paths;
    for (const path of added.slice(0, 3)) {
      const show = { label: 'Show', run: () => void this.documents.open(path) };
      this.notices.show('warning', `“${baseName(path)}” is in conflict`, {
        detail: 'The same lines were changed twice. Both versions are kept.',
        actions: [show],
      });
    }
  }

  /** The shell beside the data, shared by search and terminal. */
  shell(): Shell {
    this.#shell ??= this.fs.bash({ cwd: this.root });
    return this.#shell;
  }

  dispose(): void {
    for (const stop of this.#stop) stop();
  }
}

function coalesceFacts(workspace: Workspace): () => void {
  const { fs, place } = workspace;
  const run = coalesce(async () => {
    const [conflicts, change] = await Promise.all([fs.conflicts({ repo: place.repo }), fs.change.current({ repo: place.repo })]);
    workspace.takeConflicts(conflicts.toSorted());
    workspace.changeId.value = change.changeId;
  });
  return () => {
    run().catch((error: unknown) => workspace.notices.fail('The list of conflicts couldn’t be read', error));
  };
}
