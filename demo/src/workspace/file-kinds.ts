import { baseName, extensionOf } from './paths.ts';

const images: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  ico: 'image/x-icon',
  avif: 'image/avif',
};

/** The media type of a file a browser can show as a picture, or `null`. */
export function imageType(path: string): string | null {
  return images[extensionOf(path)] ?? null;
}

/** The language of a file: its name for people, and the package that highlights it. */
export interface Language {
  name: string;
  grammar: 'javascript' | 'jsx' | 'typescript' | 'tsx' | 'json' | 'markdown' | 'css' | 'html' | 'rust' | 'python' | null;
  /** Two or three characters and a hue for the file's icon. */
  badge: string;
  hue: 'blue' | 'yellow' | 'green' | 'orange' | 'violet' | 'teal' | 'red' | 'grey';
}

const text: Language = { name: 'Plain text', grammar: null, badge: '', hue: 'grey' };
const language = (name: string, grammar: Language['grammar'], badge: string, hue: Language['hue']): Language => ({ name, grammar, badge, hue });

const byExtension: Record<string, Language> = {
  js: language('JavaScript', 'javascript', 'JS', 'yellow'),
  mjs: language('JavaScript', 'javascript', 'JS', 'yellow'),
  cjs: language('JavaScript', 'javascript', 'JS', 'yellow'),
  jsx: language('JavaScript JSX', 'jsx', 'JS', 'yellow'),
  ts: language('TypeScript', 'typescript', 'TS', 'blue'),
  mts: language('TypeScript', 'typescript', 'TS', 'blue'),
  tsx: language('TypeScript JSX', 'tsx', 'TS', 'blue'),
  json: language('JSON', 'json', '{}', 'yellow'),
  md: language('Markdown', 'markdown', 'M↓', 'teal'),
  css: language('CSS', 'css', '#', 'violet'),
  html: language('HTML', 'html', '<>', 'orange'),
  svg: language('SVG', 'html', '◩', 'green'),
  xml: language('XML', 'html', '<>', 'orange'),
  rs: language('Rust', 'rust', 'RS', 'orange'),
  py: language('Python', 'python', 'PY', 'green'),
  toml: language('TOML', null, '⚙', 'grey'),
  yaml: language('YAML', null, '⚙', 'grey'),
  yml: language('YAML', null, '⚙', 'grey'),
  sh: language('Shell', null, '$', 'green'),
  txt: { ...text, badge: '≡' },
};

/** The language a path's name tells of. */
export function languageOf(path: string): Language {
  if (baseName(path) === 'Dockerfile') return language('Dockerfile', null, '◫', 'blue');
  if (imageType(path) !== null && extensionOf(path) !== 'svg') return language('Image', null, '◩', 'green');
  return byExtension[extensionOf(path)] ?? text;
}

/** A size as a person reads it: `812 B`, `1.4 KB`, `3.0 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const units = ['KB', 'MB', 'GB'];
  let size = bytes / 1_000;
  let unit = 0;
  while (size >= 999.95 && unit < units.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  return `${size.toFixed(1)} ${units[unit] ?? ''}`;
}
