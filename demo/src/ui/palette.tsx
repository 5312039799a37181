import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { fuzzyFilter } from '../workspace/fuzzy.ts';
import { useCommands, useIde } from './context.ts';
import { KeysHint } from './keys-hint.tsx';
import { Highlighted, Picker, type PickerOption } from './picker.tsx';

/** Every command, to be found by some letters of its title. */
export function Palette(): JSX.Element {
  const ide = useIde();
  const commands = useCommands();
  const [query, setQuery] = useState('');
  const options = useMemo((): PickerOption[] => {
    const listed = commands.filter((command) => command.id !== 'palette');
    return fuzzyFilter(listed, query, (command) => `${command.group}: ${command.title}`, listed.length).map(({ item: command, at }) => ({
      key: command.id,
      disabled: command.enabled?.() === false,
      content: (
        <>
          <span class="picker-detail" style={{ color: 'inherit', fontSize: 'inherit' }}>
            <Highlighted text={`${command.group}: ${command.title}`} at={at} />
          </span>
          {command.keys[0] === undefined ? null : <KeysHint binding={command.keys[0]} />}
        </>
      ),
      choose: () => command.run(),
    }));
  }, [query, commands]);
  return (
    <Picker
      label="Commands"
      placeholder="Type some letters of a command"
      testId="palette"
      query={query}
      setQuery={setQuery}
      options={options}
      empty="No command matches"
      onClose={() => (ide.picker.value = null)}
    />
  );
}
