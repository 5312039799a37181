import type { ChangeNotice, WorkspaceFs } from '../workspace/client.ts';
import { affectedFolders, toEntries, type TreeEntry } from './entries.ts';

/** Beyond this many names of one folder, marks (executable, where a link points) are left out. */
const markedNames = 400;
const atOnce = 8;

/** The folders the tree has read, and who wants to know when one should be read again. */
export class FolderStore {
  readonly #fs: WorkspaceFs;
  readonly #entries = new Map<string, TreeEntry[]>();
  readonly #stale = new Set<(folders: readonly string[]) => void>();
  readonly #marked = new Set<() => void>();

  constructor(fs: WorkspaceFs) {
    this.#fs = fs;
  }

  /** Reads a folder. The rows are there at once; their marks follow. */
  async read(folder: string): Promise<TreeEntry[]> {
    const entries = toEntries(folder, await this.#fs.readdirWithFileTypes(folder));
    const before = new Map(this.#entries.get(folder)?.map((entry) => [entry.path, entry]));
    for (const entry of entries) {
      const known = before.get(entry.path);
      if (known?.kind === entry.kind) Object.assign(entry, { executable: known.executable, target: known.target });
    }
    this.#entries.set(folder, entries);
    void this.#mark(entries);
    return entries;
  }

  entries(folder: string): readonly TreeEntry[] {
    return this.#entries.get(folder) ?? [];
  }

  /** Says that a folder is folded away and needn't be kept up to date. */
  forget(folder: string): void {
    this.#entries.delete(folder);
  }

  /** Calls `listener` with the folders to read again. */
  onStale(listener: (folders: readonly string[]) => void): () => void {
    this.#stale.add(listener);
    return () => void this.#stale.delete(listener);
  }

  /** Calls `listener` when marks of rows that are there became known. */
  onMarked(listener: () => void): () => void {
    this.#marked.add(listener);
    return () => void this.#marked.delete(listener);
  }

  noteChange(notice: ChangeNotice): void {
    const folders = affectedFolders(this.#entries.keys(), notice);
    if (folders.length > 0) for (const listener of this.#stale) listener(folders);
  }

  refreshAll(): void {
    const folders = [...this.#entries.keys()];
    for (const listener of this.#stale) listener(folders);
  }

  async #mark(entries: readonly TreeEntry[]): Promise<void> {
    const waiting = entries.filter((entry) => entry.kind !== 'folder').slice(0, markedNames);
    const work = async (): Promise<void> => {
      for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
        try {
          if (entry.kind === 'link') entry.target = await this.#fs.readlink(entry.path);
          else entry.executable = ((await this.#fs.lstat(entry.path)).mode & 0o100) !== 0;
        } catch {
          // The name is gone by now; its folder will be read again.
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    for (const listener of this.#marked) listener();
  }
}
