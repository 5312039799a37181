import { IDBFactory } from 'fake-indexeddb';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/env.ts';
import type { MesaClient, MesaOptions } from '../../src/client/mesa.ts';
import { memoryDevice } from '../../src/engine/journal/memory.ts';
import { browserDisk } from '../../src/runtime/browser-disk.ts';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { InProcess, noBash } from './in-process.ts';

/** A browser whose pages get their tokens from a backend of their own, over the same network. */
class Browser {
  readonly backend: InProcess;
  readonly #device = memoryDevice({ durable: true });
  readonly #disk = browserDisk(new IDBFactory(), systemClock());
  readonly #values = new Map<string, unknown>();
  offline = false;

  constructor(backend: InProcess) {
    this.backend = backend;
  }

  /** A page as it is loaded; `crash` ends it. */
  page(options: MesaOptions = {}): { mesa: MesaClient; crash: () => void } {
    const device = this.#device.engine();
    let dead = false;
    const reach = (): void => {
      if (this.offline || dead) throw new TypeError('fetch failed');
    };
    const mesa = this.backend.client({
      device,
      disk: this.#disk,
      memory: { get: async (key) => this.#values.get(key), set: async (key, value) => void this.#values.set(key, value) },
      fetch: async (request) => {
        reach();
        return this.backend.fetch(request);
      },
      accessToken: async () => {
        reach();
        return (await this.backend.client().tokens.create()).token;
      },
      ...options,
    });
    const crash = (): void => {
      dead = true;
      device.crash();
    };
    return { mesa, crash };
  }
}

test.each([{ options: {} }, { options: { principal: 'ada' } }])(
  'unsent work of a page whose callback fails offline is shown when it is loaded again, and sent later ($options)',
  async ({ options }) => {
    const browser = new Browser(await InProcess.start(await loadNodeCore(), noBash));
    await browser.backend.client().repos.create({ name: 'app' });
    // A mount that is closed has kept what the next begins with.
    await (await browser.page(options).mesa.fs.mount({ repos: ['app'] })).close();
    const first = browser.page(options);
    const fs = await first.mesa.fs.mount({ repos: ['app'] });
    browser.offline = true;
    await fs.writeFile('/acme/app/b.txt', 'unsent\n');
    first.crash();
    const again = browser.page(options);
    const next = await again.mesa.fs.mount({ repos: ['app'] });
    expect(await next.readFile('/acme/app/b.txt')).toBe('unsent\n');
    expect(next.sync.status.pending).toBe(1);
    await expect(again.mesa.forget({ repo: 'app' })).rejects.toMatchObject({ code: 'EBUSY' });
    browser.offline = false;
    await next.sync.flush();
    const peer = await browser.backend.client().fs.mount({ repos: ['app'] });
    expect(await peer.readFile('/acme/app/b.txt')).toBe('unsent\n');
    await Promise.all([next.close(), peer.close()]);
    await browser.backend.close();
  },
);

test('users whose tokens one key has signed share what is kept, unless each has a principal', async () => {
  const browser = new Browser(await InProcess.start(await loadNodeCore(), noBash));
  await browser.backend.client().repos.create({ name: 'app' });
  const ada = browser.page({ principal: 'ada' });
  const fs = await ada.mesa.fs.mount({ repos: ['app'] });
  browser.offline = true;
  await fs.writeFile('/acme/app/ada.txt', 'mine\n');
  ada.crash();
  browser.offline = false;
  const bob = await browser.page({ principal: 'bob' }).mesa.fs.mount({ repos: ['app'] });
  expect(await bob.exists('/acme/app/ada.txt')).toBe(false);
  await bob.close();
  const again = await browser.page({ principal: 'ada' }).mesa.fs.mount({ repos: ['app'] });
  expect(await again.exists('/acme/app/ada.txt')).toBe(true);
  await again.close();
  await browser.backend.close();
});

test.each(['pending', 'accepted unheard'])('work of a key that was replaced is carried on by its successor, with the same principal (%s)', async (how) => {
  const { backend } = new Browser(await InProcess.start(await loadNodeCore(), noBash));
  await backend.client().repos.create({ name: 'app' });
  const peer = await backend.client().fs.mount({ repos: ['app'] });
  await peer.writeFile('/acme/app/a.txt', 'one\ntwo\nthree\n');
  await peer.sync.flush();
  const device = memoryDevice({ durable: true });
  const disk = browserDisk(new IDBFactory(), systemClock());
  let lost: 'nothing' | 'requests' | 'answers' = 'nothing';
  /** A page of the same user, with a key. */
  const page = (apiKey: string): { mesa: MesaClient; crash: () => void } => {
    const engine = device.engine();
    let dead = false;
    const fetch = async (request: Request): Promise<Response> => {
      if (lost === 'requests' || dead) throw new TypeError('fetch failed');
      const response = await backend.fetch(request);
      if ((lost === 'answers' && backend.isWrite(request)) || dead) throw new TypeError('the connection was lost');
      return response;
    };
    const crash = (): void => {
      dead = true;
      engine.crash();
    };
    return { mesa: backend.client({ apiKey, principal: 'ada', device: engine, disk, fetch }), crash };
  };
  const keys = backend.client().apiKeys;
  const old = (await keys.create({ name: 'old' })) as { key: string; id: string };
  const first = page(old.key);
  const fs = await first.mesa.fs.mount({ repos: ['app'] });
  await fs.writeFile('/acme/app/b.txt', 'sent\n');
  await fs.sync.flush();
  lost = how === 'pending' ? 'requests' : 'answers';
  await fs.writeFile('/acme/app/a.txt', 'one\nmine\nthree\n');
  if (how !== 'pending') await expect.poll(() => peer.readFile('/acme/app/a.txt')).toBe('one\nmine\nthree\n');
  first.crash();
  lost = 'nothing';
  await keys.revoke({ id: old.id });
  if (how !== 'pending') await peer.writeFile('/acme/app/a.txt', 'one\ntheirs\nthree\n');
  await peer.sync.flush();
  const { key } = (await keys.create({ name: 'new' })) as { key: string };
  const next = await page(key).mesa.fs.mount({ repos: ['app'] });
  await next.sync.flush();
  const text = how === 'pending' ? 'one\nmine\nthree\n' : 'one\ntheirs\nthree\n';
  expect([await next.readFile('/acme/app/a.txt'), await next.sync.parked()]).toEqual([text, []]);
  await expect.poll(() => peer.readFile('/acme/app/a.txt')).toBe(text);
  await Promise.all([next.close(), peer.close()]);
  await backend.close();
});
