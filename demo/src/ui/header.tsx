import type { JSX } from 'preact';
import { readAddress } from '../session.ts';
import { useIde } from './context.ts';
import { BrandMark, Icon } from './icons.tsx';
import { KeysHint, keysTitle } from './keys-hint.tsx';

/** The line at the top: what is open here, and the way to everything else. */
export function Header(): JSX.Element {
  const ide = useIde();
  const { org, repo, bookmark } = ide.workspace.place;
  const { name } = readAddress(location.href);
  return (
    <header class="header">
      <div class="brand">
        <BrandMark />
        <h1 class="brand-place" title={`The bookmark ${bookmark} of ${org}/${repo}`}>
          <span>{org} / </span>
          <strong>{repo}</strong>
          <span> @ {bookmark}</span>
        </h1>
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
        {name === null ? null : <span class="header-name">{name}</span>}
        <button
          type="button"
          class="icon-button"
          aria-label="Open a second window"
          title="Open a second window, to see edits arrive live"
          onClick={() => void window.open(location.href, '_blank')}
        >
          <Icon name="window" />
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label="All commands"
          title={`All commands${keysTitle('Mod+Shift+P')}`}
          onClick={() => (ide.picker.value = 'commands')}
        >
          <Icon name="command" />
        </button>
      </div>
    </header>
  );
}
