import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { KnownConflicts } from '../conflict/known-conflicts.ts';
import { parseConflictText } from '../conflict/parse-conflict.ts';
import type { Conflict, Resolution, VersionedFile } from './client.ts';
import type { DocumentHost, DocumentView, SaveState } from './document-host.ts';
import { Drafts } from './drafts.ts';
import { describeError, isMissing, isNoFile } from './errors.ts';
import { imageType } from './file-kinds.ts';
import { parentOf } from './paths.ts';
import { SerialQueue } from './serial-queue.ts';
import type { EditingTools, TextBuffer } from './text-buffer.ts';
import { decodeText, encodeText, type TextFormat } from './text-format.ts';
import { decideTakeIn, type TextVersion } from './take-in.ts';
import { Typing } from './typing.ts';
import { writeConflict } from './write-conflict.ts';
import { ABSENT, writtenVersion } from './written-version.ts';

const largeText = 2 * 1024 * 1024;
/** Texts saved from here that a conflict's sides are compared with. */
const remembered = 20;
let nextId = 1;
const plain: TextFormat = { eol: '\n', bom: false };

/**
 * One open file: the text the editor holds, the version it was made from, and what stands between the two. Every save names that
 * version, so an edit by someone else in the meantime is merged or kept beside it, never overwritten. Unsaved text is only ever
 * changed by edits that lie apart from it, or by a person's choice.
 */
export class OpenDocument {
  /** Stays the same when the file is renamed. */
  readonly id: number = nextId++;
  readonly path: Signal<string>;
  readonly view: Signal<DocumentView> = signal({ kind: 'loading' });
  readonly dirty: Signal<boolean> = signal(false);
  readonly saving: Signal<SaveState> = signal({ state: 'idle' });
  /** A version from elsewhere that unsaved text keeps out. */
  readonly elsewhere: Signal<TextVersion | null> = signal(null);
  readonly deleted: Signal<boolean> = signal(false);
  readonly conflicted: Signal<boolean> = signal(false);
  readonly conflict: Signal<Conflict | null> = signal(null);
  /** Of the conflict's sides, which are what this window has written. */
  readonly ownSides: ReadonlySignal<readonly boolean[]> = computed(
    () => this.conflict.value?.sides.map(({ content }) => content !== null && this.#written.includes(decodeText(content)?.text ?? '')) ?? [],
  );
  /** Texts begun in the conflict view: they are in no buffer yet. */
  readonly drafts: Drafts = new Drafts();
  readonly pane: Signal<'default' | 'markers' | 'compare'> = signal('default');
  /** Counts changes of the text, so that views made from it know when to look again. */
  readonly revision: Signal<number> = signal(0);
  /** Whether live mode leaves this document alone: half-edited markers or a deleted file shouldn't save themselves. */
  readonly livePaused: ReadonlySignal<boolean> = computed(() => this.conflicted.value || this.deleted.value);

  readonly #host: DocumentHost;
  readonly #queue = new SerialQueue();
  #tools: EditingTools | null = null;
  #base: TextVersion = { version: '', text: '' };
  #format: TextFormat = plain;
  readonly #known = new KnownConflicts();
  /** What was saved from here last. */
  readonly #written: string[] = [];
  /** The file couldn't be looked at when there was a reason to. */
  #lookOwed = false;
  #saveAgain = false;
  /** A file that is gone is to be created anew by the next save. */
  #restores = false;
  #savePending: Promise<void> | null = null;
  /** What live mode saves by: not by the pauses alone, which may be long in coming. */
  readonly #typing: Typing;
  /** A conflict came while somebody typed: it is shown in the next pause. */
  #conflictWaits = false;

  constructor(path: string, host: DocumentHost) {
    this.path = signal(path);
    this.#host = host;
    this.#typing = new Typing({
      later: (ms, callback) => host.later(ms, callback),
      onLimit: () => void (this.savesItself && this.#store(false)),
      onPause: () => {
        if (this.savesItself) void this.#store(false);
        else if (this.#conflictWaits) void this.refresh();
      },
    });
  }

  /** The version the text was made from: what the next save names. */
  get base(): TextVersion {
    return this.#base;
  }

  get buffer(): TextBuffer | null {
    const view = this.view.peek();
    return view.kind === 'text' ? view.buffer : null;
  }

  /** The text as it would be stored: with the file's own line ends, and the mark at its beginning. */
  get bytes(): Uint8Array {
    return encodeText(this.buffer?.read() ?? '', this.#format);
  }

  /**
   * Reads the file for the first time, or again after a failure. `anyway` opens a large text without asking, an image as text; `quietly` leaves in sight what is
   * there until that is done.
   */
  load(anyway = false, quietly = false): Promise<void> {
    return this.#queue.run(async () => {
      if (!quietly) this.view.value = { kind: 'loading' };
      try {
        const { size } = await this.#host.fs.stat(this.path.peek());
        if (size > largeText && !anyway && imageType(this.path.peek()) === null) {
          this.view.value = { kind: 'large', size };
          return;
        }
        const [file, tools] = await Promise.all([this.#host.fs.readVersioned(this.path.peek()), this.#host.tools()]);
        this.#tools = tools;
        await this.#show(file, anyway);
      } catch (error) {
        this.#lookOwed = !isMissing(error);
        this.view.value = { kind: 'failed', problem: describeError(error) };
      }
    });
  }

  /** Looks at the file again: after an event, a command, or a reconnect. */
  refresh(): Promise<void> {
    return this.#queue.run(async () => {
      const kind = this.view.peek().kind;
      if (kind === 'loading' || kind === 'large') return;
      this.#lookOwed = false;
      try {
        await this.#takeIn(await this.#host.fs.readVersioned(this.path.peek()), this.#base);
      } catch (error) {
        if (isNoFile(error)) return this.#noteDeleted();
        this.#lookOwed = true;
        if (kind !== 'text') this.view.value = { kind: 'failed', problem: describeError(error) };
      }
    });
  }

