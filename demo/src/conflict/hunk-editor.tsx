import { indentWithTab } from '@codemirror/commands';
import { EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { minimalSetup } from 'codemirror';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { codeTheme } from '../editor/code-theme.ts';
import { languageFor } from '../editor/languages.ts';
import { lineEnds } from '../editor/line-ends.ts';
import { tabLeaves } from '../editor/tab-leaves.ts';
import { KeysHint } from '../ui/keys-hint.tsx';

interface HunkEditorProps {
  path: string;
  initial: string;
  /** Called with every change of the text. */
  onType: (text: string) => void;
  /** Called with the text when it is to be kept, with `null` when it is given up. */
  onDone: (text: string | null) => void;
  /** Called when the editor is left with nothing said of the text. */
  onLeave: () => void;
}

/** A small editor for what should stand in place of a conflict. */
export function HunkEditor({ path, initial, onType, onDone, onLeave }: HunkEditorProps): JSX.Element {
  const parent = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  // The editor lives longer than one rendering: it calls what the latest one gave.
  const latest = useRef({ onType, onDone, onLeave });
  latest.current = { onType, onDone, onLeave };
  const take = (): void => latest.current.onDone(view.current?.state.doc.toString() ?? initial);
  useEffect(() => {
    if (!parent.current) return;
    const { current } = parent;
    let left = false;
    const show = async (): Promise<void> => {
      const language = await languageFor(path);
      if (left) return;
      const keys = Prec.highest(
        keymap.of([{ key: 'Mod-Enter', run: () => (take(), true) }, { key: 'Escape', run: () => (latest.current.onLeave(), true) }, indentWithTab]),
      );
      view.current = new EditorView({
        state: EditorState.create({
          doc: initial,
          extensions: [
            lineEnds,
            keys,
            tabLeaves,
            minimalSetup,
            codeTheme,
            language,
            EditorView.lineWrapping,
            EditorView.updateListener.of((update) => {
              if (update.docChanged) latest.current.onType(update.state.doc.toString());
            }),
            EditorView.contentAttributes.of({ 'aria-label': 'Text to keep' }),
          ],
        }),
        parent: current,
      });
      view.current.focus();
      // With what is below the text: there it is kept or given up.
      current.parentElement?.scrollIntoView({ block: 'nearest' });
    };
    void show();
    return () => {
      left = true;
      view.current?.destroy();
    };
  }, []);
  return (
    <div class="hunk-edit" data-testid="hunk-editor">
      <div ref={parent} />
      <div class="hunk-edit-foot">
        <p>This text takes the place of the conflict.</p>
        <button type="button" class="button button-quiet" onClick={() => onDone(null)}>
          Cancel
        </button>
        <button type="button" class="button button-primary" data-testid="keep-edited" onClick={take}>
          Keep this text <KeysHint binding="Mod+Enter" />
        </button>
      </div>
    </div>
  );
}
