import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useIde } from './context.ts';
import { Picker } from './picker.tsx';

/** Asks for a line of the active document. */
export function GoToLine(): JSX.Element {
  const ide = useIde();
  const [query, setQuery] = useState('');
  const buffer = ide.active?.buffer;
  const lines = buffer ? buffer.read().split('\n').length : 1;
  const line = /^\d+$/.test(query) ? Math.min(Math.max(Number(query), 1), lines) : null;
  return (
    <Picker
      label="Go to line"
      placeholder={`A line from 1 to ${lines.toLocaleString('en')}`}
      testId="go-to-line"
      query={query}
      setQuery={setQuery}
      options={line === null ? [] : [{ key: 'line', content: `Go to line ${line}`, choose: () => buffer?.goTo(line) }]}
      empty="Type the number of a line"
      onClose={() => (ide.picker.value = null)}
    />
  );
}
