import { StateField, type EditorState, type Extension } from '@codemirror/state';
import { Decoration, EditorView, WidgetType, type DecorationSet } from '@codemirror/view';
import { parseConflictText, type ConflictHunk } from '../conflict/parse-conflict.ts';
import type { Choice } from '../conflict/resolve-hunk.ts';

/** What the buttons above a conflict in the editor do. */
export type Resolve = (hunk: ConflictHunk, choice: Choice) => void;

/** Colours the marker text of conflicts and puts the choices above each. */
export function markerDecorations(resolve: Resolve): Extension {
  const build = (state: EditorState): DecorationSet => {
    const text = state.doc.toString();
    const { hunks } = parseConflictText(text);
    return Decoration.set(hunks.flatMap((hunk) => decorateHunk(state, hunk, hunks.length, resolve)));
  };
  return StateField.define<DecorationSet>({
    create: build,
    update: (decorations, transaction) => (transaction.docChanged ? build(transaction.state) : decorations),
    provide: (self) => EditorView.decorations.from(self),
  });
}

function decorateHunk(state: EditorState, hunk: ConflictHunk, count: number, resolve: Resolve) {
  const out = [Decoration.widget({ widget: new ChoiceBar(hunk, count, resolve), block: true, side: -1 }).range(hunk.from)];
  const length = /^<+/.exec(state.doc.lineAt(hunk.from).text)?.[0].length ?? 7;
  let part = 'cm-conflict-marker';
  let side = 0;
  for (let at = hunk.from; at < hunk.to;) {
    const line = state.doc.lineAt(at);
    const marker = new RegExp(`^([<+\\->])\\1{${length - 1}}(\\s|$)`).exec(line.text)?.[1];
    if (marker === '+') {
      side += 1;
      part = `cm-conflict-side cm-conflict-side-${((side - 1) % 3) + 1}`;
    } else if (marker === '-') part = 'cm-conflict-base';
    else if (marker) part = 'cm-conflict-edge';
    out.push(Decoration.line({ class: marker ? `${part} cm-conflict-marker` : part }).range(line.from));
    at = line.to + 1;
  }
  return out;
}

class ChoiceBar extends WidgetType {
  readonly #hunk: ConflictHunk;
  readonly #count: number;
  readonly #resolve: Resolve;

  constructor(hunk: ConflictHunk, count: number, resolve: Resolve) {
    super();
    this.#hunk = hunk;
    this.#count = count;
    this.#resolve = resolve;
  }

  /** The buttons put in what they were made with: a bar may stay only where that is the same to the letter. */
  override eq(other: ChoiceBar): boolean {
    return other.#count === this.#count && JSON.stringify(other.#hunk) === JSON.stringify(this.#hunk);
  }

  toDOM(): HTMLElement {
    const bar = document.createElement('div');
    bar.className = 'cm-conflict-bar';
    const title = bar.appendChild(document.createElement('span'));
    title.textContent = `Conflict ${this.#hunk.index + 1} of ${this.#count}`;
    const offer = (label: string, testId: string, choice: Choice): void => {
      const button = bar.appendChild(document.createElement('button'));
      button.type = 'button';
      button.textContent = label;
      button.dataset['testid'] = testId;
      button.addEventListener('click', () => this.#resolve(this.#hunk, choice));
    };
    for (const [index, side] of this.#hunk.sides.entries()) offer(`Keep ${side.label}`, `keep-side-${index + 1}`, { kind: 'side', index });
    offer('Keep both', 'keep-both', { kind: 'both' });
    offer('Keep base', 'keep-base', { kind: 'base' });
    return bar;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}
