import type { ReadonlySignal } from '@preact/signals';
import type { Splice } from './splices.ts';

/** Where the cursor is, for the status bar: line and column from 1. */
export interface CursorPlace {
  line: number;
  column: number;
  /** How many characters are selected. */
  selected: number;
}

/** The text of an open document, wherever it is held. The editor's implementation is loaded with the first file. */
export interface TextBuffer {
  readonly cursor: ReadonlySignal<CursorPlace>;
  read(): string;
  /** The same as comparing {@link read}, without building the text when its length already differs. */
  equals(text: string): boolean;
  /** Takes in edits from elsewhere: cursor, selection, scroll position and undo history stay. */
  takeIn(splices: readonly Splice[]): void;
  /** Makes an edit of the user's own: undo takes it back. */
  edit(splices: readonly Splice[]): void;
  /** The text that {@link undo} leads to; `null` when there is nothing to take back. */
  undone(): string | null;
  /** Takes back the user's last edit. */
  undo(): void;
  /** Puts the cursor on a line, counted from 1, and shows it. */
  goTo(line: number): void;
  /** Takes the keyboard, at once or when it is shown. */
  focus(): void;
}

/** What is loaded with the first text file. */
export interface EditingTools {
  /** Makes a buffer; `onEdit` is called after every edit of the user's, never for {@link TextBuffer.takeIn}. */
  createBuffer: (text: string, path: string, onEdit: () => void) => TextBuffer;
  /** The edits that turn one text into another, as small as a bounded effort finds them. */
  diff: (from: string, to: string) => Splice[];
}
