import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** A dialog that is open for as long as it is in the page, and what leaves it sooner. */
interface Modal {
  element: RefObject<HTMLDialogElement | null>;
  /** Closes it, and gives the keyboard back to where it was: before what was chosen in it takes that, perhaps for a dialog of its own. Twice is fine. */
  leave(): void;
}

/** Shows a dialog above everything else. `first` takes the keyboard; without it the dialog's own first place does. */
export function useModal(first?: string): Modal {
  const element = useRef<HTMLDialogElement>(null);
  const leave = useRef(() => {});
  // At once: what is typed right after the key that led here belongs into the dialog.
  useLayoutEffect(() => {
    const { current } = element;
    const before = document.activeElement;
    current?.showModal();
    if (first !== undefined) current?.querySelector<HTMLElement>(first)?.focus({ preventScroll: true });
    leave.current = () => {
      leave.current = () => {};
      // While it is open nothing behind it takes the keyboard.
      current?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
    return () => leave.current();
  }, []);
  return { element, leave: () => leave.current() };
}
