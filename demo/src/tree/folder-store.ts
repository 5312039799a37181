import type { ChangeNotice, DirectoryEntry, WorkspaceFs } from '../workspace/client.ts';
import { affectedFolders, toEntries, type TreeEntry } from './entries.ts';

/** Beyond this many names of one folder, marks (executable, where a link points) are left out. */
const markedNames = 400;
const atOnce = 8;

/** The folders the tree has read, and who wants to know when one should be read again. */
export class FolderStore {
  readonly #fs: WorkspaceFs;
  readonly #entries = new Map<string, TreeEntry[]>();
  /** Folders that couldn't be read: nothing is known of what is in them. */
  readonly #failed = new Set<string>();
  readonly #stale = new Set<(folders: readonly string[]) => void>();
  readonly #marked = new Set<() => void>();

  constructor(fs: WorkspaceFs) {
    this.#fs = fs;
  }

  /** Reads a folder. The rows are there at once; their marks follow. One that couldn't be read is read again with the next reason to. */
  async read(folder: string): Promise<TreeEntry[]> {
    const entries = toEntries(folder, await this.#list(folder));
    const before = new Map(this.#entries.get(folder)?.map((entry) => [entry.path, entry]));
    for (const entry of entries) {
      const known = before.get(entry.path);
      if (known?.kind === entry.kind) Object.assign(entry, { executable: known.executable, target: known.target });
    }
    this.#entries.set(folder, entries);
    void this.#mark(entries);
    return entries;
  }

  /** Whether the last try to read a folder failed. */
  failed(folder: string): boolean {
    return this.#failed.has(folder);
  }

  entries(folder: string): readonly TreeEntry[] {
    return this.#entries.get(folder) ?? [];
  }

  /** Says that a folder is folded away and needn't be kept up to date. */
  forget(folder: string): void {
    this.#entries.delete(folder);
    this.#failed.delete(folder);
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
    this.#announce(affectedFolders(this.#asked(), notice));
  }

  refreshAll(): void {
    this.#announce([...this.#asked()]);
  }

  /** Lets what couldn't be read be read again: once the server can be reached. */
  retryFailed(): void {
    this.#announce([...this.#failed]);
  }

  #asked(): Set<string> {
    return new Set([...this.#entries.keys(), ...this.#failed]);
  }

  #announce(folders: readonly string[]): void {
    if (folders.length > 0) for (const listener of this.#stale) listener(folders);
  }

  async #list(folder: string): Promise<DirectoryEntry[]> {
    try {
      const names = await this.#fs.readdirWithFileTypes(folder);
      this.#failed.delete(folder);
      return names;
    } catch (error) {
      this.#failed.add(folder);
      throw error;
    }
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
