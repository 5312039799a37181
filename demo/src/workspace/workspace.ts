import { effect, signal, type Signal } from '@preact/signals';
import { History } from '../history/history.ts';
import type { HistorySource } from '../history/history-source.ts';
import { nextDrain, type Drain } from '../status/drain.ts';
import { FolderStore } from '../tree/folder-store.ts';
import { ChangeActions, type Navigation } from './change-actions.ts';
import type { ChangeMemory } from './change-memory.ts';
import type { ChangeNotice, Shell, SyncStatus, WorkspaceFs } from './client.ts';
import { coalesce, settle } from './coalesce.ts';
import { Documents } from './documents.ts';
import type { Notices } from './notices.ts';
import { baseName } from './paths.ts';
import { Pins } from './pins.ts';
import type { Settings } from './settings.ts';
import type { EditingTools } from './text-buffer.ts';

/** Where a workspace lies. */
export interface Place {
  org: string;
  repo: string;
  bookmark: string;
}

/** What a workspace is made of. */
export interface WorkspaceParts {
  fs: WorkspaceFs;
  place: Place;
  notices: Notices;
  settings: Settings;
  tools: () => Promise<EditingTools>;
  /** The change that is mounted; `null` when that is the bookmark. */
  change: string | null;
  changeMemory: ChangeMemory;
  navigation: Navigation;
  history: HistorySource;
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
  /** Edits that waited for the connection; `null` while none do. */
  readonly drain: Signal<Drain | null> = signal(null);
  readonly changeId: Signal<string | null> = signal(null);
  readonly changes: ChangeActions;
  readonly history: History;
  readonly pins: Pins;
  /** Opens the panel of the connection, once it is there. */
  showSync: (() => void) | null = null;
  /** Looks at the conflicts and the change again, soon. */
  readonly refreshFacts: () => void;

  readonly #stop: (() => void)[] = [];
  #shell: Shell | null = null;
  /** Conflicts that were told of, or were there from the start. */
  #told: Set<string> | null = null;
  /** All is sent, and what came of it is being looked at. */
  #returning = false;
  /** How many of the edits that waited were refused. */
  #refusedSince = 0;

  constructor({ fs, place, notices, settings, tools, change, changeMemory, navigation, history }: WorkspaceParts) {
    this.fs = fs;
    this.place = place;
    this.notices = notices;
    this.settings = settings;
    this.root = `/${place.org}/${place.repo}`;
    this.folders = new FolderStore(fs);
    this.sync = signal(asShown(fs.sync.status));
    this.drain.value = nextDrain(null, fs.sync.status);
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
    this.pins = new Pins(fs, notices);
    this.changes = new ChangeActions(this, changeMemory, change, navigation);
    this.history = new History(fs, place.repo, history);
    const facts = coalesceFacts(this);
    this.refreshFacts = settle(60, () => void facts());
    const take = (status: SyncStatus): void => {
      const refused = (status.parked ?? 0) - (this.sync.peek().parked ?? 0);
      const back = status.state === 'live' && this.sync.peek().state !== 'live';
      this.sync.value = asShown(status);
      if (refused > 0) this.#sayRefused(refused);
      if (back) this.#lookAgain();
      const before = this.drain.peek();
      this.drain.value = nextDrain(before, status);
      if (before === null || this.drain.peek() !== null) return;
      this.#returning = true;
      void facts().then(() => this.#sayReturned(before));
    };
    const look = (): void => take(fs.sync.status);
    addEventListener('online', look);
    addEventListener('offline', look);
    const subscription = fs.subscribe((notice) => this.noteChange(notice));
    this.#stop.push(
      () => subscription.unsubscribe(),
      fs.sync.subscribe((status) => take(status)),
      () => removeEventListener('online', look),
      () => removeEventListener('offline', look),
      effect(() => {
        if (settings.live.value) for (const document of this.documents.unsaved.peek()) if (!document.livePaused.peek()) void document.save();
      }),
    );
    this.refreshFacts();
    void this.pins.refresh();
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

  /** Takes in the list of conflicts. New ones are announced unless they are in sight, or many come at once after a while offline. */
  takeConflicts(paths: readonly string[]): void {
    if (paths.join('\n') !== this.conflicts.peek().join('\n')) this.conflicts.value = paths;
    this.#told ??= new Set(paths);
    for (const path of this.#told) if (!paths.includes(path)) this.#told.delete(path);
    if (this.drain.peek() !== null || this.#returning) return;
    for (const path of this.#untold().slice(0, 3)) {
      const show = { label: 'Show', run: () => void this.documents.open(path) };
      this.notices.show('warning', `“${baseName(path)}” is in conflict`, {
        detail: 'The same lines were changed twice. Both versions are kept.',
        actions: [show],
      });
    }
    this.#told = new Set(paths);
  }

  /** Conflicts nobody has been told of; what is in sight tells of itself. */
  #untold(): string[] {
    return this.conflicts.peek().filter((path) => !this.#told?.has(path) && path !== this.documents.active.peek()?.path.peek());
  }

  /** Says what came of the edits that had waited. Of those that were refused is told where that happens. */
  #sayReturned({ total }: Drain): void {
    this.#returning = false;
    const refused = this.#refusedSince;
    this.#refusedSince = 0;
    const added = this.conflicts.peek().filter((path) => !this.#told?.has(path));
    const [first] = this.#untold();
    this.#told = new Set(this.conflicts.peek());
    const sent = total - refused;
    if (sent <= 0) return;
    const message =
      total === 1 ? 'The edit that waited is sent' : `${refused > 0 ? `${sent} of the` : `All ${total.toLocaleString('en')}`} edits that waited are sent`;
    if (added.length === 0) {
      this.notices.show('success', message);
      return;
    }
    const which = added.length === 1 ? `“${baseName(added[0] ?? '')}” is` : `${added.length} files are`;
    this.notices.show('warning', message, {
      detail: `${which} in conflict: others changed the same lines meanwhile. Both versions are kept.`,
      actions: first === undefined ? [] : [{ label: 'Show', run: () => void this.documents.open(first) }],
    });
  }

  /** The connection is back: what couldn't be read without it is read. */
  #lookAgain(): void {
    this.folders.retryFailed();
    void this.documents.retryLooks();
  }

  #sayRefused(count: number): void {
    if (this.drain.peek() !== null) this.#refusedSince += count;
    this.notices.show('error', count === 1 ? 'The server refused an edit' : `The server refused ${count.toLocaleString('en')} edits`, {
      detail: 'They had been saved on this device, and stay there until you save them to a new change or discard them.',
      actions: [{ label: 'Show', run: () => this.showSync?.() }],
    });
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

/** What is tried again while the browser has no network is offline to a person. */
function asShown(status: SyncStatus): SyncStatus {
  return status.state === 'reconnecting' && !navigator.onLine ? { ...status, state: 'offline' } : status;
}

function coalesceFacts(workspace: Workspace): () => Promise<void> {
  const { fs, place } = workspace;
  const run = coalesce(async () => {
    const [conflicts, change] = await Promise.all([fs.conflicts({ repo: place.repo }), fs.change.current({ repo: place.repo })]);
    workspace.takeConflicts(conflicts.toSorted());
    workspace.changeId.value = change.changeId;
  });
  return () => run().catch((error: unknown) => workspace.notices.fail('The list of conflicts couldn’t be read', error));
}
