import type { Ide } from './ide.ts';
import { isApple, isBinding, writesCharacter, type KeyPress } from './keys.ts';
import { parentOf } from './paths.ts';

/** What commands are about, in the order the keyboard help lists them. */
export const commandGroups = ['Go', 'File', 'View', 'Change', 'Conflicts', 'Sync', 'Help'] as const;

/** Something the palette lists and keys run. */
export interface Command {
  id: string;
  group: (typeof commandGroups)[number];
  title: string;
  keys: readonly string[];
  /** Whether it makes sense now. */
  enabled?(): boolean;
  run(): void;
}

/** All commands of the IDE. */
export function commandsOf(ide: Ide): readonly Command[] {
  const { workspace, settings } = ide;
  const { documents, changes, pins } = workspace;
  const withFile = (): boolean => ide.active !== null;
  const command = (group: Command['group'], id: string, title: string, keys: readonly string[], run: () => void, enabled?: () => boolean): Command => ({
    id,
    group,
    title,
    keys,
    run,
    ...(enabled ? { enabled } : {}),
  });
  const toggle = (setting: { value: boolean }) => (): void => {
    setting.value = !setting.value;
  };
  return [
    command('Go', 'quick-open', 'Go to file…', ['Mod+P'], () => (ide.picker.value = 'files')),
    command('View', 'palette', 'Show all commands', ['Mod+Shift+P', 'F1'], () => (ide.picker.value = 'commands')),
    command(
      'Go',
      'line',
      'Go to line…',
      ['Mod+Alt+G'],
      () => (ide.picker.value = 'line'),
      () => Boolean(ide.active?.buffer),
    ),
    command('File', 'save', 'Save', ['Mod+S'], () => void ide.active?.save(), withFile),
    command(
      'File',
      'save-all',
      'Save all',
      ['Mod+Alt+S'],
      () => void documents.saveAll(),
      () => documents.unsaved.peek().length > 0,
    ),
    command('File', 'new-file', 'New file…', ['Alt+N'], () => create(ide, 'file')),
    command('File', 'new-folder', 'New folder…', ['Alt+Shift+N'], () => create(ide, 'folder')),
    command('File', 'upload', 'Upload files…', [], () => void ide.upload()),
    command(
      'File',
      'close-tab',
      'Close tab',
      ['Alt+W'],
      () => ide.closeShown(),
      () => withFile() || documents.comparison.peek() !== null,
    ),
    command(
      'File',
      'compare',
      'Compare with the stored version',
      [],
      () => void (ide.active && (ide.active.pane.value = 'compare')),
      () => Boolean(ide.active?.buffer),
    ),
    command(
      'File',
      'reload',
      'Reload from the stored version',
      [],
      () => void (ide.active && ide.reload(ide.active)),
      () => ide.active?.dirty.peek() === true,
    ),
    command('File', 'download', 'Download this file', [], () => void (ide.active && ide.files.download(ide.active.path.peek())), withFile),
    command('File', 'copy-path', 'Copy path', [], () => void (ide.active && ide.copy(ide.relative(ide.active.path.peek()), 'Path')), withFile),
    command('File', 'copy-link', 'Copy link to this page', [], () => void ide.copy(location.href, 'Link')),
    command('Go', 'next-tab', 'Next tab', ['Alt+]'], () => ide.step(1)),
    command('Go', 'previous-tab', 'Previous tab', ['Alt+['], () => ide.step(-1)),
    command('View', 'move-tab-right', 'Move tab right', ['Alt+Shift+]'], () => documents.move(1), withFile),
    command('View', 'move-tab-left', 'Move tab left', ['Alt+Shift+['], () => documents.move(-1), withFile),
    command('Go', 'focus-files', 'Focus the file tree', ['Mod+Shift+E'], () => focusFiles(ide)),
    command('Go', 'focus-editor', 'Focus the editor', [], () => ide.focusEditor()),
    command('Go', 'search', 'Search in all files', ['Mod+Shift+F'], () => focusSearch(ide)),
    command('Go', 'history', 'History of versions', ['Mod+Shift+H'], () => focusHistory(ide)),
    command('Go', 'next-region', 'Go to the next part of the window', ['F6'], () => nextRegion(1)),
    command('Go', 'previous-region', 'Go to the previous part of the window', ['Shift+F6'], () => nextRegion(-1)),
    command('View', 'terminal', 'Show or hide the terminal', ['Ctrl+`'], () => ide.toggleTerminal()),
    command('View', 'sidebar', 'Show or hide the side panel', ['Mod+B'], () => ide.showSidebar(!ide.sideShown.peek())),
    command('View', 'wrap', 'Wrap long lines', ['Alt+Z'], toggle(settings.wrap)),
    command('View', 'live', 'Switch live saving on or off', [], toggle(settings.live)),
    command('View', 'theme-light', 'Light theme', [], () => (settings.theme.value = 'light')),
    command('View', 'theme-dark', 'Dark theme', [], () => (settings.theme.value = 'dark')),
    command('View', 'theme-system', 'Theme of the system', [], () => (settings.theme.value = 'system')),
    command('View', 'second-window', 'Open a second window', [], () => void window.open(location.href, '_blank')),
    command('Conflicts', 'conflicts', 'List all conflicts', [], () => ide.showSide('conflicts')),
    command('Conflicts', 'next-conflict', 'Next conflict', ['F7'], () => ide.stepConflict(1)),
    command('Conflicts', 'previous-conflict', 'Previous conflict', ['Shift+F7'], () => ide.stepConflict(-1)),
    command(
      'Conflicts',
      'markers',
      'Show marker text or sides',
      [],
      () => toggleMarkers(ide),
      () => ide.active?.conflicted.peek() === true,
    ),
    command('Change', 'save-version', 'Save version…', ['Alt+V'], () => {
      ide.savingVersion.value = true;
    }),
    command('Change', 'new-change', 'New change…', ['Alt+C'], () => (ide.picker.value = 'changes')),
    command(
      'Change',
      'follow',
      `Back to ${workspace.place.bookmark}`,
      [],
      () => void changes.open(null),
      () => changes.current.peek() !== null,
    ),
    command(
      'Change',
      'land',
      `Move ${workspace.place.bookmark} to this change`,
      [],
      () => void changes.land(),
      () => changes.current.peek() !== null,
    ),
    command('Sync', 'sync', 'Connection and unsent edits', ['Alt+S'], () => workspace.showSync?.()),
    command(
      'Sync',
      'keep',
      'Keep the whole repository on this device',
      [],
      () => void pins.keep(workspace.root),
      () => !pins.paths.peek().includes(workspace.root),
    ),
    command(
      'Sync',
      'let-go',
      'Don’t keep the whole repository any more',
      [],
      () => void pins.letGo(workspace.root),
      () => pins.paths.peek().includes(workspace.root),
    ),
    command('Help', 'help', 'Keyboard help', ['?'], () => (ide.help.value = true)),
  ];
}

