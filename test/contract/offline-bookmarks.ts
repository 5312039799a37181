import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, fails, until } from './assert.ts';
import { current, rest } from './laptop.ts';
import type { Laptop, RunOnLaptop, Tab } from './laptop.ts';

const ROOT = '/acme/app';
const FILE = `${ROOT}/src/a.txt`;
const BEGUN = 'one\ntwo\nthree\n';

/** A tab at the bookmark, and a change beside it that a peer has written into; events take their time from here on. */
async function besideTheirs(laptop: Laptop, peer: MesaFileSystem): Promise<{ fs: MesaFileSystem; changeOid: string }> {
  const { fs } = await laptop.tab();
  await fs.readFile(FILE);
  await until(() => fs.sync.status.state === 'live', 'it listens');
  const { changeOid } = await peer.change.new({ repo: 'app', bookmark: 'main' });
  await peer.writeFile(FILE, 'theirs\n');
  await peer.sync.flush();
  laptop.eventsTake = 1_000;
  return { fs, changeOid };
}

/** Where bookmarks stand that are made, moved and deleted, and what is written by their names. Of backends with live endpoints. */
export function bookmarksSuite(run: RunOnLaptop): void {
  for (const allowBackwards of [true, false])
    run(`who moves the bookmark that is followed${allowBackwards ? '' : ', forwards only,'} is there`, async (laptop, peer) => {
      const { fs, changeOid } = await besideTheirs(laptop, peer);
      await fs.bookmark.move({ repo: 'app', name: 'main', changeId: changeOid, allowBackwards });
      equal([await current(fs), await fs.readFile(FILE)], [changeOid, 'theirs\n']);
    });

  run('what is written right after the bookmark was moved is no conflict with what was there', async (laptop, peer) => {
    const { fs, changeOid } = await besideTheirs(laptop, peer);
    await fs.bookmark.move({ repo: 'app', name: 'main', changeId: changeOid });
    await fs.writeFile(FILE, 'mine\n');
    await until(async () => (await peer.readFile(FILE)) !== 'theirs\n', 'it arrives');
    for (const each of [fs, peer]) equal([await each.readFile(FILE), await each.conflicts({ repo: 'app' })], ['mine\n', []]);
  });

  run('a bookmark that was moved is found where it was moved, without a network', async (laptop) => {
    const { fs } = await laptop.tab();
    await fs.readFile(FILE);
    await fs.bookmark.create({ repo: 'app', name: 'feature' });
    // It is noted where it is now.
    const two = await laptop.tab({ repos: [{ name: 'app', bookmark: 'feature' }] });
    await two.fs.readFile(FILE);
    await rest(2);
    await two.fs.close();
    const { changeOid } = await fs.change.new({ repo: 'app', bookmark: 'main' });
    await fs.writeFile(FILE, 'in the change\n');
    await fs.sync.flush();
    await rest(2);
    await fs.bookmark.move({ repo: 'app', name: 'feature', changeId: changeOid });
    laptop.offline = true;
    await until(() => !fs.sync.status.online, 'it knows');
    equal(await fs.change.edit({ repo: 'app', bookmark: 'feature' }), { changeOid });
    equal(await fs.readFile(FILE), 'in the change\n');
  });

  run('what is written after the bookmark was moved without a network is no conflict with what was there', async (laptop, peer) => {
    const { changeOid } = await peer.change.new({ repo: 'app', bookmark: 'main' });
    await peer.writeFile(FILE, 'theirs\n');
    await peer.sync.flush();
    const { fs: one } = await laptop.tab();
    await one.readFile(FILE);
    await one.change.edit({ repo: 'app', changeId: changeOid });
    await one.readFile(FILE);
    await rest(2);
    await one.close();
    const { fs } = await laptop.tab();
    await fs.readFile(FILE);
    await rest(2);
    laptop.offline = true;
    await until(() => !fs.sync.status.online, 'it knows');
    await fs.bookmark.move({ repo: 'app', name: 'main', changeId: changeOid });
    equal(await fs.readFile(FILE), 'theirs\n');
    await fs.appendFile(FILE, 'mine\n');
    await laptop.online(fs);
    await until(async () => (await peer.readFile(FILE)) !== 'theirs\n', 'it arrives');
    equal([await peer.readFile(FILE), await peer.conflicts({ repo: 'app' })], ['theirs\nmine\n', []]);
  });

  run('bookmarks that are made and moved without a network are found where they are', async (laptop) => {
    const { fs } = await laptop.tab();
    await fs.readFile(FILE);
    await rest();
    laptop.offline = true;
    await until(() => !fs.sync.status.online, 'it knows');
    await fs.bookmark.create({ repo: 'app', name: 'feature' });
    const { changeOid } = await fs.change.new({ repo: 'app', bookmark: 'main' });
    await fs.writeFile(FILE, 'in the change\n');
    await fs.bookmark.move({ repo: 'app', name: 'main', changeId: changeOid });
    equal(await fs.change.edit({ repo: 'app', bookmark: 'main' }), { changeOid });
    equal(await fs.readFile(FILE), 'in the change\n');
    await fs.change.edit({ repo: 'app', bookmark: 'feature' });
    equal(await fs.readFile(FILE), BEGUN);
  });

  run('that the bookmark that is followed was deleted is told, and that it is there again', async (laptop, peer) => {
    await peer.bookmark.create({ repo: 'app', name: 'feature' });
    const { fs } = await laptop.tab({ repos: [{ name: 'app', bookmark: 'feature' }] });
    await fs.readFile(FILE);
    await until(() => fs.sync.status.state === 'live', 'it listens');
    const mesa = laptop.backend.client();
    await mesa.bookmarks.delete({ repo: 'app', bookmark: 'feature' });
    await until(() => fs.sync.status.error?.code === 'BOOKMARK_NOT_FOUND', 'the mount says so');
    await fs.writeFile(FILE, 'lost\n');
    await until(() => fs.sync.status.parked === 1, 'what is written is parked');
    await rest();
    equal(fs.sync.status.error?.code, 'BOOKMARK_NOT_FOUND');
    await mesa.bookmarks.create({ repo: 'app', name: 'feature', change_id: await current(peer) });
    await until(() => fs.sync.status.error === undefined, 'the mount says so');
    await fs.writeFile(FILE, 'mine\n');
    await fs.sync.flush();
    await peer.change.edit({ repo: 'app', bookmark: 'feature' });
    equal([await fs.readFile(FILE), await peer.readFile(FILE), fs.sync.status.parked], ['mine\n', 'mine\n', 1]);
  });

  run('what the backend has of a bookmark need not be kept', async (laptop) => {
    const { fs, mesa } = await laptop.tab();
    await fs.readFile(FILE);
    await rest();
    await fs.bookmark.create({ repo: 'app', name: 'feature' });
    await fs.sync.flush();
    await rest();
    equal(await fs.close(), { pending: 0 });
    await mesa.forget({ repo: 'app' });
  });

  // Where another bookmark stands at the change, the first write by name makes a change of its own.
  run('after a reload without a network a bookmark is not made where the work may not be', async (laptop, peer) => {
    const { fs, crash } = await unsentBeside(laptop, peer);
    await fails(fs.bookmark.create({ repo: 'app', name: 'release' }), { code: 'UNAVAILABLE' });
    crash();
    const { fs: next } = await laptop.tab();
    equal(await next.readFile(FILE), 'mine\n');
    await fails(next.bookmark.create({ repo: 'app', name: 'release' }), { code: 'UNAVAILABLE' });
  });

  run('after a reload a bookmark is made where the work is that was left', async (laptop, peer) => {
    const { crash } = await unsentBeside(laptop, peer);
    crash();
    laptop.offline = false;
    const { fs: next } = await laptop.tab();
    equal(await next.readFile(FILE), 'mine\n');
    await next.bookmark.create({ repo: 'app', name: 'release' });
    await peer.change.edit({ repo: 'app', bookmark: 'release' });
    equal(await peer.readFile(FILE), 'mine\n');
  });

  run('a bookmark is made where the work of another tab is that is shown', async (laptop, peer) => {
    const { backend } = laptop;
    await peer.bookmark.create({ repo: 'app', name: 'kept' });
    const [{ fs: one }, { fs: two }] = [await laptop.tab(), await laptop.tab()];
    for (const fs of [one, two]) await fs.readFile(FILE);
    const held = Promise.withResolvers<null>();
    let writes = 0;
    backend.intercept = (request) => (backend.isWrite(request) && (writes += 1) === 1 ? held.promise : null);
    await one.writeFile(FILE, 'mine\n');
    await until(async () => (await two.readFile(FILE)) === 'mine\n', 'the other tab shows it');
    const made = two.bookmark.create({ repo: 'app', name: 'release' });
    await rest();
    held.resolve(null);
    await made;
    await peer.change.edit({ repo: 'app', bookmark: 'release' });
    equal(await peer.readFile(FILE), 'mine\n');
  });

  run('work by the default bookmark does not go to the one that was the default before', async (laptop, peer) => {
    await peer.bookmark.create({ repo: 'app', name: 'trunk' });
    const { fs: old } = await laptop.tab({ repos: ['app'] });
    await old.readFile(FILE);
    await until(() => old.sync.status.state === 'live', 'it listens');
    await rest(2);
    const mesa = laptop.backend.client();
    await mesa.repos.update({ repo: 'app', default_bookmark: 'trunk' });
    const { fs: now } = await laptop.tab({ repos: ['app'] });
    await now.readFile(FILE);
    await rest(2);
    const main = await current(old);
    await now.close();
    // A tab that has not heard of it notes the change once more.
    await peer.change.edit({ repo: 'app', changeId: main });
    await peer.writeFile(`${ROOT}/theirs.txt`, 'theirs\n');
    await until(() => old.exists(`${ROOT}/theirs.txt`), 'it is heard of');
    await rest(3);
    laptop.offline = true;
    const { fs: next } = await laptop.tab({ repos: ['app'] });
    await next.writeFile(`${ROOT}/mine.txt`, 'mine\n');
    await old.close();
    await laptop.online(next);
    await next.sync.flush();
    const { bookmarks } = await mesa.bookmarks.list({ repo: 'app' });
    const stays = (name: string): boolean => bookmarks.find((each) => each.name === name)?.change_id === main;
    equal([stays('main'), stays('trunk')], [true, false]);
  });
}

/** A tab with an unsent write by the name of its bookmark, where another bookmark stands at the same change. */
async function unsentBeside(laptop: Laptop, peer: MesaFileSystem): Promise<Tab> {
  await peer.bookmark.create({ repo: 'app', name: 'kept' });
  const tab = await laptop.tab();
  await tab.fs.readFile(FILE);
  await rest(2);
  laptop.offline = true;
  await tab.fs.writeFile(FILE, 'mine\n');
  return tab;
}
