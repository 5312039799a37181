import type { Log, LogMedium } from './medium.ts';
import { JournalError } from './medium.ts';
import { fileError } from './opfs-errors.ts';
import type { ScannedGroups } from './opfs-groups.ts';
import { scanGroups } from './opfs-groups.ts';
import { openSync } from './opfs-handle.ts';
import { OpfsLog } from './opfs-log.ts';

/** One file of a log: a rewrite makes the next generation. */
interface Generation {
  file: string;
  generation: number;
}

/**
 * Names of errors that pass: a file was written to or rewritten while it was read, the handle of an owner that has ended is free a moment later than its
 * lock, the directory was destroyed and is made again.
 */
const PASSING: readonly string[] = ['AbortError', 'NotReadableError', 'NotFoundError', 'InvalidStateError', 'NoModificationAllowedError'];
/** How often that is tried, and the milliseconds between two tries at most. */
const TRIES = 40;
const PAUSE = 25;

/**
 * Logs as files of the origin's private file system, in one directory: `<log>.<generation>`. The one who appends keeps a synchronous access handle, which
 * the platform gives to one at a time; needs a dedicated worker.
 *
 * A generation above 0 counts once its first group is whole; the one before is deleted only after that. So of the files of a log the latest that
 * counts is the log, and the rest is what a crash left behind.
 */
export class OpfsMedium implements LogMedium {
  readonly durable = true;
  readonly #find: () => Promise<FileSystemDirectoryHandle>;
  #directory: Promise<FileSystemDirectoryHandle> | null = null;

  /** `find` gives the directory of these logs, and makes it when it is missing. */
  constructor(find: () => Promise<FileSystemDirectoryHandle>) {
    this.#find = find;
  }

  names(): Promise<string[]> {
    return this.#within(async (directory) => [...(await generations(directory)).keys()]);
  }

  read(name: string): Promise<Uint8Array[]> {
    return this.#within((directory) => readLog(directory, name));
  }

  open(name: string): Promise<Log> {
    return this.#within((directory) => openLog(directory, name));
  }

  async remove(name: string): Promise<void> {
    const files = (await this.#within(generations)).get(name) ?? [];
    // What a crash left behind must not become the log: it goes first.
    if (files.length > 1) await (await this.open(name)).close();
    await this.#within(async (directory) => {
      for (const { file } of (await generations(directory)).get(name) ?? []) await removeFile(directory, file);
    });
  }

  async close(): Promise<void> {
    this.#directory = null;
  }

  /** Runs what works in the directory; again, in a directory that is looked up anew, while it fails for a reason that passes. */
  async #within<T>(run: (directory: FileSystemDirectoryHandle) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await run(await (this.#directory ??= this.#find()));
      } catch (error) {
        if (tries === TRIES || !(error instanceof Error && PASSING.includes(error.name))) throw fileError(error);
        this.#directory = null;
        await new Promise((resolve) => setTimeout(resolve, Math.min(tries, PAUSE)));
      }
    }
  }
}

/** The files of each log, latest first. */
async function generations(directory: FileSystemDirectoryHandle): Promise<Map<string, Generation[]>> {
  const found = new Map<string, Generation[]>();
  for await (const file of directory.keys()) {
    const [, name, generation] = /^([\w-]+)\.(\d+)$/.exec(file) ?? [];
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), { file, generation: Number(generation) }]);
  }
  for (const files of found.values()) files.sort((a, b) => b.generation - a.generation);
  return found;
}

async function readLog(directory: FileSystemDirectoryHandle, name: string): Promise<Uint8Array[]> {
  const files = (await generations(directory)).get(name) ?? [];
  for (const { file, generation } of files) {
    const handle = await directory.getFileHandle(file);
    const scanned = scanGroups(new Uint8Array(await (await handle.getFile()).arrayBuffer()), generation);
    if (counts(scanned, generation)) return wholeOf(scanned, file);
  }
  if (files.length === 0) return [];
  throw noneCounts(name);
}

async function openLog(directory: FileSystemDirectoryHandle, name: string): Promise<Log> {
  const files = (await generations(directory)).get(name) ?? [{ file: `${name}.0`, generation: 0 }];
  for (const { file, generation } of files) {
    const handle = await openSync(await directory.getFileHandle(file, { create: true }));
    try {
      const bytes = new Uint8Array(handle.getSize());
      handle.read(bytes, { at: 0 });
      const scanned = scanGroups(bytes, generation);
      if (!counts(scanned, generation)) {
        handle.close();
        continue;
      }
      wholeOf(scanned, file);
      if (scanned.end < bytes.length) {
        handle.truncate(scanned.end);
        handle.flush();
      }
      for (const other of files) if (other.file !== file) await removeFile(directory, other.file);
      return new OpfsLog(directory, name, handle, { generation, groups: scanned.groups, end: scanned.end });
    } catch (error) {
      handle.close();
      throw error;
    }
  }
  throw noneCounts(name);
}

function counts({ groups }: ScannedGroups, generation: number): boolean {
  return generation === 0 || groups > 0;
}

/** The records. @throws JournalError when some of what was whole once is not */
function wholeOf(scanned: ScannedGroups, file: string): Uint8Array[] {
  if (scanned.damaged) throw new JournalError('DAMAGED', `The log file ${file} is damaged at byte ${scanned.end}, and whole again behind`);
  return scanned.records;
}

function noneCounts(name: string): JournalError {
  return new JournalError('DAMAGED', `The log ${name} has no file that is whole`);
}

/** Removes a file that may be gone already. */
async function removeFile(directory: FileSystemDirectoryHandle, file: string): Promise<void> {
  try {
    await directory.removeEntry(file);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'NotFoundError')) throw error;
  }
}
