import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { basicSetup } from 'codemirror';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { codeTheme } from './code-theme.ts';
import { languageFor } from './languages.ts';

const collapseUnchanged = { margin: 3, minSize: 6 };

/** Two texts beside each other, to be read; `unified` shows them in one column instead. */
export function MergePane({ path, before, after, unified = false }: { path: string; before: string; after: string; unified?: boolean }): JSX.Element {
  const parent = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!parent.current) return;
    const { current } = parent;
    let view: { destroy(): void } | null = null;
    let left = false;
    const show = async (): Promise<void> => {
      const language = await languageFor(path);
      if (left) return;
      const extensions: Extension[] = [basicSetup, codeTheme, language, EditorView.lineWrapping, EditorState.readOnly.of(true), EditorView.editable.of(false)];
      if (unified) {
        const merged = unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged });
        view = new EditorView({ doc: after, extensions: [...extensions, merged], parent: current });
      } else view = new MergeView({ a: { doc: before, extensions }, b: { doc: after, extensions }, parent: current, collapseUnchanged });
    };
    void show();
    return () => {
      left = true;
      view?.destroy();
    };
  }, [path, before, after, unified]);
  return <div ref={parent} class="compare" data-testid="compare" />;
}
