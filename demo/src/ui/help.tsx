import type { JSX } from 'preact';
import { commandGroups } from '../workspace/commands.ts';
import { useCommands, useIde } from './context.ts';
import { Dialog } from './dialog.tsx';
import { KeysHint } from './keys-hint.tsx';

const elsewhere: readonly { title: string; keys: readonly (readonly [string, ...string[]])[] }[] = [
  {
    title: 'File tree',
    keys: [
      ['Move; open or fold a folder', '↑', '↓', '←', '→'],
      ['Open', 'Enter'],
      ['Jump to a name', 'a…z'],
      ['New file', 'n'],
      ['New folder', 'Shift+N'],
      ['Rename or move', 'F2'],
      ['Delete', 'Delete'],
      ['Menu', 'Shift+F10'],
    ],
  },
  {
    title: 'Editor',
    keys: [
      ['Find and replace', 'Mod+F'],
      ['Go to line', 'Mod+Alt+G'],
      ['Select the next match', 'Mod+D'],
      ['Comment lines', 'Mod+/'],
      ['Indent, or move on where Tab led here', 'Tab'],
      ['Leave the editor', 'Esc', 'Tab'],
    ],
  },
  {
    title: 'Conflicts, in a conflict',
    keys: [
      ['Keep a side', '1', '2', '3'],
      ['Keep both', 'b'],
      ['Keep the base', '0'],
      ['Edit', 'e'],
      ['Leave the edited text as it is', 'Esc'],
      ['Bring back the one settled last', 'Mod+Z'],
    ],
  },
  {
    title: 'Terminal',
    keys: [
      ['Complete a path', 'Tab'],
      ['Stop the command', 'Ctrl+C'],
      ['Clear', 'Ctrl+L'],
      ['Earlier commands', '↑', '↓'],
      ['The same, not “Go to file”', 'Ctrl+P', 'Ctrl+N'],
      ['A character back, not the side panel', 'Ctrl+B'],
      ['Leave the terminal', 'F6'],
    ],
  },
];

/** All keys on one page. */
export function Help(): JSX.Element {
  const ide = useIde();
  const commands = useCommands();
  return (
    <Dialog label="Keyboard help" class="dialog dialog-wide" testId="help" onClose={() => (ide.help.value = false)}>
      <div class="dialog-body">
        <h2>Keyboard</h2>
        <div class="help-columns">
          {commandGroups.map((group) => (
            <section key={group} class="help-group">
              <h3>{group}</h3>
              {commands
                .filter((command) => command.group === group && command.keys.length > 0)
                .map((command) => (
                  <div key={command.id} class="help-row">
                    <span>{command.title}</span>
                    <span>
                      <KeysHint binding={command.keys[0] ?? ''} />
                    </span>
                  </div>
                ))}
            </section>
          ))}
          {elsewhere.map((group) => (
            <section key={group.title} class="help-group">
              <h3>{group.title}</h3>
              {group.keys.map(([title, ...keys]) => (
                <div key={title} class="help-row">
                  <span>{title}</span>
                  <span>
                    {keys.map((binding) => (
                      <KeysHint key={binding} binding={binding} />
                    ))}
                  </span>
                </div>
              ))}
            </section>
          ))}
        </div>
      </div>
      <div class="dialog-foot">
        <button type="button" class="button button-primary" data-first="" onClick={() => (ide.help.value = false)}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
