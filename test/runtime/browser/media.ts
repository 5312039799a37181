import type { Device } from '../../../src/engine/journal/device.ts';
import { IdbMedium } from '../../../src/engine/journal/idb.ts';
import type { SyncAccessHandle } from '../../../src/engine/journal/opfs-handle.ts';
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
  test('device: what an engine in a page makes later is found, and looking for it makes nothing', async () => {
    const name = crypto.randomUUID();
    const medium = await device().logs(name);
    equal([await medium.names(), await medium.read('late')], [[], []]);
    ok(!(await indexedDB.databases()).some((database) => database.name?.includes(name)), 'looking made a database');
    const log = await new IdbMedium({ indexedDB, IDBKeyRange }, name).open('late');
    await log.append([bytes('of a page')]);
    equal([await medium.names(), text(await medium.read('late'))], [['late'], ['of a page']]);
    await log.close();
    await medium.remove('late');
    equal(await medium.names(), []);
  });
  test('device: where there is no room when an engine begins, what was kept is found all the same', async () => {
    const name = crypto.randomUUID();
    const log = await (await device().logs(name)).open('kept');
    await log.append([bytes('unsent')]);
    await log.close();
    const full = await withHandles(
      async () => Promise.reject(new DOMException('planned', 'QuotaExceededError')),
      () => device().logs(name),
    );
    equal([await full.names(), text(await full.read('kept'))], [['kept'], ['unsent']]);
    await (await full.open('new')).append([bytes('again')]);
    equal((await (await device().logs(name)).names()).toSorted(), ['kept', 'new'], 'the next one is in the same medium');
  });
  test('device: it is tried without a write, and nothing is left of that', async () => {
    const without = async (file: FileSystemFileHandle, open: OpenHandle): Promise<SyncAccessHandle> => {
      const handle = await open.call(file);
      handle.write = () => {
        throw new DOMException('planned', 'QuotaExceededError');
      };
      return handle;
    };
    const name = crypto.randomUUID();
    const found = await withHandles(without, () => device().logs(name));
    await (await found.open('one')).append([bytes('a')]);
    ok(!(await indexedDB.databases()).some((database) => database.name?.includes(name)), 'it went to IndexedDB');
    const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle('mesafs-journal');
    const left: string[] = [];
    for await (const file of directory.keys()) if (file.startsWith('probe-')) left.push(file);
    equal(left, []);
  });
  test('device: where files can’t be opened for writing, what is kept in them is read, and what is new goes to IndexedDB', async () => {
    const name = crypto.randomUUID();
    const log = await (await device().logs(name)).open('kept');
    await log.append([bytes('unsent')]);
    await log.close();
    const refuse = async (): Promise<never> => Promise.reject(new DOMException('planned', 'NotAllowedError'));
    await withHandles(refuse, async () => {
      const found = await device().logs(name);
      await (await found.open('new')).append([bytes('new')]);
      equal([(await found.names()).toSorted(), text(await found.read('kept'))], [['kept', 'new'], ['unsent']]);
      equal(text(await new IdbMedium({ indexedDB, IDBKeyRange }, name).read('new')), ['new']);
    });
  });
  test('device: it asks IndexedDB for nothing that is not there', async () => {
    const name = crypto.randomUUID();
    await (await (await device().logs(name)).open('one')).append([bytes('a')]);
    const databases = await indexedDB.databases();
    ok(!databases.some((database) => database.name?.includes(name)), 'it made a database');
  });
}

type OpenHandle = () => Promise<SyncAccessHandle>;

/** Runs something while files are opened for writing in another way. */
async function withHandles<T>(how: (file: FileSystemFileHandle, open: OpenHandle) => Promise<SyncAccessHandle>, run: () => Promise<T>): Promise<T> {
  const prototype = FileSystemFileHandle.prototype as FileSystemFileHandle & { createSyncAccessHandle: OpenHandle };
  const open = prototype.createSyncAccessHandle;
  prototype.createSyncAccessHandle = function createSyncAccessHandle(this: FileSystemFileHandle): Promise<SyncAccessHandle> {
    return how(this, open);
  };
  try {
    return await run();
  } finally {
    prototype.createSyncAccessHandle = open;
  }
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
