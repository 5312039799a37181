import { StateEffect, StateField, type EditorState, type Extension, type TransactionSpec } from '@codemirror/state';
import { Decoration, EditorView, ViewPlugin, type DecorationSet } from '@codemirror/view';

const flash = StateEffect.define<{ from: number; to: number }[]>({
  map: (ranges, changes) => ranges.map((range) => ({ from: changes.mapPos(range.from), to: changes.mapPos(range.to, 1) })),
});
const fade = StateEffect.define<null>();

/** Takes the marks away. */
export const endFlash: StateEffect<null> = fade.of(null);

const mark = Decoration.mark({ class: 'cm-remote-edit' });
const seen = 1_600;

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(decorations, transaction) {
    let next = decorations.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(fade)) next = Decoration.none;
      else if (effect.is(flash)) {
        const ranges = effect.value.filter((range) => range.to > range.from).map((range) => mark.range(range.from, range.to));
        next = next.update({ add: ranges, sort: true });
      }
    }
    return next;
  },
  provide: (self) => EditorView.decorations.from(self),
});

/** Shows for a moment what somebody else just wrote. */
export const remoteFlash: Extension = [
  field,
  ViewPlugin.define((view) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    return {
      update: (update) => {
        if (!update.transactions.some((transaction) => transaction.effects.some((effect) => effect.is(flash)))) return;
        clearTimeout(timer);
        timer = setTimeout(() => view.dispatch({ effects: endFlash }), seen);
      },
      destroy: () => clearTimeout(timer),
    };
  }),
];

/** The effect that marks what `changes` insert. */
export function flashChanges(state: EditorState, changes: { from: number; to: number; insert: string }[]): NonNullable<TransactionSpec['effects']> {
  let shift = 0;
  const ranges = changes.map((change) => {
    const from = change.from + shift;
    shift += change.insert.length - (change.to - change.from);
    return { from, to: from + change.insert.length };
  });
  const whole = ranges.some((range) => range.to - range.from > state.doc.length / 2 && range.to - range.from > 2_000);
  return flash.of(whole ? [] : ranges);
}
