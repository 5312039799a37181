import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';

/** Longer than any visit, in milliseconds: it ends with the next key that isn’t Tab. */
const always = 1e12;

/** Whether Tab is held down. */
let tabbing = false;
globalThis.addEventListener?.('keydown', ({ key, altKey }) => (tabbing = key === 'Tab' && !altKey), true);
globalThis.addEventListener?.('keyup', () => (tabbing = false), true);

/** Editors that Tab led to, and may lead on from. */
const passing = new WeakSet<EditorView>();

function stay(view: EditorView): void {
  // Who has chosen that Tab always leaves keeps that.
  if (passing.delete(view)) view.setTabFocusMode(false);
}

/**
 * Lets Tab move on from an editor it led to, so that a walk through the page writes nothing: it indents once another key was pressed there, or the text was
 * clicked. After Escape the next Tab leaves as well; that is CodeMirror’s own.
 */
export const tabLeaves: Extension = EditorView.domEventHandlers({
  focus: (_event, view) => {
    stay(view);
    if (!tabbing) return;
    passing.add(view);
    view.setTabFocusMode(always);
  },
  mousedown: (_event, view) => stay(view),
});
