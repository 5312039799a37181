import { effect, signal, type Signal } from '@preact/signals';

/** What a person set, remembered in this browser. */
export interface Settings {
  theme: Signal<'light' | 'dark' | 'system'>;
  /** Whether edits are saved while typing. */
  live: Signal<boolean>;
  wrap: Signal<boolean>;
  sidebarOpen: Signal<boolean>;
  sidebarWidth: Signal<number>;
  panelOpen: Signal<boolean>;
  panelHeight: Signal<number>;
}

const isTheme = (value: unknown): value is 'light' | 'dark' | 'system' => value === 'light' || value === 'dark' || value === 'system';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isSize = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Reads the settings of this browser; each is written back when it changes. */
export function loadSettings(storage: Pick<Storage, 'getItem' | 'setItem'>): Settings {
  const kept = <T>(name: string, initial: T, valid: (value: unknown) => value is T): Signal<T> => {
    const key = `mesafs-ide.${name}`;
    const value = signal(read(storage, key, valid) ?? initial);
    effect(() => write(storage, key, value.value));
    return value;
  };
  return {
    theme: kept('theme', 'system', isTheme),
    live: kept('live', true, isBoolean),
    wrap: kept('wrap', false, isBoolean),
    sidebarOpen: kept('sidebar.open', true, isBoolean),
    sidebarWidth: kept('sidebar.width', 264, isSize),
    panelOpen: kept('panel.open', false, isBoolean),
    panelHeight: kept('panel.height', 240, isSize),
  };
}

function read<T>(storage: Pick<Storage, 'getItem'>, key: string, valid: (value: unknown) => value is T): T | null {
  try {
    const value: unknown = JSON.parse(storage.getItem(key) ?? 'null');
    return valid(value) ? value : null;
  } catch {
    return null;
  }
}

function write(storage: Pick<Storage, 'setItem'>, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing still has the settings for this visit.
  }
}
