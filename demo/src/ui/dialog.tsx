import type { ComponentChildren, JSX } from 'preact';
import type { Notices } from '../workspace/notices.ts';
import { shownText } from '../workspace/shown-text.ts';
import { useModal } from './modal.ts';

interface DialogProps {
  label: string;
  class?: string;
  testId?: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal dialog: focus stays inside and goes back where it was; Escape and a click beside it close it. */
export function Dialog({ label, class: className = 'dialog', testId, onClose, children }: DialogProps): JSX.Element {
  const { element } = useModal('[data-first]');
  return (
    <dialog
      ref={element}
      class={className}
      aria-label={label}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      {children}
    </dialog>
  );
}

/** The question that waits, if there is one. */
export function QuestionDialog({ notices }: { notices: Notices }): JSX.Element | null {
  const question = notices.question.value;
  if (!question) return null;
  return (
    <Dialog key={question.title} label={shownText(question.title)} testId="dialog" onClose={() => question.answer(null)}>
      <div class="dialog-body">
        <h2>{shownText(question.title)}</h2>
        <p>{shownText(question.text)}</p>
      </div>
      <div class="dialog-foot">
        {question.choices.toReversed().map((choice) => (
          <button
            key={choice.value}
            type="button"
            class={`button ${choice.tone === undefined ? '' : `button-${choice.tone}`}`}
            data-testid={`dialog-${choice.value}`}
            data-first={choice === question.choices[0] ? '' : undefined}
            onClick={() => question.answer(choice.value)}
          >
            {choice.label}
          </button>
        ))}
      </div>
    </Dialog>
  );
}
