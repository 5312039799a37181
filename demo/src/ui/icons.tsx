import type { JSX } from 'preact';
import { languageOf } from '../workspace/file-kinds.ts';

const paths = {
  files: 'M3 3.5h4l1.5 2H13v7H3z',
  file: 'M4 1.8h5l3 3v9.4H4zM9 1.8v3h3',
  filePlus: 'M9 1.8H4v12.4h4M9 1.8l3 3v3M9 1.8v3h3M12 10v4.4M9.8 12.2h4.4',
  folderPlus: 'M8 12.5H2.5v-9H6l1.5 2h6V8M12 10v4.4M9.8 12.2h4.4',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.5 3.5',
  conflict: 'M8 2v4M8 6C8 9 3.5 8 3.5 12.5M8 6c0 3 4.5 2 4.5 6.5M1.8 10.8l1.7 1.9 1.8-1.7M10.7 11l1.8 1.7 1.7-1.9',
  close: 'M4 4l8 8M12 4l-8 8',
  chevron: 'M6 3.5 10.5 8 6 12.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  up: 'M3.5 10 8 5.5 12.5 10',
  terminal: 'M2 3h12v10H2zM4.5 6l2 2-2 2M8.5 10H11',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9',
  moon: 'M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6z',
  screen: 'M2 3h12v8H2zM6 14h4M8 11v3',
  warning: 'M8 2.2 14.5 13.5h-13zM8 6.5v3.2M8 11.4v.3',
  check: 'M3 8.5 6.5 12 13 4.5',
  info: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 7.3v3.4M8 5v.3',
  download: 'M8 2v7.5M4.8 6.8 8 10l3.2-3.2M2.5 13.5h11',
  upload: 'M8 9.8V2.2M4.8 5.2 8 2l3.2 3.2M2.5 13.5h11',
  command: 'M3 4.5 6 8l-3 3.5M8 11.5h5',
  keyboard: 'M1.5 4h13v8h-13zM4 6.5h.2M6.6 6.5h.2M9.2 6.5h.2M11.8 6.5h.2M5 9.6h6',
  window: 'M6 3H2.5v10.5H13V10M9 2.5h4.5V7M13.3 2.7 7.5 8.5',
  device: 'M2.5 3h11v7.5h-11zM1 13h14M6.5 6.5 8 8l1.5-1.5M8 4.8V8',
  branch:
    'M4.5 2.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM4.5 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM11.5 4a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM4.5 5.5v5M11.5 7c0 2.5-4 2-6.2 3.8',
  history: 'M2.8 5.2A6 6 0 1 1 2 8M2.5 2.2v3.3h3.3M8 4.8V8l2.2 1.6',
  undo: 'M5.5 3 2.5 6l3 3M2.5 6H10a3.5 3.5 0 0 1 0 7H6',
  collapse: 'M2.5 5h11M2.5 8h7M2.5 11h4M12 8.5v5M10 11.5l2 2 2-2',
  refresh: 'M13.2 6.5A5.5 5.5 0 1 0 13.5 9M13.5 3v3.5H10',
} as const;

/** The name of an icon. */
export type IconName = keyof typeof paths;

/** A line drawing of 16 by 16; it says nothing to screen readers. */
export function Icon({ name, class: className = '' }: { name: IconName; class?: string }): JSX.Element {
  return (
    <svg class={`icon ${className}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

/** What stands before a file's name. */
export function FileBadge({ path }: { path: string }): JSX.Element {
  const { badge, hue } = languageOf(path);
  return (
    <span class="file-badge" data-hue={hue} aria-hidden="true">
      {badge === '' ? <Icon name="file" /> : badge}
    </span>
  );
}

/** What stands before a folder's name. */
export function FolderBadge(): JSX.Element {
  return (
    <span class="file-badge folder-badge" aria-hidden="true">
      <svg class="icon" viewBox="0 0 16 16">
        <path d="M1.8 3.4h4.4l1.6 1.8h6.4v7.6H1.8z" fill="currentColor" fill-opacity=".22" />
      </svg>
    </span>
  );
}

/** The table mountain. */
export function BrandMark(): JSX.Element {
  return (
    <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M1.5 19.5h21l-3.2-7h-2.8l-1.6-6.5H8.6L7 12.5H4.7z" fill="currentColor" />
      <path d="M8.1 9.2h7.3M7 13.2h9.6M4.3 16.4h15.6" stroke="var(--chrome)" stroke-width="1.1" fill="none" opacity=".75" />
    </svg>
  );
}
