import { GroupCommit } from './group-commit.ts';
import type { Log } from './medium.ts';
import { JournalError } from './medium.ts';
import { fileError } from './opfs-errors.ts';
import { encodeGroup } from './opfs-groups.ts';
import type { SyncAccessHandle } from './opfs-handle.ts';
import { openSync } from './opfs-handle.ts';

/** Milliseconds after an append in which it is noticed that the file was destroyed. */
const WATCH = 250;

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
  /** The file of a rewrite that failed and may be whole all the same: it would count as the log, and hide what is appended after it. */
  #stray: string | null = null;
  /** The next look after the file. */
  #check: ReturnType<typeof setTimeout> | null = null;
  #destroyed = false;

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

  verify(): Promise<void> {
    return this.#commit.alone(async () => {
      await this.#lookAfter();
      this.#assertThere();
    });
  }

  close(): Promise<void> {
    return this.#commit.close(async () => {
      // What failed must not be found by the next who opens it.
      if (this.#untidy && !this.#destroyed) await this.#ready().catch(() => undefined);
      if (this.#check !== null) clearTimeout(this.#check);
      await this.#lookAfter();
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
    this.#assertThere();
    const { generation, groups, end } = this.#written;
    const group = encodeGroup(generation, groups, records);
    this.#check ??= setTimeout(() => {
      this.#check = null;
      void this.#lookAfter();
    }, WATCH);
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
    await this.#lookAfter();
    this.#assertThere();
    const before = this.#fileName(this.#written.generation);
    const generation = this.#written.generation + 1;
    const group = encodeGroup(generation, 0, records);
    const handle = await this.#make(this.#fileName(generation), group);
    this.#stray = null;
    // From here on the new generation is the log.
    this.#giveUp();
    this.#handle = handle;
    this.#untidy = false;
    this.#written = { generation, groups: 1, end: group.length };
    await this.#directory.removeEntry(before).catch(() => undefined);
  }

  /** Makes a file with one group. What is left of it when that fails is removed. */
  async #make(file: string, group: Uint8Array<ArrayBuffer>): Promise<SyncAccessHandle> {
    let handle: SyncAccessHandle | null = null;
    try {
      handle = await openSync(await this.#directory.getFileHandle(file, { create: true }));
      handle.truncate(0);
      put(handle, group, 0);
      return handle;
    } catch (error) {
      this.#stray = file;
      this.#untidy = true;
      try {
        handle?.close();
      } catch {
        // It was closed for us.
      }
      await this.#clear().catch(() => undefined);
      throw fileError(error);
    }
  }

  /** Removes what a rewrite that failed has left. */
  async #clear(): Promise<void> {
    if (this.#stray === null) return;
    try {
      await this.#directory.removeEntry(this.#stray);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    this.#stray = null;
  }

  /** The file as it was after the last whole group, on a handle that works. @throws JournalError LOST when it is not there any more */
  async #ready(): Promise<SyncAccessHandle> {
    const { generation, end } = this.#written;
    await this.#clear();
    const handle = this.#handle ?? (await this.#reopen(this.#fileName(generation)));
    this.#handle = handle;
    if (handle.getSize() < end) throw new JournalError('LOST', `The file of the log ${this.#name} has lost its end`);
    handle.truncate(end);
    handle.flush();
    this.#untidy = false;
    return handle;
  }

  /**
   * Looks whether the file is in its directory still: after a person has cleared what the site stored, Chromium goes on writing to it as if nothing had
   * happened, and closing its handle never comes back. So that is told with the next append, and the handle is left alone.
   */
  async #lookAfter(): Promise<void> {
    const { generation } = this.#written;
    try {
      await this.#directory.getFileHandle(this.#fileName(generation));
    } catch (error) {
      // A rewrite has put another file in its place meanwhile, or it failed for a reason that says nothing of the file.
      if (!isMissing(error) || generation !== this.#written.generation) return;
      this.#destroyed = true;
      this.#handle = null;
    }
  }

  #assertThere(): void {
    if (this.#destroyed) throw new JournalError('LOST', `The log ${this.#name} was destroyed`);
  }

  async #reopen(file: string): Promise<SyncAccessHandle> {
    try {
      return await openSync(await this.#directory.getFileHandle(file));
    } catch (error) {
      if (isMissing(error)) throw new JournalError('LOST', `The log ${this.#name} was destroyed`, error);
      throw error;
    }
  }

  /** Takes away what stands behind the last whole group. */
  #cut(): void {
    try {
      this.#handle?.truncate(this.#written.end);
      this.#handle?.flush();
      this.#untidy = this.#stray !== null;
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

function isMissing(error: unknown): boolean {
  return error instanceof Error && error.name === 'NotFoundError';
}

/** Writes a group and waits until the disk has it. */
function put(handle: SyncAccessHandle, group: Uint8Array<ArrayBuffer>, at: number): void {
  const written = handle.write(group, { at });
  if (written < group.length) throw new Error(`${written} of ${group.length} bytes were written`);
  handle.flush();
}
