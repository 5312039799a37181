import { IDBFactory } from 'fake-indexeddb';
import { test } from 'vitest';
import { systemClock } from '../../src/base/env.ts';
import { openIdbCache } from '../../src/engine/cache/idb.ts';
import { memoryDevice } from '../../src/engine/journal/memory.ts';
import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { equal, ok, until } from './assert.ts';
import { InProcess, noBash } from './in-process.ts';
import { Laptop, rest } from './laptop.ts';
import { live } from './world.ts';

/** Repos that are deleted, renamed, or made again under their name while they are mounted. */

async function inWorld(repos: string[], body: (backend: InProcess, peer: MesaFileSystem) => Promise<void>): Promise<void> {
  const backend = await InProcess.start(await loadNodeCore(), noBash);
  const mesa = backend.client();
  for (const name of repos) await mesa.repos.create({ name });
  const peer = await backend.client().fs.mount({ repos: ['app'] });
  await peer.writeFile('/acme/app/a', 'one');
  try {
    await body(backend, peer);
    equal(backend.logged, []);
  } finally {
    await peer.close();
    await backend.close();
  }
}

const reads = (fs: MesaFileSystem, path: string, text: string): Promise<void> =>
  until(async () => (await fs.exists(path)) && (await fs.readFile(path)) === text, `${path} is ${text}`);

for (const [what, end] of [
  ['is deleted', async (backend: InProcess) => void (await backend.client().repos.delete({ repo: 'gone' }))],
  ['has another name', async (backend: InProcess) => void (await backend.client().repos.update({ repo: 'gone', name: 'renamed' }))],
] as const) {
  test(`a repo that ${what} does not silence the others, in no tab, and is told of`, () =>
    inWorld(['app', 'gone'], async (backend, peer) => {
      const device = memoryDevice();
      const mount = (): Promise<MesaFileSystem> => backend.client({ device: device.engine() }).fs.mount({ repos: ['gone', 'app'] });
      const tabs = [await mount(), await mount()];
      for (const fs of tabs) await live(fs);
      await end(backend);
      for (const fs of tabs) await until(() => fs.sync.status.error?.code === 'REPO_NOT_FOUND', 'it is told that a repo is gone');
      await peer.writeFile('/acme/app/a', 'two');
      for (const fs of tabs) {
        await reads(fs, '/acme/app/a', 'two');
        await live(fs);
        ok(fs.sync.status.error?.message.includes('"gone"'), fs.sync.status.error?.message);
      }
      for (const fs of tabs) await fs.close();
    }));
}

test('a repo that is made again under its name is followed from then on', () =>
  inWorld(['app'], async (backend, peer) => {
    for (let count = 0; count < 20; count += 1) await peer.writeFile('/acme/app/a', `${count}`);
    const fs = await backend.client().fs.mount({ repos: ['app'] });
    await live(fs);
    const mesa = backend.client();
    // Its stream is away while that happens.
    backend.intercept = ({ url }) => (url.includes('/-/events') ? new Response(null, { status: 503 }) : null);
    await mesa.repos.delete({ repo: 'app' });
    await until(() => fs.sync.status.error?.code === 'REPO_NOT_FOUND', 'it is told that the repo is gone');
    await mesa.repos.create({ name: 'app' });
    backend.intercept = null;
    await until(async () => !(await fs.exists('/acme/app/a')), 'the new repo is shown');
    await fs.writeFile('/acme/app/mine', 'mine');
    await fs.sync.flush();
    equal(await fs.readFile('/acme/app/mine'), 'mine');
    const other = await mesa.fs.mount({ repos: ['app'] });
    equal(await other.readFile('/acme/app/mine'), 'mine');
    await other.writeFile('/acme/app/theirs', 'theirs');
    await reads(fs, '/acme/app/theirs', 'theirs');
    // Its bookmark is followed too, though it moves at lower numbers than the old one did.
    const { changeOid } = await other.change.new({ repo: 'app', bookmark: 'main' });
    await other.writeFile('/acme/app/later', 'later');
    await other.bookmark.move({ repo: 'app', name: 'main', changeId: changeOid });
    await reads(fs, '/acme/app/later', 'later');
    await other.close();
    await fs.close();
  }));

test('what is written to a repo that is made again is read at once, whenever its events are heard again', () =>
  inWorld(['app', 'gone'], async (backend) => {
    const mesa = backend.client();
    const fs = await mesa.fs.mount({ repos: ['app', 'gone'] });
    for (let count = 0; count < 5; count += 1) await fs.writeFile('/acme/gone/a', `${count}`);
    await live(fs);
    backend.takeRequests();
    await mesa.repos.delete({ repo: 'gone' });
    await until(() => fs.sync.status.error?.code === 'REPO_NOT_FOUND', 'it is told that the repo is gone');
    await until(() => backend.requests.filter(({ path }) => path.includes('/-/events')).length >= 2, 'the stream leaves it out');
    await live(fs);
    await mesa.repos.create({ name: 'gone' });
    await fs.writeFile('/acme/gone/b', 'mine');
    await fs.sync.flush();
    equal([await fs.readdir('/acme/gone'), await fs.readFile('/acme/gone/b'), fs.sync.status.error], [['b'], 'mine', undefined]);
    await fs.close();
  }));

test('a repo that is made again is what the next page begins with, though the one before cannot be read any more', () =>
  inWorld(['app'], async (backend, peer) => {
    await peer.mkdir('/acme/app/src');
    await peer.writeFile('/acme/app/src/old', 'old');
    const laptop = new Laptop(backend, openIdbCache(new IDBFactory(), systemClock()));
    // What is below the root stays unread.
    const before = await laptop.tab();
    await rest();
    await before.fs.close();
    const mesa = backend.client();
    await mesa.repos.delete({ repo: 'app' });
    await mesa.repos.create({ name: 'app' });
    const other = await mesa.fs.mount({ repos: ['app'] });
    await other.mkdir('/acme/app/src');
    await other.writeFile('/acme/app/src/new', 'new');
    await other.close();
    const { fs } = await laptop.tab();
    equal(await fs.readdir('/acme/app/src'), ['new']);
    await rest();
    await fs.close();
    laptop.offline = true;
    const next = await laptop.tab();
    equal(await next.fs.readdir('/acme/app/src'), ['new']);
    await next.fs.close();
  }));
