import { MergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { basicSetup } from 'codemirror';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Waiting } from '../ui/lazy.tsx';
import { useIde } from '../ui/context.ts';
import type { OpenDocument } from '../workspace/document.ts';
import { languageOf } from '../workspace/file-kinds.ts';
import { decodeText } from '../workspace/text-format.ts';
import { codeTheme } from './code-theme.ts';
import { loadGrammar } from './languages.ts';

/** What is stored beside what is in the editor. */
export function ComparePane({ document: shown }: { document: OpenDocument }): JSX.Element {
  const ide = useIde();
  const parent = useRef<HTMLDivElement>(null);
  const [stored, setStored] = useState<string | null>(null);
  const elsewhere = shown.elsewhere.value;
  const path = shown.path.value;
  useEffect(() => {
    if (elsewhere) {
      setStored(elsewhere.text);
      return;
    }
    ide.workspace.fs.readVersioned(path).then(
      (file) => setStored(decodeText(file.bytes)?.text ?? ''),
      (error: unknown) => {
        ide.notices.fail('The stored version couldn’t be read', error);
        shown.pane.value = 'default';
      },
    );
  }, [elsewhere, path]);
  useEffect(() => {
    if (stored === null || !parent.current) return;
    const { current } = parent;
    let view: MergeView | null = null;
    let left = false;
    const show = async (): Promise<void> => {
      const { grammar } = languageOf(path);
      const language = grammar === null ? [] : await loadGrammar(grammar);
      if (left) return;
      const extensions = [basicSetup, codeTheme, language, EditorView.lineWrapping, EditorState.readOnly.of(true), EditorView.editable.of(false)];
      view = new MergeView({
        a: { doc: stored, extensions },
        b: { doc: shown.buffer?.read() ?? '', extensions },
        parent: current,
        collapseUnchanged: { margin: 3, minSize: 6 },
      });
    };
    void show();
    return () => {
      left = true;
      view?.destroy();
    };
  }, [stored]);
  return (
    <>
      <div class="bar">
        <p>Saving merges the two; where both changed the same lines, both are kept as a conflict.</p>
        <button type="button" class="button button-primary" onClick={() => void shown.save()}>
          Save and merge
        </button>
        <button type="button" class="button" onClick={() => void ide.reload(shown)}>
          Take the stored version
        </button>
        <button type="button" class="button button-quiet" onClick={() => (shown.pane.value = 'default')}>
          Back to the editor
        </button>
      </div>
      <div class="compare-heads">
        <span>Stored</span>
        <span>In the editor</span>
      </div>
      {stored === null ? <Waiting /> : null}
      <div ref={parent} class="compare" data-testid="compare" />
    </>
  );
}
