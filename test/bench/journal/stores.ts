import LightningFS from '@isomorphic-git/lightning-fs';
import { configure, fs as zenfs } from '@zenfs/core';
import { IndexedDB } from '@zenfs/dom';
import { get, set } from 'idb-keyval';
import { IdbMedium } from '../../../src/engine/journal/idb.ts';
import type { LogMedium } from '../../../src/engine/journal/medium.ts';
import { openSync } from '../../../src/engine/journal/opfs-handle.ts';
import { OpfsMedium } from '../../../src/engine/journal/opfs.ts';
import { IdbDatabase } from '../../../src/engine/storage/idb-database.ts';

/** Something that small pieces of bytes are kept in, for good. New and empty each time it is opened. */
export interface Store {
  /** Keeps a piece; once it resolves the piece is there after a crash, as far as the store says that of any. */
  write(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<unknown>;
  /** Reads as many pieces as were written, as one who has just come would. Absent where that has no meaning. */
  read?(count: number): Promise<unknown>;
}

/** The ways to keep something in a browser. */
export const stores: Record<string, () => Promise<Store>> = {
  opfs: async () => {
    const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(crypto.randomUUID(), { create: true });
    return logStore(() => new OpfsMedium(async () => directory));
  },
  idb: async () => {
    const name = crypto.randomUUID();
    return logStore(() => new IdbMedium({ indexedDB, IDBKeyRange }, name));
  },
  'raw opfs': async () => {
    const handle = await openSync(await (await navigator.storage.getDirectory()).getFileHandle(crypto.randomUUID(), { create: true }));
    let at = 0;
    const write = async (_: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
      at += handle.write(bytes, { at });
      handle.flush();
    };
    return { write };
  },
  'idb-keyval': async () => {
    const store = new IdbDatabase(indexedDB, crypto.randomUUID(), { version: 1, stores: ['pieces'] }).store('pieces', 'strict');
    return { write: (index, bytes) => set(index, bytes, store), read: (count) => each(count, (index) => get(index, store)) };
  },
  'lightning-fs': async () => {
    const fs = new LightningFS(crypto.randomUUID()).promises;
    return {
      write: async (index, bytes) => {
        await fs.writeFile(`/${index}`, bytes);
        await fs.flush();
      },
      read: (count) => each(count, (index) => fs.readFile(`/${index}`)),
    };
  },
  zenfs: async () => {
    await configure({ mounts: { '/': { backend: IndexedDB, storeName: crypto.randomUUID() } } });
    return {
      write: (index, bytes) => zenfs.promises.writeFile(`/${index}`, bytes),
      read: (count) => each(count, (index) => zenfs.promises.readFile(`/${index}`)),
    };
  },
};

async function logStore(open: () => LogMedium): Promise<Store> {
  const log = await open().open('log');
  return { write: (_, bytes) => log.append([bytes]), read: () => open().read('log') };
}

async function each(count: number, read: (index: number) => Promise<unknown>): Promise<void> {
  for (let index = 0; index < count; index += 1) await read(index);
}
