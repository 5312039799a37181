import { indentWithTab, isolateHistory, undo } from '@codemirror/commands';
import { indentUnit } from '@codemirror/language';
import { search } from '@codemirror/search';
import { Annotation, Compartment, EditorState, Transaction, type Extension, type StateEffect, type TransactionSpec } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { signal, type Signal } from '@preact/signals';
import { basicSetup } from 'codemirror';
import { parseConflictText } from '../conflict/parse-conflict.ts';
import type { Splice } from '../workspace/splices.ts';
import type { CursorPlace, TextBuffer } from '../workspace/text-buffer.ts';
import { codeTheme } from './code-theme.ts';
import { guessIndent } from './indentation.ts';
import { languageFor } from './languages.ts';
import { lineEnds } from './line-ends.ts';
import { markerDecorations, type Resolve } from './marker-decorations.ts';
import { endFlash, flashChanges, remoteFlash } from './remote-flash.ts';
import { tabLeaves } from './tab-leaves.ts';

const fromElsewhere = Annotation.define<boolean>();

/**
 * A document's text in the editor. It lives as long as its tab; an editor is attached to it while the tab is shown, and finds cursor,
 * selection, scroll position and undo history as they were.
 */
export class CodeBuffer implements TextBuffer {
  readonly cursor: Signal<CursorPlace> = signal({ line: 1, column: 1, selected: 0 });
  #state: EditorState;
  #view: EditorView | null = null;
  #scroll: StateEffect<unknown> | null = null;
  readonly #onEdit: () => void;
  readonly #language = new Compartment();
  readonly #wrap = new Compartment();
  readonly #markers = new Compartment();
  readonly #label = new Compartment();
  #path: string;
  #focusWanted = false;

  constructor(text: string, path: string, onEdit: () => void) {
    this.#onEdit = onEdit;
    this.#path = path;
    this.#state = EditorState.create({
      doc: text,
      extensions: [
        lineEnds,
        keymap.of([indentWithTab]),
        tabLeaves,
        basicSetup,
        search({ top: true }),
        indentUnit.of(guessIndent(text)),
        codeTheme,
        remoteFlash,
        this.#language.of([]),
        this.#wrap.of([]),
        this.#markers.of([]),
        this.#label.of(labelled(path)),
      ],
    });
    void this.setPath(path);
  }

  read(): string {
    return this.#state.doc.toString();
  }

  equals(text: string): boolean {
    return this.#state.doc.length === text.length && this.read() === text;
  }

  takeIn(splices: readonly Splice[]): void {
    if (splices.length === 0) return;
    const changes = splices.map(({ from, to, insert }) => ({ from, to, insert }));
    const annotations = [Transaction.addToHistory.of(false), Transaction.remote.of(true), fromElsewhere.of(true)];
    this.#dispatch({ changes, annotations, effects: this.#view ? flashChanges(this.#state, changes) : [] });
  }

  edit(splices: readonly Splice[]): void {
    if (splices.length === 0) return;
    const changes = splices.map(({ from, to, insert }) => ({ from, to, insert }));
    this.#dispatch({ changes, userEvent: 'input.replace', annotations: isolateHistory.of('full') });
  }

  undone(): string | null {
    let text: string | null = null;
    undo({ state: this.#state, dispatch: (transaction) => (text = transaction.newDoc.toString()) });
    return text;
  }

  undo(): void {
    if (this.#view) undo(this.#view);
    else undo({ state: this.#state, dispatch: (transaction) => this.#moved(transaction.state, [transaction]) });
  }

  /** Names the text by another path, and highlights it as that path's language. */
  async setPath(path: string): Promise<void> {
    if (this.#path !== path) this.#dispatch({ effects: this.#label.reconfigure(labelled(path)) });
    this.#path = path;
    const language = await languageFor(path);
    if (this.#path === path) this.#dispatch({ effects: this.#language.reconfigure(language) });
  }

  /** Wraps long lines where they usually aren't, and the other way round: prose is wrapped, code is not. */
  setWrap(flipped: boolean): void {
    const wrap = /\.(md|markdown|txt|rst)$/i.test(this.#path) !== flipped;
    this.#dispatch({ effects: this.#wrap.reconfigure(wrap ? EditorView.lineWrapping : []) });
  }

  /** Colours conflict markers and offers choices above them, or stops doing so. */
  setMarkers(resolve: Resolve | null): void {
    this.#dispatch({ effects: this.#markers.reconfigure(resolve ? markerDecorations(resolve) : []) });
  }

  /** Shows the text in an element. Answers a function that takes it away again. */
  attach(parent: HTMLElement): () => void {
    this.#view?.destroy();
    const view = new EditorView({
      state: this.#state,
      parent,
      ...(this.#scroll ? { scrollTo: this.#scroll } : {}),
      dispatchTransactions: (transactions) => {
        view.update(transactions);
        this.#moved(view.state, transactions);
      },
    });
    this.#view = view;
    this.#noteCursor();
    if (this.#focusWanted) view.focus();
    this.#focusWanted = false;
    return () => {
      this.#scroll = view.scrollSnapshot();
      view.dispatch({ effects: endFlash });
      view.destroy();
      if (this.#view === view) this.#view = null;
    };
  }

  focus(): void {
    this.#view?.focus();
    this.#focusWanted = this.#view === null;
  }

  /** Puts the cursor on a line, counted from 1, and shows it. */
  goTo(line: number): void {
    const at = this.#state.doc.line(Math.min(Math.max(line, 1), this.#state.doc.lines)).from;
    this.#show(at);
    this.focus();
  }

  /** Goes to the next or the one before of the conflicts in the text; answers `false` at the last one. */
  step(by: 1 | -1): boolean {
    const { hunks } = parseConflictText(this.read());
    const { head } = this.#state.selection.main;
    const next = by > 0 ? hunks.find((hunk) => hunk.from > head) : hunks.findLast((hunk) => hunk.from < head);
    if (next) this.#show(next.from);
    return next !== undefined;
  }

  /** The attached editor: for commands such as search that need one. */
  get view(): EditorView | null {
    return this.#view;
  }

  #show(at: number): void {
    const effect = EditorView.scrollIntoView(at, { y: 'center' });
    if (!this.#view) this.#scroll = effect;
    this.#dispatch({ selection: { anchor: at }, effects: effect });
  }

  #dispatch(spec: TransactionSpec): void {
    if (this.#view) this.#view.dispatch(spec);
    else {
      const transaction = this.#state.update(spec);
      this.#moved(transaction.state, [transaction]);
    }
  }

  #moved(state: EditorState, transactions: readonly Transaction[]): void {
    this.#state = state;
    if (transactions.some((transaction) => transaction.selection ?? transaction.docChanged)) this.#noteCursor();
    if (transactions.some((transaction) => transaction.docChanged && !transaction.annotation(fromElsewhere))) this.#onEdit();
  }

  #noteCursor(): void {
    const { main, ranges } = this.#state.selection;
    const line = this.#state.doc.lineAt(main.head);
    const selected = ranges.reduce((sum, range) => sum + range.to - range.from, 0);
    this.cursor.value = { line: line.number, column: main.head - line.from + 1, selected };
  }
}

function labelled(path: string): Extension {
  return EditorView.contentAttributes.of({ 'aria-label': `Text of ${path}` });
}
