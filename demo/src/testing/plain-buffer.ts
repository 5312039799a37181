import { signal } from '@preact/signals';
import { applySplices, type Splice } from '../workspace/splices.ts';
import type { EditingTools, TextBuffer } from '../workspace/text-buffer.ts';

/** A buffer without an editor, for unit tests. */
export class PlainBuffer implements TextBuffer {
  readonly cursor: TextBuffer['cursor'] = signal({ line: 1, column: 1, selected: 0 });
  #text: string;
  readonly #before: string[] = [];
  readonly #onEdit: () => void;

  constructor(text: string, onEdit: () => void) {
    this.#text = text;
    this.#onEdit = onEdit;
  }

  read(): string {
    return this.#text;
  }

  equals(text: string): boolean {
    return this.#text === text;
  }

  takeIn(splices: readonly Splice[]): void {
    this.#text = applySplices(this.#text, splices);
  }

  edit(splices: readonly Splice[]): void {
    this.type(applySplices(this.#text, splices));
  }

  undone(): string | null {
    return this.#before.at(-1) ?? null;
  }

  undo(): void {
    const text = this.#before.pop();
    if (text === undefined) return;
    this.#text = text;
    this.#onEdit();
  }

  goTo(): void {
    // There is no cursor to move.
  }

  focus(): void {
    // There is no editor to take the keyboard.
  }

  /** Types as a person does. */
  type(text: string): void {
    this.#before.push(this.#text);
    this.#text = text;
    this.#onEdit();
  }
}

/** Line-wise tools without an editor. */
export const plainTools: EditingTools = {
  createBuffer: (text, _path, onEdit) => new PlainBuffer(text, onEdit),
  diff: differingLines,
};

function differingLines(from: string, to: string): Splice[] {
  let start = 0;
  while (start < Math.min(from.length, to.length) && from[start] === to[start]) start += 1;
  let end = 0;
  while (end < Math.min(from.length, to.length) - start && from[from.length - 1 - end] === to[to.length - 1 - end]) end += 1;
  if (start === from.length && start === to.length) return [];
  return [{ from: start, to: from.length - end, insert: to.slice(start, to.length - end) }];
}
