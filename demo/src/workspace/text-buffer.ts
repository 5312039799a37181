import type { Splice } from './splices.ts';

/** The text of an open document, wherever it is held. The editor's implementation is loaded with the first file. */
export interface TextBuffer {
  read(): string;
  /** The same as comparing {@link read}, without building the text when its length already differs. */
  equals(text: string): boolean;
  /** Takes in edits from elsewhere: cursor, selection, scroll position and undo history stay. */
  takeIn(splices: readonly Splice[]): void;
  /** Makes an edit of the user's own: undo takes it back. */
  edit(splices: readonly Splice[]): void;
}

/** What is loaded with the first text file. */
export interface EditingTools {
  /** Makes a buffer; `onEdit` is called after every edit of the user's, never for {@link TextBuffer.takeIn}. */
  createBuffer(text: string, path: string, onEdit: () => void): TextBuffer;
  /** The edits that turn one text into another, as small as a bounded effort finds them. */
  diff(from: string, to: string): Splice[];
}
