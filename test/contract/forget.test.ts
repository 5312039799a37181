import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/env.ts';
import type { EngineDeps } from '../../src/engine/engine.ts';
import { IdbMedium } from '../../src/engine/journal/idb.ts';
import { memoryDevice } from '../../src/engine/journal/memory.ts';
import { browserDisk } from '../../src/runtime/browser-disk.ts';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { InProcess, noBash } from './in-process.ts';

/** What each database holds, all stores together. */
async function counts(idb: IDBFactory): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { name = '' } of await idb.databases()) {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = idb.open(name);
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(request.error ?? new Error('not opened')));
    });
    found[name] = 0;
    for (const store of database.objectStoreNames) {
      const request = database.transaction(store).objectStore(store).count();
      await new Promise((resolve) => request.addEventListener('success', resolve));
      found[name] += request.result;
    }
    database.close();
  }
  return found;
}

test('what is kept of a repo is removed from all caches, whatever name a mount gave them, and nothing else is', async () => {
  const backend = await InProcess.start(await loadNodeCore(), noBash);
  const idb = new IDBFactory();
  const disk: NonNullable<EngineDeps['disk']> = browserDisk(idb, systemClock());
  const mesa = backend.client({ disk, device: memoryDevice({ durable: true }).engine() });
  for (const name of ['app', 'lib']) {
    await mesa.repos.create({ name });
    for (const diskCache of [undefined, { path: 'files' }, { path: 'files-2' }]) {
      const fs = await mesa.fs.mount({ repos: [name], ...(diskCache === undefined ? {} : { cache: { diskCache } }) });
      await fs.writeFile(`/acme/${name}/a.txt`, 'private\n');
      await fs.sync.flush();
      await fs.readFile(`/acme/${name}/a.txt`);
      await fs.close();
    }
  }
  const before = await counts(idb);
  expect(Object.keys(before)).toHaveLength(6);
  expect(Object.values(before).every((count) => count > 0)).toBe(true);
  const scopes = [...new Set(Object.keys(before).map((name) => name.slice(name.lastIndexOf('-') + 1)))];
  for (const scope of scopes) {
    const log = await new IdbMedium({ indexedDB: idb, IDBKeyRange }, scope).open('one');
    await log.append([new Uint8Array([1])]);
    await log.close();
  }
  await mesa.forget({ repo: 'app' });
  const after = await counts(idb);
  const emptied = Object.keys(after).filter((name) => after[name] === 0);
  expect(emptied.map((name) => name.slice(0, name.lastIndexOf('-'))).toSorted()).toEqual(['files', 'files-2', 'mesafs']);
  expect(new Set(emptied.map((name) => name.slice(name.lastIndexOf('-')))).size).toBe(1);
  expect(Object.keys(after).filter((name) => !emptied.includes(name))).toHaveLength(5);
  await backend.close();
});
