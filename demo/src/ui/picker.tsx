import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { shownText } from '../workspace/shown-text.ts';
import { useModal } from './modal.ts';

/** One line of a picker. */
export interface PickerOption {
  key: string;
  content: ComponentChildren;
  disabled?: boolean;
  choose(): void;
}

interface PickerProps {
  label: string;
  placeholder: string;
  testId: string;
  query: string;
  setQuery: (query: string) => void;
  options: readonly PickerOption[];
  empty: string;
  foot?: ComponentChildren;
  onClose: () => void;
}

/** A field with a list below it: type to narrow it down, arrows and Enter choose, Escape leaves. */
export function Picker({ label, placeholder, testId, query, setQuery, options, empty, foot, onClose }: PickerProps): JSX.Element {
  const { element: dialog, leave } = useModal('input');
  const list = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const id = useId();
  const current = Math.min(at, Math.max(options.length - 1, 0));
  useEffect(() => setAt(0), [query]);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current, options]);
  const choose = (option: PickerOption | undefined): void => {
    if (!option || option.disabled === true) return;
    leave();
    onClose();
    option.choose();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // Keys of an input method, as Enter that ends a word, are its own.
    if (event.isComposing) return;
    const page = event.key === 'PageDown' ? 10 : event.key === 'PageUp' ? -10 : 0;
    if (event.key === 'ArrowDown' || (event.ctrlKey && event.key === 'n')) setAt((current + 1) % Math.max(options.length, 1));
    else if (event.key === 'ArrowUp' || (event.ctrlKey && event.key === 'p')) setAt((current - 1 + options.length) % Math.max(options.length, 1));
    else if (page !== 0) setAt(Math.min(Math.max(current + page, 0), options.length - 1));
    else if (event.key === 'Enter') choose(options[current]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <dialog
      ref={dialog}
      class="picker"
      aria-label={label}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <input
        class="picker-input"
        type="text"
        role="combobox"
        aria-label={label}
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={options.length > 0 ? `${id}-${current}` : undefined}
        placeholder={placeholder}
        spellcheck={false}
        autocomplete="off"
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div ref={list} class="picker-list" role="listbox" id={id} aria-label={label}>
        {options.map((option, index) => (
          <div
            key={option.key}
            id={`${id}-${index}`}
            class="picker-option"
            role="option"
            aria-selected={index === current}
            aria-disabled={option.disabled === true}
            onPointerMove={() => setAt(index)}
            onClick={() => choose(option)}
          >
            {option.content}
          </div>
        ))}
        {options.length === 0 ? (
          <div class="picker-option" aria-disabled="true">
            {empty}
          </div>
        ) : null}
      </div>
      {foot === undefined ? null : <div class="picker-foot">{foot}</div>}
    </dialog>
  );
}

/** A text with the characters that matched marked. */
export function Highlighted({ text, at }: { text: string; at: readonly number[] }): JSX.Element {
  const marked = new Set(at);
  const parts: ComponentChildren[] = [];
  let run = '';
  let inside = false;
  const flush = (): void => {
    if (run !== '') parts.push(inside ? <mark>{shownText(run)}</mark> : shownText(run));
    run = '';
  };
  for (let index = 0; index < text.length; index += 1) {
    if (marked.has(index) !== inside) {
      flush();
      inside = !inside;
    }
    run += text.charAt(index);
  }
  flush();
  return <>{parts}</>;
}
