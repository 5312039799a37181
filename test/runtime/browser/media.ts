import { IdbMedium } from '../../../src/engine/journal/idb.ts';
import { OpfsMedium } from '../../../src/engine/journal/opfs.ts';
import type { TestFunction } from '../../contract/assert.ts';
import { logMediumSuite } from '../../contract/log-medium.ts';

/** The suites of the media a browser has: defined in the page, run in a worker. */
export function mediaSuites(test: TestFunction): void {
  logMediumSuite(
    (name, body) => test(`OPFS: ${name}`, body),
    async () => {
      const root = await navigator.storage.getDirectory();
      const own = crypto.randomUUID();
      return {
        medium: async (name = 'default') =>
          new OpfsMedium(async () => (await root.getDirectoryHandle(own, { create: true })).getDirectoryHandle(name, { create: true })),
        close: async () => undefined,
      };
    },
  );
  logMediumSuite(
    (name, body) => test(`IndexedDB: ${name}`, body),
    async () => {
      const own = crypto.randomUUID();
      return {
        medium: async (name = 'default') => new IdbMedium({ indexedDB, IDBKeyRange }, `${own}-${name}`),
        destroy: () => deleteDatabase(`mesafs-journal-${own}-default`),
        close: async () => undefined,
      };
    },
  );
}

/** Deletes a database, as another page might. */
export function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.addEventListener('success', () => resolve());
    request.addEventListener('error', () => reject(request.error ?? new Error('not deleted')));
  });
}
