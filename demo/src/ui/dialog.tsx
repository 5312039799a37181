import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Notices } from '../workspace/notices.ts';
import { shownText } from '../workspace/shown-text.ts';

interface DialogProps {
  label: string;
  class?: string;
  testId?: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal dialog: focus stays inside and goes back where it was; Escape and a click beside it close it. */
export function Dialog({ label, class: className = 'dialog', testId, onClose, children }: DialogProps): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  // At once: what is typed right after the key that led here belongs into the dialog.
  useLayoutEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    element.current?.querySelector<HTMLElement>('[data-first]')?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
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
