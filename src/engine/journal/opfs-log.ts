import { GroupCommit } from './group-commit.ts';
import type { Log } from './medium.ts';
import { JournalError } from './medium.ts';
import { fileError } from './opfs-errors.ts';
import { encodeGroup } from './opfs-groups.ts';
import type { SyncAccessHandle } from './opfs-handle.ts';
import { openSync } from './opfs-handle.ts';

/** How far a log's file is written. */
interface Written {
  generation: number;
  groups: number;
  end: number;
}

/** A log that is open: a file whose handle is kept. A group is one write and one flush. */
export class OpfsLog implements Log {
  readonly #directory: FileSystemDirectoryHandle;
  readonly #name: string;
  readonly #commit: GroupCommit;
  readonly #tasks = new MessageChannel();
  /** `null` after a failure that may be its fault: it is opened again. */
  #handle: SyncAccessHandle | null;
  #written: Written;
  /** Whether something may stand behind the last whole group. */
  #untidy = false;

  constructor(directory: FileSystemDirectoryHandle, name: string, handle: SyncAccessHandle, written: Written) {
    this.#directory = directory;
    this.#name = name;
    this.#handle = handle;
    this.#written = written;
    this.#commit = new GroupCommit({ write: (records) => this.#append(records), soon: (callback) => this.#nextTask(callback) });
  }

  get size(): number {
    return this.#written.end;
  }

  append(records: readonly Uint8Array[]): Promise<void> {
    return this.#commit.append(records);
  }

  rewrite(records: readonly Uint8Array[]): Promise<void> {
    return this.#commit.alone(() => this.#rewrite(records));
  }

  close(): Promise<void> {
    return this.#commit.close(async () => {
      // What failed must not be found by the next who opens it.
      if (this.#untidy) await this.#ready().catch(() => undefined);
      this.#giveUp();
      this.#tasks.port1.close();
    });
  }

  /** Calls back once the messages that have arrived already are dealt with: what they append is written together. */
  #nextTask(callback: () => void): void {
    this.#tasks.port1.addEventListener('message', callback, { once: true });
    this.#tasks.port1.start();
    this.#tasks.port2.postMessage(null);
  }

  async #append(records: readonly Uint8Array[]): Promise<void> {
    const { generation, groups, end } = this.#written;
    const group = encodeGroup(generation, groups, records);
    for (let again = false; ; again = true) {
      try {
        put(this.#handle !== null && !this.#untidy ? this.#handle : await this.#ready(), group, end);
        this.#written = { generation, groups: groups + 1, end: end + group.length };
        return;
      } catch (error) {
        const reason = fileError(error);
        this.#untidy = true;
        if (reason.code === 'QUOTA') this.#cut();
        else this.#giveUp();
        if (again || reason.code !== 'IO') throw reason;
      }
    }
  }

  async #rewrite(records: readonly Uint8Array[]): Promise<void> {
    const generation = this.#written.generation + 1;
    const before = this.#fileName(this.#written.generation);
    const file = this.#fileName(generation);
    const group = encodeGroup(generation, 0, records);
    let handle: SyncAccessHandle | null = null;
    try {
      handle = await openSync(await this.#directory.getFileHandle(file, { create: true }));
      handle.truncate(0);
      put(handle, group, 0);
    } catch (error) {
      handle?.close();
      await this.#directory.removeEntry(file).catch(() => undefined);
      throw fileError(error);
    }
    // From here on the new generation is the log.
    this.#giveUp();
    this.#handle = handle;
    this.#untidy = false;
    this.#written = { generation, groups: 1, end: group.length };
    await this.#directory.removeEntry(before).catch(() => undefined);
  }

  /** The file as it was after the last whole group, on a handle that works. @throws JournalError LOST when it is not there any more */
  async #ready(): Promise<SyncAccessHandle> {
    const { generation, end } = this.#written;
    const handle = this.#handle ?? (await this.#reopen(this.#fileName(generation)));
    this.#handle = handle;
    if (handle.getSize() < end) throw new JournalError('LOST', `The file of the log ${this.#name} has lost its end`);
    handle.truncate(end);
    handle.flush();
    this.#untidy = false;
    return handle;
  }

  async #reopen(file: string): Promise<SyncAccessHandle> {
    try {
      return await openSync(await this.#directory.getFileHandle(file));
    } catch (error) {
      if (error instanceof Error && error.name === 'NotFoundError') throw new JournalError('LOST', `The log ${this.#name} was destroyed`, error);
      throw error;
    }
  }

  /** Takes away what stands behind the last whole group. */
  #cut(): void {
    try {
      this.#handle?.truncate(this.#written.end);
      this.#handle?.flush();
      this.#untidy = false;
    } catch {
      this.#giveUp();
    }
  }

  #giveUp(): void {
    try {
      this.#handle?.close();
    } catch {
      // It was closed for us.
    }
    this.#handle = null;
  }

  #fileName(generation: number): string {
    return `${this.#name}.${generation}`;
  }
}

/** Writes a group and waits until the disk has it. */
function put(handle: SyncAccessHandle, group: Uint8Array<ArrayBuffer>, at: number): void {
  const written = handle.write(group, { at });
  if (written < group.length) throw new Error(`${written} of ${group.length} bytes were written`);
  handle.flush();
}
