import type { JSX } from 'preact';
import { useIde } from '../ui/context.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import { keysTitle } from '../ui/keys-hint.tsx';
import { languageOf } from '../workspace/file-kinds.ts';
import type { Settings } from '../workspace/settings.ts';
import { ConnectionItem } from './connection-item.tsx';
import { CursorItem } from './cursor-item.tsx';
import { SaveItem } from './save-item.tsx';

/** The line at the bottom: how the connection, the saves and the conflicts stand, and where the cursor is. */
export function StatusBar(): JSX.Element {
  const ide = useIde();
  const { workspace, settings } = ide;
  const active = workspace.documents.active.value;
  const conflicts = workspace.conflicts.value.length;
  return (
    <footer class="status" aria-label="Status">
      <ConnectionItem />
      <SaveItem />
      {conflicts > 0 ? (
        <button
          type="button"
          class="status-item status-conflicts"
          data-testid="status-conflicts"
          aria-label={`${conflicts === 1 ? '1 file' : `${conflicts} files`} in conflict`}
          title={`List all files in conflict; go to the next conflict${keysTitle('F7')}`}
          onClick={() => ide.showSide('conflicts')}
        >
          <Icon name="conflict" />
          <span>
            {conflicts === 1 ? '1 file' : `${conflicts} files`}
            <span class="status-wide"> in conflict</span>
          </span>
        </button>
      ) : null}
      <span class="status-gap" />
      {active ? <CursorItem document={active} /> : null}
      {active ? <span class="status-item status-wide">{active.view.value.kind === 'binary' ? 'Binary file' : languageOf(active.path.value).name}</span> : null}
      <button
        type="button"
        class="status-item status-live"
        data-testid="live-toggle"
        aria-pressed={settings.live.value}
        title={
          settings.live.value
            ? 'Live: edits are saved while you type, and others see them at once. Click to save by hand.'
            : `Edits are saved when you say so${keysTitle('Mod+S')}. Click to save while typing.`
        }
        onClick={() => (settings.live.value = !settings.live.value)}
      >
        <span class="switch" aria-hidden="true" />
        Live
      </button>
      <ThemeItem settings={settings} />
      <button
        type="button"
        class="status-item"
        data-testid="keyboard-help"
        title={`Keyboard help${keysTitle('?')}`}
        aria-label="Keyboard help"
        onClick={() => (ide.help.value = true)}
      >
        <Icon name="keyboard" />
        <span class="label">Help</span>
      </button>
    </footer>
  );
}

type Theme = 'light' | 'dark' | 'system';

const themes: Record<Theme, { icon: IconName; name: string }> = {
  system: { icon: 'screen', name: 'the system’s' },
  light: { icon: 'sun', name: 'light' },
  dark: { icon: 'moon', name: 'dark' },
};

/** The theme after a click: from the system's first the one that looks different, so that every click but the last shows. */
function nextTheme(theme: Theme): Theme {
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const other = system === 'dark' ? 'light' : 'dark';
  return theme === 'system' ? other : theme === other ? system : 'system';
}

function ThemeItem({ settings }: { settings: Settings }): JSX.Element {
  const theme = themes[settings.theme.value];
  const next = nextTheme(settings.theme.value);
  return (
    <button
      type="button"
      class="status-item"
      data-testid="theme-toggle"
      data-theme-choice={settings.theme.value}
      aria-label={`Theme: ${theme.name}. Change to ${themes[next].name}`}
      title={`Theme: ${theme.name}. Click for ${themes[next].name}.`}
      onClick={() => (settings.theme.value = next)}
    >
      <Icon name={theme.icon} />
      <span class="label">Theme</span>
    </button>
  );
}
