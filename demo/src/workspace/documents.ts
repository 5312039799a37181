import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { ChangeNotice } from './client.ts';
import type { DocumentHost } from './document-host.ts';
import type { Comparison } from '../history/history.ts';
import { OpenDocument } from './document.ts';
import { baseName, isWithin } from './paths.ts';

/** The open documents in the order of their tabs, and the one that is shown. */
export class Documents {
  readonly list: Signal<readonly OpenDocument[]> = signal([]);
  readonly active: Signal<OpenDocument | null> = signal(null);
  /** A comparison that is shown instead of a document: while it is, no document is active. */
  readonly comparison: Signal<Comparison | null> = signal(null);
  readonly unsaved: ReadonlySignal<readonly OpenDocument[]> = computed(() => this.list.value.filter((document) => document.dirty.value));
  /** Those that lose something when they are closed now: unsaved text, or a text begun in a conflict. */
  readonly losing: ReadonlySignal<readonly OpenDocument[]> = computed(() =>
    this.list.value.filter((document) => document.dirty.value || document.drafts.any.value),
  );

  readonly #host: DocumentHost;
  /** The order in which documents were last shown, the latest at the end: what a closed tab falls back to. */
  #shown: OpenDocument[] = [];
  /** Those that nobody has looked at yet: they are read when they are shown. */
  readonly #unread = new Set<OpenDocument>();

  constructor(host: DocumentHost) {
    this.#host = host;
  }

  find(path: string): OpenDocument | undefined {
    return this.list.peek().find((document) => document.path.peek() === path);
  }

  /** Shows a file, opening it behind the active tab when it isn't open. */
  open(path: string): OpenDocument {
    const existing = this.find(path);
    if (existing) {
      this.show(existing);
      if (existing.deleted.peek()) void existing.refresh();
      return existing;
    }
    const document = new OpenDocument(path, this.#host);
    const list = [...this.list.peek()];
    const active = this.active.peek();
    list.splice(active ? list.indexOf(active) + 1 : list.length, 0, document);
    this.list.value = list;
    this.show(document);
    void document.load();
    return document;
  }

  /** Opens a file at the end without showing it, or reading it before it is shown. */
  openUnread(path: string): void {
    if (this.find(path)) return;
    const document = new OpenDocument(path, this.#host);
    this.#unread.add(document);
    this.list.value = [...this.list.peek(), document];
  }

  show(document: OpenDocument): void {
    if (this.#unread.delete(document)) void document.load();
    this.#shown = [...this.#shown.filter((other) => other !== document), document];
    this.comparison.value = null;
    this.active.value = document;
  }

  /** Shows two versions of a file beside each other, in place of those shown before. */
  compare(comparison: Comparison): void {
    this.active.value = null;
    this.comparison.value = comparison;
  }

  /** Goes back to the document that was shown before a comparison. */
  closeComparison(): void {
    if (this.comparison.peek() === null) return;
    this.comparison.value = null;
    this.active.value = this.#shown.at(-1) ?? null;
  }

  /** Shows the tab `by` places on, around the ends. */
  step(by: number): void {
    const list = this.list.peek();
    const active = this.active.peek();
    if (!active) return this.closeComparison();
    const next = list[(list.indexOf(active) + by + list.length) % list.length];
    if (next) this.show(next);
  }

  /** Closes a tab, whatever is unsaved in it: asking comes before. */
  close(document: OpenDocument): void {
    document.dispose();
    this.#shown = this.#shown.filter((other) => other !== document);
    const list = this.list.peek().filter((other) => other !== document);
    this.list.value = list;
    if (this.active.peek() === document) this.active.value = this.#shown.at(-1) ?? list.at(-1) ?? null;
  }

  /** Lets open documents follow a rename of their file or of a folder above. */
  rename(from: string, to: string): void {
    for (const document of this.list.peek()) {
      const path = document.path.peek();
      if (isWithin(from, path)) document.path.value = to + path.slice(from.length);
    }
  }

  /** Moves a tab to a place among the others, counted from 0; those beyond the ends are the ends. */
  moveTo(document: OpenDocument, place: number): void {
    const list = this.list.peek().filter((other) => other !== document);
    list.splice(Math.max(place, 0), 0, document);
    this.list.value = list;
  }

  /** Moves the tab that is shown by so many places. */
  move(by: number): void {
    const active = this.active.peek();
    if (active) this.moveTo(active, this.list.peek().indexOf(active) + by);
  }

  /** Looks again at what an event touches. */
  async refresh({ path, recursive }: ChangeNotice): Promise<void> {
    const touched = this.list.peek().filter((document) => document.path.peek() === path || (recursive && isWithin(path, document.path.peek())));
    await Promise.all(touched.map((document) => document.refresh()));
  }

  async refreshAll(): Promise<void> {
    await Promise.all(this.list.peek().map((document) => document.refresh()));
  }

  /** Looks again where that failed before. */
  async retryLooks(): Promise<void> {
    await Promise.all(this.list.peek().map((document) => document.retryLook()));
  }

  /** Saves at once what would be saved by itself a moment later. */
  saveLive(): void {
    for (const document of this.unsaved.peek()) document.saveLive();
  }

  /**
   * Saves all but what is saved on purpose only: half-edited markers, and files that are gone. They stay as they are.
   *
   * @throws Error when one can't be saved
   */
  async saveSettled(): Promise<void> {
    const saving = this.unsaved.peek().filter((document) => !document.livePaused.peek());
    await Promise.all(saving.map((document) => document.save(false)));
    const failed = saving.find((document) => document.saving.peek().state === 'failed');
    if (failed) throw new Error(`“${baseName(failed.path.peek())}” couldn’t be saved`);
  }

  async saveAll(): Promise<void> {
    await Promise.all(this.unsaved.peek().map((document) => document.save()));
  }
}
