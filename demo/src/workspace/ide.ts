import { computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Comparison } from '../history/history.ts';
import { FileActions } from './file-actions.ts';
import { FileIndex } from './file-index.ts';
import type { Notices } from './notices.ts';
import type { OpenDocument } from './document.ts';
import { baseName, joinPath, relativeTo } from './paths.ts';
import { pickFiles } from './pick-files.ts';
import { Search } from './search.ts';
import type { Settings } from './settings.ts';
import type { TextBuffer } from './text-buffer.ts';
import type { Workspace } from './workspace.ts';

/** One line of a menu; `null` is a rule between two. */
export type MenuItem = { label: string; keys?: string; danger?: boolean; run(): void } | null;

/** The panels at the side. */
export type SideName = 'files' | 'search' | 'conflicts' | 'history';

/** What the file tree lets others do; there while it is shown. */
export interface Explorer {
  focus(): void;
  reveal(path: string): void;
  startCreating(kind: 'file' | 'folder'): void;
  /** The folder that is selected, or that the selected file is in. */
  folder(): string;
  foldAll(): void;
}

/** A view of a conflict that can be gone through; answers `false` at its end. */
export interface HunkSteps {
  step(by: 1 | -1): boolean;
}

const narrowWindow = '(width < 720px)';

/** The IDE around a workspace: what is shown, and what the commands do. */
export class Ide {
  readonly workspace: Workspace;
  readonly settings: Settings;
  readonly notices: Notices;
  readonly files: FileActions;
  readonly index: FileIndex;
  readonly search: Search;
  readonly side: Signal<SideName> = signal('files');
  readonly picker: Signal<'files' | 'commands' | 'line' | 'changes' | null> = signal(null);
  readonly help: Signal<boolean> = signal(false);
  /** Whether the message of a version is asked for. */
  readonly savingVersion: Signal<boolean> = signal(false);
  readonly menu: Signal<{ x: number; y: number; items: readonly MenuItem[] } | null> = signal(null);
  /** Whether the side panel is there: beside the text, or over it where the window is narrow. */
  readonly sideShown: ReadonlySignal<boolean>;
  explorer: Explorer | null = null;
  hunks: HunkSteps | null = null;
  #focusTerminal: (() => void) | null = null;
  /** The terminal was asked for, and is not there yet. */
  #terminalAsked = false;
  readonly #narrow: Signal<boolean> = signal(false);
  readonly #drawer: Signal<boolean> = signal(false);

