import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { nameProblem } from '../workspace/paths.ts';

interface NameInputProps {
  label: string;
  initial: string;
  /** Names that are taken in the same folder. */
  taken: readonly string[];
  onDone: (name: string | null) => void;
}

/** A field for a file's name, in the tree. Enter takes it, Escape leaves, and so does going elsewhere without a change. */
export function NameInput({ label, initial, taken, onDone }: NameInputProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  const [name, setName] = useState(initial);
  useEffect(() => {
    const { current } = input;
    if (!current) return;
    current.focus();
    // The name without its ending is what people change.
    const dot = initial.lastIndexOf('.');
    current.setSelectionRange(0, dot > 0 ? dot : initial.length);
  }, []);
  const problem = nameProblem(name) ?? (name !== initial && taken.includes(name) ? `“${name}” is already there.` : null);
  const finish = (value: string | null): void => {
    if (done.current) return;
    done.current = true;
    onDone(value);
  };
  return (
    <>
      <input
        ref={input}
        class="tree-input"
        data-testid="name-input"
        aria-label={label}
        aria-invalid={problem !== null}
        spellcheck={false}
        autocomplete="off"
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
        onClick={(event) => event.stopPropagation()}
        onBlur={() => finish(problem === null && name !== initial ? name : null)}
        onKeyDown={(event) => {
          event.stopPropagation();
          // Keys of an input method, as Enter that ends a word, are its own.
          if (event.isComposing) return;
          if (event.key === 'Escape') finish(null);
          else if (event.key === 'Enter') {
            event.preventDefault();
            if (problem === null) finish(name);
          }
        }}
      />
      {problem !== null && name !== '' ? (
        <div class="tree-input-problem" role="alert">
          {problem}
        </div>
      ) : null}
    </>
  );
}
