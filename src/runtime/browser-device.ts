import { broadcastChannel } from '../engine/journal/broadcast.ts';
import type { Channel, Device, Locks } from '../engine/journal/device.ts';
import { IdbMedium } from '../engine/journal/idb.ts';
import type { LogMedium } from '../engine/journal/medium.ts';
import { JournalError } from '../engine/journal/medium.ts';
import { OpfsMedium } from '../engine/journal/opfs.ts';
import { openSync } from '../engine/journal/opfs-handle.ts';
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
  #opfs: Promise<boolean> | null = null;

  constructor(locks: Locks) {
    this.locks = locks;
  }

  async logs(name: string): Promise<LogMedium> {
    const idb = typeof indexedDB === 'undefined' ? null : new IdbMedium({ indexedDB, IDBKeyRange }, name);
    this.#opfs ??= opfsWorks();
    const opfs = (await this.#opfs) ? new OpfsMedium(() => directoryOf(name)) : null;
    if (opfs === null) return idb === null ? noStorage() : works(idb);
    // Only a journal from before this browser had the other medium is there.
    return idb !== null && (await IdbMedium.exists({ indexedDB, IDBKeyRange }, name).catch(() => false)) ? new TwoMedia(opfs, idb) : opfs;
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

/** Whether logs can be kept in the origin's private file system: it is tried, since some browsers have it and refuse it in private windows. */
async function opfsWorks(): Promise<boolean> {
  if (typeof FileSystemFileHandle === 'undefined' || !('createSyncAccessHandle' in FileSystemFileHandle.prototype)) return false;
  const name = `probe-${crypto.randomUUID()}`;
  try {
    const root = await navigator.storage.getDirectory();
    const directory = await root.getDirectoryHandle(DIRECTORY, { create: true });
    try {
      const handle = await openSync(await directory.getFileHandle(name, { create: true }));
      handle.write(new Uint8Array([1]), { at: 0 });
      handle.flush();
      handle.close();
      return true;
    } finally {
      await directory.removeEntry(name);
    }
  } catch {
    return false;
  }
}

async function directoryOf(name: string): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return (await root.getDirectoryHandle(DIRECTORY, { create: true })).getDirectoryHandle(name, { create: true });
}

/** The medium, if it can be asked. @throws JournalError */
async function works(medium: LogMedium): Promise<LogMedium> {
  await medium.names();
  return medium;
}

function noStorage(): never {
  throw new JournalError('IO', 'This browser has neither a private file system nor IndexedDB');
}
