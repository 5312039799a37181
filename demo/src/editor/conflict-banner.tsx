import type { JSX } from 'preact';
import { parseConflictText } from '../conflict/parse-conflict.ts';
import { useIde } from '../ui/context.ts';
import { Icon } from '../ui/icons.tsx';
import { keysTitle } from '../ui/keys-hint.tsx';
import type { OpenDocument } from '../workspace/document.ts';

/** How a document's conflict is shown: hunk by hunk, as a choice of whole files, or, when neither can be, as marker text. */
export function conflictShape(document: OpenDocument): 'none' | 'hunks' | 'whole' | 'markers' {
  if (!document.conflicted.value) return 'none';
  const conflict = document.conflict.value;
  if (conflict && (conflict.kind !== 'text' || conflict.sides.some((side) => side.kind !== 'file'))) return 'whole';
  return hunksOf(document) > 0 ? 'hunks' : 'markers';
}

/** Says that a file is in conflict, and leads through it. */
export function ConflictBanner({ document: shown }: { document: OpenDocument }): JSX.Element | null {
  const ide = useIde();
  const shape = conflictShape(shown);
  if (shape === 'none') return null;
  const count = shape === 'whole' ? 1 : hunksOf(shown);
  const markers = shown.pane.value === 'markers';
  const hasText = shown.view.value.kind === 'text';
  return (
    <div class="bar bar-danger" role="status" data-testid="conflict-banner">
      <Icon name="conflict" />
      <p>
        <strong>{shape === 'whole' ? 'This file is in conflict.' : count === 1 ? 'One conflict.' : `${count} conflicts.`}</strong> Every side is kept until you
        choose.
        {markers && ide.settings.live.value ? ' Edits of the marker text are saved with Save only.' : ''}
      </p>
      {shape !== 'whole' && count > 1 ? (
        <>
          <button
            type="button"
            class="icon-button"
            aria-label="Previous conflict"
            title={`Previous conflict${keysTitle('Shift+F7')}`}
            onClick={() => ide.hunks?.step(-1)}
          >
            <Icon name="up" />
          </button>
          <button type="button" class="icon-button" aria-label="Next conflict" title={`Next conflict${keysTitle('F7')}`} onClick={() => ide.hunks?.step(1)}>
            <Icon name="down" />
          </button>
        </>
      ) : null}
      {hasText && shape !== 'markers' ? (
        <button
          type="button"
          class="button"
          data-testid="show-markers"
          aria-pressed={markers}
          onClick={() => (shown.pane.value = markers ? 'default' : 'markers')}
        >
          {markers ? 'Show sides' : 'Show marker text'}
        </button>
      ) : null}
    </div>
  );
}

function hunksOf(document: OpenDocument): number {
  // The revision says when the text is another one.
  void document.revision.value;
  const { buffer } = document;
  return buffer ? parseConflictText(buffer.read()).hunks.length : 0;
}
