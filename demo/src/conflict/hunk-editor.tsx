import { indentWithTab } from '@codemirror/commands';
import { EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { minimalSetup } from 'codemirror';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { codeTheme } from '../editor/code-theme.ts';
import { loadGrammar } from '../editor/languages.ts';
import { KeysHint } from '../ui/keys-hint.tsx';
import { languageOf } from '../workspace/file-kinds.ts';

/** A small editor for what should stand in place of a conflict. Answers `null` when it is left. */
export function HunkEditor({ path, initial, onDone }: { path: string; initial: string; onDone: (text: string | null) => void }): JSX.Element {
  const parent = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const take = (): void => onDone(view.current?.state.doc.toString() ?? initial);
  useEffect(() => {
    if (!parent.current) return;
    const { current } = parent;
    let left = false;
    const show = async (): Promise<void> => {
      const { grammar } = languageOf(path);
      const language = grammar === null ? [] : await loadGrammar(grammar);
      if (left) return;
      const keys = Prec.highest(
        keymap.of([{ key: 'Mod-Enter', run: () => (take(), true) }, { key: 'Escape', run: () => (onDone(null), true) }, indentWithTab]),
      );
      view.current = new EditorView({
        state: EditorState.create({
          doc: initial,
          extensions: [
            EditorState.lineSeparator.of('\n'),
            keys,
            minimalSetup,
            codeTheme,
            language,
            EditorView.lineWrapping,
            EditorView.contentAttributes.of({ 'aria-label': 'Text to keep' }),
          ],
        }),
        parent: current,
      });
      view.current.focus();
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
