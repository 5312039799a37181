import type { JSX } from 'preact';
import { useCommands } from './context.ts';
import { BrandMark } from './icons.tsx';
import { KeysHint } from './keys-hint.tsx';

const offered = ['quick-open', 'palette', 'new-file', 'search', 'terminal', 'help'];

/** What stands where no file is open. */
export function Welcome(): JSX.Element {
  const commands = useCommands();
  return (
    <section class="welcome" aria-label="No file is open">
      <BrandMark />
      <dl>
        {offered.flatMap((id) => {
          const command = commands.find((other) => other.id === id);
          if (!command) return [];
          return [
            <dt key={id}>
              <button type="button" onClick={() => command.run()}>
                {command.title.replace('…', '')}
              </button>
            </dt>,
            <dd key={`${id} keys`}>
              <KeysHint binding={command.keys[0] ?? ''} />
            </dd>,
          ];
        })}
      </dl>
    </section>
  );
}