  constructor(workspace: Workspace) {
    this.workspace = workspace;
    this.settings = workspace.settings;
    this.notices = workspace.notices;
    this.files = new FileActions(workspace);
    this.index = new FileIndex(workspace.fs, workspace.root);
    this.search = new Search(workspace);
    const media = matchMedia(narrowWindow);
    this.#narrow.value = media.matches;
    media.addEventListener('change', () => (this.#narrow.value = media.matches));
    this.sideShown = computed(() => (this.#narrow.value ? this.#drawer.value : this.settings.sidebarOpen.value));
  }

  get active(): OpenDocument | null {
    return this.workspace.documents.active.peek();
  }

  /** Opens what lies at a path, or where a link leads: a file in a tab, at a line where one is given, a folder in the tree. */
  async openWhatever(path: string, line: number | null = null): Promise<void> {
    const { fs } = this.workspace;
    const stat = await fs.stat(path).catch(() => null);
    // A link's file is edited under its own name, by which events tell of it.
    const real = await fs.realpath(path).catch(() => path);
    if (stat?.isDirectory) this.revealInTree(real);
    else this.pick(real, line);
  }

  /** Shows a path in the file tree. */
  revealInTree(path: string): void {
    this.showSide('files');
    // The tree may have to appear first.
    requestAnimationFrame(() => this.explorer?.reveal(path));
  }

  /** Opens a file picked from a side panel, and makes room for it. */
  pick(path: string, line: number | null = null): void {
    this.#drawer.value = false;
    if (line === null) this.workspace.documents.open(path);
    else this.openAt(path, line);
  }

  /** Shows a version of a file beside another, and makes room for it. */
  compare(comparison: Comparison): void {
    this.#drawer.value = false;
    this.workspace.documents.compare(comparison);
  }

  /** Closes what is shown: a comparison, or the active document. */
  closeShown(): void {
    const { active } = this;
    void this.#keepingKeyboard(() => (active ? this.closeTab(active) : this.workspace.documents.closeComparison()));
  }

  /** Shows the tab `by` places on, around the ends. */
  step(by: number): void {
    void this.#keepingKeyboard(() => this.workspace.documents.step(by));
  }

  /** Shows another document; the keyboard goes on in its text where it was in one. */
  async #keepingKeyboard(show: () => void | Promise<void>): Promise<void> {
    const isInText = document.querySelector('.document')?.contains(document.activeElement) === true;
    await show();
    if (isInText && this.active) this.focusText(this.active, isNowhere);
  }

  /** Opens a file, puts the keyboard into it, and goes to a line of it, counted from 1. */
  openAt(path: string, line: number | null): void {
    const document = this.workspace.documents.open(path);
    if (line === null || !Number.isFinite(line)) this.focusText(document);
    else onceText(document, (buffer) => buffer.goTo(line));
  }

  /** Creates a file and opens it. The keyboard goes there from where the name was typed, or stays where it was put meanwhile. */
  async createFile(folder: string, name: string): Promise<boolean> {
    if (!(await this.files.createFile(folder, name))) return false;
    const document = this.workspace.documents.find(joinPath(folder, name));
    if (document) this.focusText(document, isNowhere);
    return true;
  }

  /** Asks for files of this device and stores them in a folder: the one selected in the tree unless given. */
  async upload(folder: string = this.explorer?.folder() ?? this.workspace.root): Promise<void> {
    const files = await pickFiles();
    if (files.length === 0) return;
    const before = this.active;
    await this.files.upload(folder, files);
    // It was opened: there is room for it.
    if (this.active !== before) this.#drawer.value = false;
  }

  /** Puts the keyboard into a document once its text is there, unless another is shown by then, or `when` says no. */
  focusText(document: OpenDocument, when: () => boolean = () => true): void {
    onceText(document, (buffer) => {
      if (document !== this.active || !when()) return;
      if (document.conflicted.peek()) this.focusEditor();
      else buffer.focus();
    });
  }

  showSide(side: SideName): void {
    this.side.value = side;
    this.showSidebar(true);
  }

  showSidebar(shown: boolean): void {
    if (this.#narrow.peek()) this.#drawer.value = shown;
    else this.settings.sidebarOpen.value = shown;
  }

  /** Closes a tab; asks first when that would lose text. */
  async closeTab(document: OpenDocument): Promise<void> {
    if (document.savesItself) await document.save(false);
    if (document.dirty.peek()) {
      const name = baseName(document.path.peek());
      const answer = await this.notices.ask({
        title: `Save “${name}” before closing it?`,
        text: 'It has edits that are not saved yet.',
        choices: [
          { value: 'save', label: 'Save', tone: 'primary' },
          { value: 'drop', label: 'Don’t save' },
          { value: 'cancel', label: 'Cancel' },
        ],
      });
      if (answer === 'save') await document.save();
      else if (answer !== 'drop') return;
      if (answer === 'save' && document.dirty.peek()) {
        // What kept it from being saved is said above its text.
        this.workspace.documents.show(document);
        return;
      }
      if (answer === 'save' && !(await this.#mayDropDrafts(document))) return;
    } else if (!(await this.#mayDropDrafts(document))) return;
    this.workspace.documents.close(document);
  }

  /** Whether no text was begun in one of the file's conflicts, or a person lets it go. */
  async #mayDropDrafts(document: OpenDocument): Promise<boolean> {
    if (!document.drafts.any.peek()) return true;
    this.workspace.documents.show(document);
    const answer = await this.notices.ask({
      title: `Close “${baseName(document.path.peek())}” without the text begun in a conflict?`,
      text: 'It is kept nowhere else. “Keep this text” below it saves it in place of the conflict.',
      choices: [
        { value: 'cancel', label: 'Go back', tone: 'primary' },
        { value: 'drop', label: 'Close without it', tone: 'danger' },
      ],
    });
    return answer === 'drop';
  }

  /** Drops a document's unsaved text for the stored version. */
  async reload(document: OpenDocument): Promise<void> {
    try {
      await document.reload();
    } catch (error) {
      this.notices.fail('The stored version couldn’t be read', error);
    }
  }

  /** Goes to the next place in conflict: in this file, then in the next one. */
  stepConflict(by: 1 | -1): void {
    const paths = this.workspace.conflicts.peek();
    if (paths.length === 0) {
      this.notices.show('info', 'Nothing is in conflict');
      return;
    }
    const here = this.active?.path.peek() ?? '';
    if (paths.includes(here) && this.hunks?.step(by)) return;
    const at = paths.indexOf(here);
    const next = paths[(at + by + paths.length) % paths.length];
    if (next !== undefined) this.workspace.documents.open(next);
  }

  toggleTerminal(): void {
    // A side panel that lies over the window would cover it.
    const covered = this.#narrow.peek() && this.#drawer.peek();
    const open = covered || !this.settings.panelOpen.peek();
    if (covered) this.#drawer.value = false;
    const shown = this.settings.panelOpen.peek();
    this.settings.panelOpen.value = open;
    if (!open) return this.focusEditor();
    this.#terminalAsked = true;
    // What is typed until it is there is not meant for the text.
    if (!this.#focusTerminal && document.activeElement instanceof HTMLElement) document.activeElement.blur();
    if (shown) this.terminalShown();
  }

  /** The terminal can be seen: where it was asked for it takes the keyboard, once it is there. */
  terminalShown(): void {
    if (!this.#terminalAsked || !this.#focusTerminal) return;
    this.#terminalAsked = false;
    this.#focusTerminal();
  }

  /** The terminal is there, or (`null`) gone. Where the keyboard was put elsewhere meanwhile it stays there. */
  terminalReady(focus: (() => void) | null): void {
    this.#focusTerminal = focus;
    if (isNowhere()) this.terminalShown();
    this.#terminalAsked = false;
  }

  focusEditor(): void {
    document.querySelector<HTMLElement>('[data-testid="editor"] .cm-content, [data-testid="conflict-view"]')?.focus();
  }

  async copy(text: string, what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.notices.show('success', `${what} copied`, { detail: text });
    } catch (error) {
      this.notices.fail(`${what} couldn’t be copied`, error);
    }
  }

  relative(path: string): string {
    return relativeTo(this.workspace.root, path);
  }
}

/** Calls back once a document's text is there and in sight: it may have to be loaded first. A document without a text makes no call. */
function onceText(document: OpenDocument, then: (buffer: TextBuffer) => void): void {
  const stop = effect(() => {
    const view = document.view.value;
    if (view.kind === 'loading') return;
    if (view.kind === 'text') requestAnimationFrame(() => then(view.buffer));
    queueMicrotask(() => stop());
  });
}

/** Whether nothing on the page has the keyboard. */
export function isNowhere(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}