/** Runs the command a key press is bound to; answers whether there was one. */
export function runBinding(commands: readonly Command[], press: KeyPress, where: { typing: boolean; terminal: boolean }, apple: boolean = isApple): boolean {
  // In the terminal, Ctrl with a letter belongs to the line being edited, but those that do nothing there.
  if (where.terminal && press.ctrlKey && !press.shiftKey && !press.altKey && /^[a-z]$/i.test(press.key) && !/^[goqrstvxz]$/i.test(press.key)) return false;
  for (const command of commands) {
    const binding = command.keys.find((keys) => isBinding(press, keys, apple));
    if (binding === undefined || (where.typing && (binding.length === 1 || writesCharacter(press, binding, apple)))) continue;
    if (command.enabled?.() !== false) command.run();
    return true;
  }
  return false;
}

function create(ide: Ide, kind: 'file' | 'folder'): void {
  ide.showSide('files');
  // The tree may have to appear first.
  requestAnimationFrame(() => ide.explorer?.startCreating(kind));
}

function focusFiles(ide: Ide): void {
  ide.showSide('files');
  requestAnimationFrame(() => {
    const path = ide.active?.path.peek();
    if (path !== undefined && parentOf(path) !== '/') ide.explorer?.reveal(path);
    ide.explorer?.focus();
  });
}

/** Where the panel is not shown yet it takes the keyboard by itself. */
function focusSearch(ide: Ide): void {
  ide.showSide('search');
  const field = document.querySelector<HTMLInputElement>('.search-form .field');
  field?.focus();
  field?.select();
}

function focusHistory(ide: Ide): void {
  ide.showSide('history');
  requestAnimationFrame(() =>
    (document.querySelector<HTMLElement>('.history-row[tabindex="0"]') ?? document.querySelector<HTMLElement>('.history-save'))?.focus(),
  );
}

function toggleMarkers(ide: Ide): void {
  const document = ide.active;
  if (document) document.pane.value = document.pane.peek() === 'markers' ? 'default' : 'markers';
}

/** The parts of the window that F6 goes through, and what takes the keyboard in each. */
const regions = [
  '.tree-row[tabindex="0"], .sidebar .field, .history-row[tabindex="0"], .history-save',
  '.tab[aria-selected="true"]',
  '.document .cm-content, .conflict, .document button',
  '.terminal-host textarea',
  '.status button',
];

function nextRegion(by: 1 | -1): void {
  const stops = regions.map((selector) => Array.from(document.querySelectorAll<HTMLElement>(selector)).find((stop) => stop.offsetParent !== null));
  const zones = ['.sidebar', '.tabs', '.document', '.panel', '.status'].map((selector) => document.querySelector(selector));
  const here = zones.findIndex((zone) => zone?.contains(document.activeElement));
  // From elsewhere, as the header, the first and the last are next.
  const at = here < 0 && by < 0 ? 0 : here;
  for (let step = 1; step <= stops.length; step += 1) {
    const stop = stops[(at + by * step + stops.length * 2) % stops.length];
    if (!stop) continue;
    stop.focus();
    return;
  }
}
