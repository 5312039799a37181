import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MesaClient } from '../../../src/client/mesa.ts';
import { loadCore } from '../../../src/core/load.ts';
import type { PageEngine } from '../../../src/runtime/watched.ts';
import { watched } from '../../../src/runtime/watched.ts';
import { pagePlatform } from '../../../src/runtime/spawn.ts';
import { InProcess } from '../../contract/in-process.ts';

let online = true;
beforeEach(() => void vi.spyOn(navigator, 'onLine', 'get').mockImplementation(() => online));
afterEach(() => {
  online = true;
  vi.restoreAllMocks();
});

/** What a page hears when its network goes or comes. */
function network(isThere: boolean): void {
  online = isThere;
  dispatchEvent(new Event(isThere ? 'online' : 'offline'));
}

test('a client with a fetch of its own hears that the network is gone and back, for as long as it has a mount', async () => {
  const backend = await InProcess.start(await loadCore(), () => Promise.reject(new Error('unused')));
  await backend.client().repos.create({ name: 'app' });
  const noWorker = (): never => {
    throw new Error('its engine is in the page');
  };
  const options = { org: 'acme', apiUrl: 'http://backend.test/v1', apiKey: backend.adminKey, fetch: (request: Request) => backend.fetch(request) };
  const mesa = new MesaClient(options, pagePlatform(noWorker));
  const fs = await mesa.fs.mount({ repos: ['app'] });
  await fs.writeFile('/acme/app/a', 'a');
  await fs.sync.flush();
  network(false);
  await expect.poll(() => fs.sync.status.state).toBe('offline');
  await fs.writeFile('/acme/app/b', 'b');
  expect(fs.sync.status).toMatchObject({ state: 'offline', pending: 1 });
  network(true);
  await expect.poll(() => fs.sync.status).toMatchObject({ pending: 0 });
  await fs.close();
  network(false);
  const late = await mesa.fs.mount({ repos: ['app'] });
  expect(late.sync.status.state).toBe('offline');
  network(true);
  await expect.poll(() => late.sync.status.state).toBe('live');
  await late.close();
  await mesa.forget({ repo: 'app' });
  await backend.close();
});

test('where a page may keep nothing, that is found out by who asks for it, and is no end of anything', async () => {
  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('not in this frame', 'SecurityError');
  });
  const { memory } = pagePlatform(() => Promise.reject(new Error('unused')) as never);
  await expect(memory?.get('a')).rejects.toThrow('not in this frame');
  await expect(memory?.set('a', 1)).rejects.toThrow('not in this frame');
});

test('an engine is told of the network and of the page being seen from its first mount to the end of its last', async () => {
  const told: unknown[] = [];
  let last = 0;
  let failing = false;
  const inWorker = {
    openMount: async () => {
      if (failing) throw new Error('no such repo');
      return (last += 1);
    },
    closeMount: async () => ({ pending: 0 }),
    call: () => Promise.reject(new Error('unused')),
    cancel: async () => undefined,
    status: () => Promise.reject(new Error('unused')),
    resume: async () => void told.push('seen'),
    forget: async () => undefined,
  };
  const engine: PageEngine = { ...inWorker, network: (isThere) => told.push(isThere) };
  const spec = {} as Parameters<PageEngine['openMount']>[0];
  const ports = {} as Parameters<PageEngine['openMount']>[1];
  const page = watched(engine);
  const all = (): unknown[] => {
    told.length = 0;
    network(false);
    network(true);
    document.dispatchEvent(new Event('visibilitychange'));
    return told;
  };
  expect(all()).toEqual([]);
  failing = true;
  await expect(page.openMount(spec, ports)).rejects.toThrow('no such repo');
  expect(all()).toEqual([]);
  failing = false;
  const mounts = [await page.openMount(spec, ports), await page.openMount(spec, ports)];
  expect(all()).toEqual([false, true, 'seen']);
  for (const [index, mount] of mounts.entries()) {
    await page.closeMount(mount);
    await page.closeMount(mount);
    expect(all()).toEqual(index === 0 ? [false, true, 'seen'] : []);
  }
  online = false;
  await page.openMount(spec, ports);
  expect(told).toEqual([false]);
  await page.closeMount(last);
  // One in a worker hears of the network itself, but not in every browser: it tries at once what waits.
  const beside = watched(inWorker);
  expect(all()).toEqual([]);
  await beside.openMount(spec, ports);
  expect(all()).toEqual(['seen', 'seen']);
  await beside.closeMount(last);
  expect(all()).toEqual([]);
});
