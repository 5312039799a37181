import type { JSX } from 'preact';
import { readAddress } from '../session.ts';
import type { MenuItem } from '../workspace/ide.ts';
import { useIde } from './context.ts';
import { BrandMark, Icon } from './icons.tsx';
import { KeysHint, keysTitle } from './keys-hint.tsx';

/** The line at the top: what is open here, and the way to everything else. */
export function Header(): JSX.Element {
  const ide = useIde();
  const { org, repo } = ide.workspace.place;
  const { name } = readAddress(location.href);
  return (
    <header class="header">
      <div class="brand">
        <BrandMark />
        <h1 class="brand-place" title={`${org}/${repo}`}>
          <span>{org} / </span>
          <strong>{repo}</strong>
        </h1>
        <ChangeChip />
      </div>
      <button
        type="button"
        class="header-search"
        aria-label="Go to file"
        title={`Go to file${keysTitle('Mod+P')}`}
        onClick={() => (ide.picker.value = 'files')}
      >
        <Icon name="search" />
        <span>Go to file</span>
        <KeysHint binding="Mod+P" />
      </button>
      <div class="header-actions">
        {name === null ? null : (
          <span class="header-name" title={name}>
            {name}
          </span>
        )}
        <button
          type="button"
          class="icon-button labelled"
          data-testid="second-window"
          aria-label="Open a second window"
          title="Open a second window, to see edits arrive live"
          onClick={() => void window.open(location.href, '_blank')}
        >
          <Icon name="window" />
          <span class="label">Second window</span>
        </button>
        <button
          type="button"
          class="icon-button labelled"
          data-testid="all-commands"
          aria-label="All commands"
          title={`All commands${keysTitle('Mod+Shift+P')}`}
          onClick={() => (ide.picker.value = 'commands')}
        >
          <Icon name="command" />
          <span class="label">Commands</span>
        </button>
      </div>
    </header>
  );
}

/** The change that is worked in, or the bookmark that is followed; a click changes that. */
function ChangeChip(): JSX.Element {
  const ide = useIde();
  const { changes, changeId, place } = ide.workspace;
  const own = changes.current.value;
  const id = own ?? changeId.value;
  const what = own === null ? `Following the bookmark ${place.bookmark}` : `Working in a change of its own, on top of ${place.bookmark}`;
  const open = (element: HTMLElement): void => {
    const { left, bottom } = element.getBoundingClientRect();
    const items: MenuItem[] = [
      { label: own === null ? 'Save version…' : 'Describe this change…', keys: 'Alt+V', run: () => (ide.savingVersion.value = true) },
      { label: 'New change, or another…', keys: 'Alt+C', run: () => (ide.picker.value = 'changes') },
    ];
    if (own !== null) {
      items.push(null, { label: `Back to ${place.bookmark}`, run: () => void changes.open(null) });
      items.push({ label: `Move ${place.bookmark} here, and follow it`, run: () => void changes.land() });
    }
    if (id !== null) items.push(null, { label: 'Copy the change’s id', run: () => void ide.copy(id, 'Change id') });
    ide.menu.value = { x: left, y: bottom + 4, items };
  };
  return (
    <button
      type="button"
      class="change-chip"
      data-testid="change-chip"
      data-change={own ?? ''}
      aria-haspopup="menu"
      title={`${what}. Click for another change, or a new one${keysTitle('Alt+C')}.${id === null ? '' : `\nChange ${id}`}`}
      onClick={(event) => open(event.currentTarget)}
    >
      <Icon name="branch" />
      <span>{changes.title}</span>
      <Icon name="down" />
    </button>
  );
}