  /** Looks at the file where that failed before: once the server can be reached. */
  async retryLook(): Promise<void> {
    if (this.#lookOwed) await (this.view.peek().kind === 'failed' ? this.load(false, true) : this.refresh());
  }

  /** Saves now. A save under way is followed by one more, however often this is called meanwhile. A deleted file is created anew. */
  save(restore: boolean = this.deleted.peek()): Promise<void> {
    this.#typing.stop();
    return this.#store(restore);
  }

  #store(restore: boolean): Promise<void> {
    this.#restores ||= restore;
    if (this.#savePending) {
      this.#saveAgain = true;
      return this.#savePending;
    }
    this.#savePending = this.#saveUntilDone().finally(() => {
      this.#savePending = null;
      this.#restores = false;
    });
    return this.#savePending;
  }

  /** Saves at once what would be saved by itself a moment later. */
  saveLive(): void {
    if (this.savesItself) void this.save(false);
  }

  /** Whether there are edits that are saved without being asked to, now or in a moment. */
  get savesItself(): boolean {
    return this.dirty.peek() && this.#host.live() && !this.livePaused.peek();
  }

  /** Drops unsaved text for the stored version. The editor's undo brings it back. */
  reload(): Promise<void> {
    return this.#queue.run(async () => {
      const { buffer } = this;
      if (!buffer || !this.#tools) return;
      const file = await this.#host.fs.readVersioned(this.path.peek());
      const decoded = decodeText(file.bytes);
      if (!decoded) return;
      const conflict = await this.#conflictOf(file);
      buffer.edit(this.#tools.diff(buffer.read(), decoded.text));
      this.#rebase(file, conflict, decoded.text, decoded.format);
    });
  }

  /** Replaces the text as an edit of the user's: a conflict's resolution. Answers `false`, and does nothing, when the text is not `from` any more. */
  replace(from: string, to: string): boolean {
    const { buffer } = this;
    if (!buffer?.equals(from) || !this.#tools) return false;
    const own = this.ownSides.peek();
    buffer.edit(this.#tools.diff(from, to));
    // The sides of what is left of a conflict stay whose they were.
    const terms = this.#known.termsOf(to);
    terms?.sides.forEach((side, index) => own[index] === true && this.#remember(side));
    return true;
  }

  /** Whether the last edit settled one of several conflicts, and can be taken back. */
  get choiceCanBeUndone(): boolean {
    const text = this.conflicted.value ? (this.buffer?.undone() ?? null) : null;
    if (text === null || this.#known.termsOf(text) === null) return false;
    return parseConflictText(text).hunks.length > parseConflictText(this.buffer?.read() ?? '').hunks.length;
  }

  /** Brings back the conflict that was settled last, while others of the file stand. Answers `false`, and does nothing, where that was not the last edit. */
  async undoChoice(): Promise<boolean> {
    if (!this.choiceCanBeUndone) return false;
    this.buffer?.undo();
    await this.save();
    return true;
  }

  /** Settles the whole file's conflict by one of its sides, or by deleting it. */
  resolveWhole(resolution: Resolution): Promise<void> {
    return this.#queue.run(async () => {
      const base = this.conflict.peek()?.version;
      await this.#host.fs.resolveConflict(this.path.peek(), { ...resolution, ...(base === undefined ? {} : { base }) });
      try {
        await this.#show(await this.#host.fs.readVersioned(this.path.peek()), false);
      } catch (error) {
        if (!isNoFile(error)) throw error;
        this.dirty.value = false;
        this.conflicted.value = false;
        this.conflict.value = null;
        this.#noteDeleted();
        this.#host.onResolved(this);
      }
      this.#host.onStored(this, this.deleted.peek());
    });
  }

  /** Stops timers; the document is no longer used. */
  dispose(): void {
    this.#typing.stop();
  }

  readonly #onEdit = (): void => {
    const { buffer } = this;
    if (!buffer) return;
    this.revision.value += 1;
    // Under a save, what is stored in a moment is another text than the base.
    this.dirty.value = this.#savePending !== null || !buffer.equals(this.#base.text);
    if (!this.dirty.peek()) this.#forgetFailure();
    if (this.#host.live() && !this.livePaused.peek()) this.#typing.typed();
  };

  async #show(file: VersionedFile, asText: boolean): Promise<void> {
    const path = this.path.peek();
    const conflict = await this.#conflictOf(file);
    const type = imageType(path);
    const decoded = type !== null && !asText && !file.conflicted ? null : decodeText(file.bytes);
    if (!decoded) {
      this.view.value = type === null ? { kind: 'binary', bytes: file.bytes } : { kind: 'image', bytes: file.bytes, type };
      this.#rebase(file, conflict, '', plain);
      return;
    }
    const tools = this.#tools ?? (await this.#host.tools());
    this.#tools = tools;
    const { buffer } = this;
    if (buffer) buffer.takeIn(tools.diff(buffer.read(), decoded.text));
    else this.view.value = { kind: 'text', buffer: tools.createBuffer(decoded.text, path, this.#onEdit) };
    this.#rebase(file, conflict, decoded.text, decoded.format);
  }

  /** Brings a version from elsewhere in, `against` being what the unsaved text is measured by. */
  async #takeIn(file: VersionedFile, against: TextVersion): Promise<void> {
    this.deleted.value = false;
    const { buffer } = this;
    const decoded = decodeText(file.bytes);
    if (!buffer || !decoded || !this.#tools) {
      const known = file.version === this.#base.version && file.conflicted === this.conflicted.peek() && file.conflicted === (this.conflict.peek() !== null);
      if (!this.dirty.peek() && (!known || this.view.peek().kind === 'failed')) await this.#show(file, buffer !== null);
      return;
    }
    const conflict = await this.#conflictOf(file);
    const incoming = { version: file.version, text: decoded.text };
    const mergeApart = this.#host.live() && !file.conflicted && !this.conflicted.peek();
    const next = decideTakeIn({ base: against, current: buffer.read(), incoming, mergeApart, diff: this.#tools.diff });
    if (next.kind === 'hold') {
      this.elsewhere.value = incoming;
      this.dirty.value = !buffer.equals(this.#base.text);
      return;
    }
    if (next.kind === 'replace' && file.conflicted && !this.conflicted.peek() && this.#typing.goesOn) {
      // What is typed would run into the conflict's cards.
      this.#conflictWaits = true;
      return;
    }
    if (next.kind === 'replace' || next.kind === 'merge') buffer.takeIn(next.splices);
    this.#rebase(file, conflict, decoded.text, decoded.format);
  }

  /**
   * What a file in conflict is about. It is asked for before a version is taken in: text, base and what is said about them change together. Where it can't be
   * read, the conflict is known by its text alone until it can.
   */
  async #conflictOf(file: VersionedFile): Promise<Conflict | null> {
    if (!file.conflicted) return null;
    try {
      return await this.#host.fs.readConflict(this.path.peek());
    } catch {
      this.#lookOwed = true;
      return null;
    }
  }

  /** Takes a version as what the text is made from and measured by. */
  #rebase(file: VersionedFile, conflict: Conflict | null, text: string, format: TextFormat): void {
    const wasConflicted = this.conflicted.peek();
    this.#base = { version: file.version, text };
    this.#format = format;
    if (file.conflicted) this.#known.add(text);
    this.elsewhere.value = null;
    this.#conflictWaits = false;
    if (this.pane.peek() === 'compare') this.pane.value = 'default';
    this.deleted.value = false;
    this.conflict.value = conflict;
    this.conflicted.value = file.conflicted;
    this.dirty.value = this.buffer !== null && !this.buffer.equals(text);
    if (!this.dirty.peek()) this.#forgetFailure();
    this.revision.value += 1;
    if (wasConflicted && !file.conflicted) {
      this.pane.value = 'default';
      this.#host.onResolved(this);
    }
  }

  /** Nothing is left to be saved: that it failed once is over. */
  #forgetFailure(): void {
    if (this.saving.peek().state === 'failed') this.saving.value = { state: 'idle' };
  }

  #noteDeleted(): void {
    this.deleted.value = true;
    this.conflicted.value = false;
    this.conflict.value = null;
  }

  async #saveUntilDone(): Promise<void> {
    do {
      this.#saveAgain = false;
      const saved = await this.#queue.run(() => this.#saveOnce());
      if (!saved) return;
    } while (this.#saveAgain && this.dirty.peek());
  }

  async #saveOnce(): Promise<boolean> {
    const { buffer } = this;
    if (!buffer) return false;
    const path = this.path.peek();
    const text = buffer.read();
    this.saving.value = { state: 'saving' };
    // Somebody else may have created it meanwhile: then it is merged with what they wrote.
    const anew = this.#restores && this.deleted.peek();
    this.#restores = false;
    try {
      const base = anew ? ABSENT : this.#base.version;
      // Its folder may have gone with it.
      if (anew) await this.#host.fs.mkdir(parentOf(path), { recursive: true });
      if (anew || !(await this.#bringConflictBack(path, text))) {
        const bytes = encodeText(text, this.#format);
        const version = await writtenVersion(base, bytes);
        await this.#host.fs.writeFile(path, bytes, base === '' ? {} : { base });
        this.#remember(text);
        // What is typed on is made from this, also where the stored version can't be taken in: else it would meet what was written just now as somebody else's.
        if (version !== null) this.#base = { version, text };
      }
    } catch (error) {
      this.saving.value = { state: 'failed', problem: describeError(error) };
      this.dirty.value = !buffer.equals(this.#base.text);
      return false;
    }
    const created = this.deleted.peek();
    await this.#readBack(text);
    this.#host.onStored(this, created);
    return true;
  }

  #remember(written: string): void {
    if (this.#written.push(written) > remembered) this.#written.shift();
  }

  /** Undo may have taken a resolution back: the file is in conflict again then, and its text has no markers of its own. Answers whether it was so. */
  async #bringConflictBack(path: string, text: string): Promise<boolean> {
    const terms = this.conflicted.peek() ? null : this.#known.termsOf(text);
    return terms !== null && writeConflict(this.#host.fs, path, terms, this.#base.version, this.#format);
  }

  /** After a save: what is stored may be more than what was written, when it was merged. */
  async #readBack(written: string): Promise<void> {
    try {
      const file = await this.#host.fs.readVersioned(this.path.peek());
      this.saving.value = { state: 'idle' };
      const stored = decodeText(file.bytes);
      if (stored?.text === written) {
        this.#rebase(file, await this.#conflictOf(file), written, this.#format);
        return;
      }
      await this.#takeIn(file, this.#base.text === written ? this.#base : { version: '', text: written });
    } catch (error) {
      // It is saved, if not seen: that is made up for.
      this.saving.value = { state: 'idle' };
      if (isNoFile(error)) this.#noteDeleted();
      else this.#lookOwed = true;
    }
  }
}
