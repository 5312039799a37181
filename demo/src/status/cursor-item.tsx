import type { JSX } from 'preact';
import { showsEditor } from '../editor/conflict-shape.ts';
import { useIde } from '../ui/context.ts';
import { keysTitle } from '../ui/keys-hint.tsx';
import type { OpenDocument } from '../workspace/document.ts';

/** Where the cursor is, where there is one; a click asks for a line to go to. */
export function CursorItem({ document: shown }: { document: OpenDocument }): JSX.Element | null {
  const ide = useIde();
  const view = shown.view.value;
  if (view.kind !== 'text' || !showsEditor(shown)) return null;
  const { line, column, selected } = view.buffer.cursor.value;
  return (
    <button
      type="button"
      class="status-item status-wide"
      data-testid="status-cursor"
      title={`Go to a line${keysTitle('Mod+Alt+G')}`}
      onClick={() => (ide.picker.value = 'line')}
    >
      Ln {line}, Col {column}
      {selected > 0 ? ` (${selected} selected)` : ''}
    </button>
  );
}
