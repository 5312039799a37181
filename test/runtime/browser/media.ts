import type { Device } from '../../../src/engine/journal/device.ts';
import { IdbMedium } from '../../../src/engine/journal/idb.ts';
import { OpfsMedium } from '../../../src/engine/journal/opfs.ts';
import { browserDevice } from '../../../src/runtime/browser-device.ts';
import type { TestFunction } from '../../contract/assert.ts';
import { equal, ok } from '../../contract/assert.ts';
import { deviceSuite } from '../../contract/device.ts';
import { bytes, logMediumSuite, text } from '../../contract/log-medium.ts';
import { opfsFaultSuite } from './opfs-faults.ts';

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
  opfsFaultSuite((name, body) => test(`OPFS: ${name}`, body));
  deviceSuite(
    (name, body) => test(`device: ${name}`, body),
    async () => ({
      engine: async () => device(),
      holder: async (lock) => {
        const worker = new Worker(new URL('./lock-holder.worker.ts', import.meta.url), { type: 'module', name: lock });
        await new Promise((resolve) => worker.addEventListener('message', resolve));
        return { crash: () => worker.terminate() };
      },
      close: async () => undefined,
    }),
  );
  test('device: a log is where it was made, in whichever medium', async () => {
    const name = crypto.randomUUID();
    const before = await new IdbMedium({ indexedDB, IDBKeyRange }, name).open('before');
    await before.append([bytes('from before')]);
    await before.close();
    const medium = await device().logs(name);
    equal(await medium.names(), ['before']);
    const log = await medium.open('before');
    await log.append([bytes('more')]);
    await log.close();
    await (await medium.open('new')).append([bytes('new')]);
    const next = await device().logs(name);
    equal((await next.names()).toSorted(), ['before', 'new']);
    equal([text(await next.read('before')), text(await next.read('new'))], [['from before', 'more'], ['new']]);
    equal(text(await new IdbMedium({ indexedDB, IDBKeyRange }, name).read('before')), ['from before', 'more']);
    await next.remove('before');
    equal(await next.names(), ['new']);
    equal(await device().persist(), false);
  });
  test('device: it asks IndexedDB for nothing that is not there', async () => {
    const name = crypto.randomUUID();
    await (await (await device().logs(name)).open('one')).append([bytes('a')]);
    const databases = await indexedDB.databases();
    ok(!databases.some((database) => database.name?.includes(name)), 'it made a database');
  });
}

function device(): Device {
  const found = browserDevice();
  if (found === null) throw new Error('there are no Web Locks here');
  return found;
}

/** Deletes a database, as another page might. */
export function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.addEventListener('success', () => resolve());
    request.addEventListener('error', () => reject(request.error ?? new Error('not deleted')));
  });
}
