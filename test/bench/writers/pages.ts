import type { MesaFileSystem } from '../../../src/client/file-system.ts';

/** Files that all writers edit at any one time. */
const SHARED = 5;
/** Tokens after which a file is full, and its next page is taken. */
const FULL = 100;
/** Pages of each file. The last one is never full. */
const PAGES = 40;
/** Where all of it is. */
export const ROOT = '/acme/app/shared';

/** The mark by which what a write left is found again. */
export function mark(writer: number, count: number): string {
  return `<${writer}.${count}>`;
}

/** The marks in a text, each as often as it is there. */
export function marksIn(text: string): string[] {
  return text.match(/<\d+\.\d+>/g) ?? [];
}

/** Where a writer puts what is its own. */
export function heading(writer: number): string {
  return `== writer ${writer} ==`;
}

/** A new file of a writer. */
export function ownPath(writer: number, count: number): string {
  return `${ROOT}/writer-${writer}/${count}`;
}

/** Makes all pages, with a section for each writer, and a directory for each writer. */
export async function makePages(fs: MesaFileSystem, writers: number): Promise<void> {
  await fs.mkdir(ROOT);
  for (let file = 0; file < SHARED; file += 1) await fs.mkdir(`${ROOT}/file-${file}`);
  for (let writer = 0; writer < writers; writer += 1) await fs.mkdir(`${ROOT}/writer-${writer}`);
  const names = Array.from({ length: SHARED * PAGES }, (_, index) => pagePath(index % SHARED, Math.floor(index / SHARED)));
  await Promise.all(names.map((name) => fs.writeFile(name, emptyPage(name, writers))));
}

function emptyPage(name: string, writers: number): string {
  const sections = Array.from({ length: writers }, (_, writer) => `${heading(writer)}\n\nThis is where writer ${writer} writes.\n\n`);
  return `${name}\n\n${sections.join('')}== all ==\n`;
}

function pagePath(file: number, page: number): string {
  return `${ROOT}/file-${file}/page-${page}`;
}

/** The page of each shared file that one mount takes to be the present one. */
export class Pages {
  readonly #at: number[] = Array.from({ length: SHARED }, () => 0);

  /** The path of one of the shared files. */
  path(file: number): string {
    return pagePath(file % SHARED, this.#at[file % SHARED] ?? 0);
  }

  /** Goes on to the next page where this text fills the present one. */
  seen(file: number, path: string, text: string): void {
    const index = file % SHARED;
    if (path === this.path(file) && marksIn(text).length >= FULL) this.#at[index] = Math.min(PAGES - 1, (this.#at[index] ?? 0) + 1);
  }
}
