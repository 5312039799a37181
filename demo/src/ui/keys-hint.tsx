import type { JSX } from 'preact';
import { keyLabels } from '../workspace/keys.ts';

/** A binding drawn as keys. */
export function KeysHint({ binding }: { binding: string }): JSX.Element {
  return (
    <>
      {keyLabels(binding).map((label) => (
        <kbd key={label}>{label}</kbd>
      ))}
    </>
  );
}

/** A binding as a tooltip says it: ` (Ctrl+P)`. */
export function keysTitle(binding: string): string {
  return ` (${keyLabels(binding).join('+')})`;
}
