import { signal, type Signal } from '@preact/signals';
import type { WorkspaceFs } from './client.ts';
import { isMissing } from './errors.ts';
import { joinPath } from './paths.ts';

/** How far a walk for names has come. */
export interface IndexProgress {
  files: number;
  folders: number;
  /** Folders that couldn't be read: what is in them is missing. */
  unread: number;
  state: 'idle' | 'walking' | 'done' | 'bounded';
}

const maxFiles = 20_000;
const atOnce = 6;
/** Milliseconds between two looks at what was found so far. */
const showEvery = 120;

/** The names of all files, gathered breadth first when they are asked for, and only up to a bound. */
export class FileIndex {
  /** Absolute paths, in the order they were found. Grows while walking. */
  readonly paths: Signal<readonly string[]> = signal([]);
  readonly progress: Signal<IndexProgress> = signal({ files: 0, folders: 0, unread: 0, state: 'idle' });
  readonly #fs: Pick<WorkspaceFs, 'readdirWithFileTypes'>;
  readonly #root: string;
  readonly #links = new Set<string>();
  #walk = 0;

  constructor(fs: Pick<WorkspaceFs, 'readdirWithFileTypes'>, root: string) {
    this.#fs = fs;
    this.#root = root;
  }

  /** Walks anew; what was known stays to be searched until the walk has found more. Ends early when {@link stop} is called. */
  async walk(): Promise<void> {
    const walk = ++this.#walk;
    const found: string[] = [];
    const queue = [this.#root];
    let folders = 0;
    let unread = 0;
    let shownAt = performance.now();
    const show = (state: IndexProgress['state']): void => {
      if (walk !== this.#walk) return;
      if (state !== 'walking' || found.length >= this.paths.peek().length) this.paths.value = [...found];
      this.progress.value = { files: found.length, folders, unread, state };
      shownAt = performance.now();
    };
    show('walking');
    while (queue.length > 0 && found.length < maxFiles && walk === this.#walk) {
      const batch = queue.splice(0, atOnce);
      const listings = await Promise.all(
        batch.map((folder) =>
          this.#fs.readdirWithFileTypes(folder).catch((error: unknown) => {
            // One that was deleted on the way lacks nothing.
            if (!isMissing(error)) unread += 1;
            return [];
          }),
        ),
      );
      for (const [index, names] of listings.entries()) {
        folders += 1;
        for (const entry of names) {
          const path = joinPath(batch[index] ?? this.#root, entry.name);
          if (entry.isDirectory) queue.push(path);
          else found.push(path);
          if (entry.isSymbolicLink) this.#links.add(path);
        }
      }
      if (performance.now() - shownAt > showEvery) show('walking');
    }
    show(queue.length > 0 || found.length > maxFiles ? 'bounded' : 'done');
  }

  /** Whether a path was found to be a symlink: it may lead to a folder, and its file has another name. */
  isLink(path: string): boolean {
    return this.#links.has(path);
  }

  stop(): void {
    this.#walk += 1;
    if (this.progress.peek().state === 'walking') this.progress.value = { ...this.progress.peek(), state: 'idle' };
  }
}
