import { broadcastChannel } from '../engine/journal/broadcast.ts';
import type { Channel, Device, Locks } from '../engine/journal/device.ts';
import { IdbMedium } from '../engine/journal/idb.ts';
import { ifMade } from '../engine/journal/if-made.ts';
import type { LogMedium } from '../engine/journal/medium.ts';
import { JournalError } from '../engine/journal/medium.ts';
import { OpfsMedium } from '../engine/journal/opfs.ts';
import { openSync } from '../engine/journal/opfs-handle.ts';
import { readOnly } from '../engine/journal/read-only.ts';
import { TwoMedia } from '../engine/journal/two-media.ts';
import { WebLocks } from '../engine/journal/web-locks.ts';

/** Where in the origin's private file system the logs are, a directory for each name. */
const DIRECTORY = 'mesafs-journal';

/** What a browser shares among the tabs of an origin. Without Web Locks, which only pages served over https or from localhost have, it is `null`. */
export function browserDevice(): Device | null {
  return typeof navigator !== 'undefined' && navigator.locks !== undefined ? new BrowserDevice(new WebLocks(navigator.locks)) : null;
}

class BrowserDevice implements Device {
  readonly locks: Locks;
  #access: Promise<Access> | null = null;

  constructor(locks: Locks) {
    this.locks = locks;
  }

  async logs(name: string): Promise<LogMedium> {
    const idb = typeof indexedDB === 'undefined' ? null : new IdbMedium({ indexedDB, IDBKeyRange }, name);
    this.#access ??= opfsAccess();
    const access = await this.#access;
    const opfs = new OpfsMedium(() => directoryOf(name));
    // Journals of pages are there, and those from before this browser had the other medium.
    if (access === 'write')
      return idb === null
        ? opfs
        : new TwoMedia(
            opfs,
            ifMade(idb, () => IdbMedium.exists({ indexedDB, IDBKeyRange }, name).catch(() => false)),
          );
    if (idb === null) return noStorage();
    // It fails here where it can't be asked.
    await idb.names();
    return access === 'read' ? new TwoMedia(idb, readOnly(opfs), true) : idb;
  }

  channel(name: string): Channel {
    return broadcastChannel(name);
  }

  async persist(): Promise<boolean> {
    try {
      // A worker can only ask whether it is; the page asks for it.
      return (await navigator.storage.persisted()) || (typeof navigator.storage.persist === 'function' && (await navigator.storage.persist()));
    } catch {
      return false;
    }
  }
}

/** What can be done with logs in the origin's private file system: `read` where files can't be opened for writing, as in a page. */
type Access = 'write' | 'read' | 'none';

/** Names of errors with which it is refused for good; others, as that there is no room, pass. */
const REFUSALS: readonly string[] = ['TypeError', 'SecurityError', 'NotAllowedError', 'NotSupportedError'];

/** Tries what can be done there, since some browsers have it and refuse it in private windows. It takes no room. */
async function opfsAccess(): Promise<Access> {
  if (typeof FileSystemFileHandle === 'undefined') return 'none';
  const most = 'createSyncAccessHandle' in FileSystemFileHandle.prototype ? 'write' : 'read';
  let refused: Access = 'none';
  try {
    const directory = await rootOf();
    refused = 'read';
    if (most === 'write') await tryHandle(directory);
    return most;
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    // Safari says of its private windows that the reason is unknown.
    return REFUSALS.includes(name) || (refused === 'none' && name === 'UnknownError') ? refused : most;
  }
}

async function tryHandle(directory: FileSystemDirectoryHandle): Promise<void> {
  const name = `probe-${crypto.randomUUID()}`;
  try {
    (await openSync(await directory.getFileHandle(name, { create: true }))).close();
  } finally {
    await directory.removeEntry(name).catch(() => undefined);
  }
}

/** Where all logs are. */
async function rootOf(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(DIRECTORY, { create: true });
}

async function directoryOf(name: string): Promise<FileSystemDirectoryHandle> {
  return (await rootOf()).getDirectoryHandle(name, { create: true });
}

function noStorage(): never {
  throw new JournalError('IO', 'This browser has neither a private file system nor IndexedDB');
}
