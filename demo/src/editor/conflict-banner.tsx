import type { JSX } from 'preact';
import { useIde } from '../ui/context.ts';
import { Icon } from '../ui/icons.tsx';
import { keysTitle } from '../ui/keys-hint.tsx';
import type { OpenDocument } from '../workspace/document.ts';
import { conflictShape, hunksOf } from './conflict-shape.ts';

/** Says that a file is in conflict, and leads through it. */
export function ConflictBanner({ document: shown }: { document: OpenDocument }): JSX.Element | null {
  const ide = useIde();
  const shape = conflictShape(shown);
  if (shape === 'none') return null;
  const count = shape === 'whole' ? 1 : hunksOf(shown);
  const markers = shown.pane.value === 'markers';
  // Looked at with every version of the text, as the count is.
  const canUndo = shown.choiceCanBeUndone;
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
      {shape === 'hunks' && !markers && canUndo ? (
        <button
          type="button"
          class="button"
          data-testid="undo-choice"
          title={`Bring back the conflict settled last${keysTitle('Mod+Z')}`}
          onClick={() => void shown.undoChoice()}
        >
          Undo
        </button>
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
