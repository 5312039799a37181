import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { describe, test } from 'vitest';
import { IdbMedium } from '../../src/engine/journal/idb.ts';
import { memoryDevice } from '../../src/engine/journal/memory.ts';
import { logMediumSuite } from './log-medium.ts';

describe('memory', () => {
  logMediumSuite(test, async () => {
    const device = memoryDevice({ durable: true });
    return {
      medium: (name = 'default') => device.engine().logs(name),
      destroy: async () => device.destroy(),
      close: async () => undefined,
    };
  });
});

describe('IndexedDB', () => {
  logMediumSuite(test, async () => {
    const indexedDB = new IDBFactory();
    return {
      medium: async (name = 'default') => new IdbMedium({ indexedDB, IDBKeyRange }, name),
      destroy: () =>
        new Promise((resolve, reject) => {
          const request = indexedDB.deleteDatabase('mesafs-journal-default');
          request.addEventListener('success', () => resolve());
          request.addEventListener('error', () => reject(request.error ?? new Error('not deleted')));
        }),
      close: async () => undefined,
    };
  });
});
