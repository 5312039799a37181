import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, fails, ok, until } from './assert.ts';
import { current, refuseWrites, rest } from './laptop.ts';
import type { Laptop } from './laptop.ts';

const ROOT = '/acme/app';

type Run = (name: string, body: (laptop: Laptop, peer: MesaFileSystem) => Promise<void>) => void;

/** Where a mount stands while the network comes and goes: changes that are not made after all, and places that were left. */
export function placesSuite(run: Run): void {
  run('a change that is refused after all is left for the one it was to be made on', async (laptop, peer) => {
    const { fs } = await laptop.tab();
    const main = await current(fs);
    await fs.readFile(`${ROOT}/src/a.txt`);
    laptop.offline = true;
    const { changeOid } = await fs.change.new({ repo: 'app', bookmark: 'main', message: 'apart' });
    await fs.writeFile(`${ROOT}/src/a.txt`, 'apart\n');
    equal(await current(fs), changeOid);
    refuseWrites(laptop);
    laptop.offline = false;
    await until(() => fs.sync.status.parked === 2 && fs.sync.status.pending === 0, 'both are parked');
    equal(await current(fs), main);
    equal(await fs.readFile(`${ROOT}/src/a.txt`), 'one\ntwo\nthree\n');
    laptop.backend.intercept = null;
    await peer.writeFile(`${ROOT}/src/b.txt`, 'theirs\n');
    await until(async () => fs.exists(`${ROOT}/src/b.txt`), 'it hears of others');
    await fs.writeFile(`${ROOT}/src/c.txt`, 'mine\n');
    await fs.sync.flush();
    equal([await current(fs), fs.sync.status.parked], [main, 2], 'it writes again');
    const [parked] = (await fs.sync.parked()).filter(({ paths }) => paths.length > 0);
    const saved = await fs.sync.saveParked({ repo: 'app', ids: [parked?.id ?? ''] });
    await fs.sync.flush();
    await fs.change.edit({ repo: 'app', changeId: saved.changeOid });
    equal(await fs.readFile(`${ROOT}/src/a.txt`), 'apart\n');
  });

  run('a change that was made is there, though its making is refused when it is asked for again', async (laptop, peer) => {
    const first = await laptop.tab();
    laptop.deaf = true;
    const { changeOid } = await first.fs.change.new({ repo: 'app', bookmark: 'main' });
    const look = (): Promise<boolean> =>
      peer.change.edit({ repo: 'app', changeId: changeOid }).then(
        () => true,
        () => false,
      );
    await until(look, 'the server has it');
    first.crash();
    laptop.deaf = false;
    refuseWrites(laptop);
    const { fs } = await laptop.tab();
    await until(() => fs.sync.status.parked === 1, 'asked for again it is refused');
    await fs.change.edit({ repo: 'app', changeId: changeOid });
    equal(await current(fs), changeOid);
    laptop.offline = true;
    const { changeOid: next } = await fs.change.new({ repo: 'app', changeId: changeOid });
    equal(await current(fs), next);
    laptop.offline = false;
    await until(async () => (await current(fs)) === changeOid, 'it goes back');
  });

  run('a checkpoint tells of what others wrote that it did not hear of', async (laptop, peer) => {
    const { fs } = await laptop.tab();
    await writeUnheard(laptop, fs, peer);
    const heard: string[] = [];
    fs.subscribe(({ path }) => void heard.push(path));
    await fs.change.checkpoint({ repo: 'app' });
    equal(await fs.readFile(`${ROOT}/src/a.txt`), 'theirs\n');
    await until(() => heard.includes(`${ROOT}/src/a.txt`), 'it is told');
  });

  run('what is written while a checkpoint is made is not written over what comes with it', async (laptop, peer) => {
    const { fs } = await laptop.tab({ raceWindow: 60_000 });
    await writeUnheard(laptop, fs, peer);
    await Promise.all([fs.change.checkpoint({ repo: 'app' }), fs.writeFile(`${ROOT}/src/a.txt`, 'mine\n')]);
    await fs.sync.flush();
    const text = await fs.readFile(`${ROOT}/src/a.txt`);
    ok(text.includes('theirs') && text.includes('mine'), text);
  });

  run('a bookmark that is made on a change without a network keeps that change from being given up', async (laptop, peer) => {
    const { backend } = laptop;
    const { fs } = await laptop.tab({ writes: 'fork', durability: 'remote' });
    await fs.readFile(`${ROOT}/src/a.txt`);
    laptop.offline = true;
    const writing = fs.writeFile(`${ROOT}/src/a.txt`, 'mine\n');
    await until(() => !fs.sync.status.online, 'it is offline');
    await fs.bookmark.create({ repo: 'app', name: 'apart' });
    backend.intercept = (request): Response | null =>
      backend.isWrite(request) ? Response.json({ error: { code: 'TOKEN_EXPIRED', message: 'It is over.' } }, { status: 401 }) : null;
    laptop.offline = false;
    await fails(writing, { code: 'EACCES' });
    backend.intercept = null;
    await fs.writeFile(`${ROOT}/src/c.txt`, 'next\n');
    await laptop.online(fs);
    const { changeId } = await fs.change.current({ repo: 'app' });
    await peer.change.edit({ repo: 'app', bookmark: 'apart' });
    equal([(await peer.change.current({ repo: 'app' })).changeId, fs.sync.status.parked ?? 0], [changeId, 0]);
  });

  run('what is parked is saved once, however often that is asked for', async (laptop) => {
    const { fs } = await laptop.tab();
    laptop.offline = true;
    await fs.writeFile(`${ROOT}/new.txt`, 'refused\n');
    refuseWrites(laptop);
    laptop.offline = false;
    await until(() => fs.sync.status.parked === 1, 'it is parked');
    laptop.backend.intercept = null;
    const saves = [fs.sync.saveParked({ repo: 'app' }), fs.sync.saveParked({ repo: 'app' })];
    const results = await Promise.allSettled(saves);
    equal(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    await fails(saves[1] as Promise<unknown>, { code: 'ENOENT' });
  });

  run('a place that is left and entered again without a network has all that was accepted there', async (laptop, peer) => {
    const { fs } = await laptop.tab();
    const { changeOid } = await peer.change.new({ repo: 'app', bookmark: 'main' });
    for (const path of ['src/a.txt', 'README.md']) await fs.readFile(`${ROOT}/${path}`);
    // Nothing is noted any more: what was seen last is known here alone.
    laptop.stuck = true;
    await fs.writeFile(`${ROOT}/src/a.txt`, 'accepted\n');
    await fs.sync.flush();
    const main = await current(fs);
    await fs.change.edit({ repo: 'app', changeId: changeOid });
    laptop.offline = true;
    await until(() => !fs.sync.status.online, 'it is offline');
    await fs.change.edit({ repo: 'app', changeId: main });
    equal(await fs.readFile(`${ROOT}/src/a.txt`), 'accepted\n');
  });

  run('a change that is made on another that is not made yet has what was written there, after a reload without a network too', async (laptop) => {
    const { fs: before, crash } = await laptop.tab();
    await before.readFile(`${ROOT}/src/a.txt`);
    await rest();
    laptop.offline = true;
    const one = await before.change.new({ repo: 'app', bookmark: 'main' });
    await before.writeFile(`${ROOT}/src/a.txt`, 'in one\n');
    const two = await before.change.new({ repo: 'app', changeId: one.changeOid });
    await before.writeFile(`${ROOT}/two.txt`, 'in two\n');
    crash();
    const { fs } = await laptop.tab({ repos: [{ name: 'app', changeId: two.changeOid }] });
    equal([await fs.readFile(`${ROOT}/src/a.txt`), await fs.readFile(`${ROOT}/two.txt`)], ['in one\n', 'in two\n']);
    await fs.appendFile(`${ROOT}/src/a.txt`, 'more\n');
    await laptop.online(fs);
    await fs.sync.flush();
    equal(await fs.readFile(`${ROOT}/src/a.txt`), 'in one\nmore\n');
    equal(await fs.conflicts({ repo: 'app' }), []);
  });

  for (const by of ['the bookmark', 'a change on it', 'its id']) {
    run(`a change that is made by way of ${by} on what is to be written by the bookmark’s name has that, wherever it arrives`, async (laptop, peer) => {
      const { fs } = await laptop.tab();
      const path = `${ROOT}/src/a.txt`;
      const main = await current(fs);
      await fs.readFile(path);
      await rest();
      laptop.offline = true;
      await fs.writeFile(path, 'written in main\n');
      if (by === 'a change on it') await fs.change.new({ repo: 'app', bookmark: 'main' });
      if (by === 'its id') await fs.change.edit({ repo: 'app', changeId: main });
      const { changeOid } = await fs.change.new({ repo: 'app', bookmark: 'main' });
      equal(await fs.readFile(path), 'written in main\n');
      await fs.appendFile(path, 'apart\n');
      // Another change is on it now: what is written by the bookmark's name goes into a new one.
      await peer.change.new({ repo: 'app', bookmark: 'main' });
      await laptop.online(fs);
      await fs.sync.flush();
      equal([await fs.readFile(path), await fs.conflicts({ repo: 'app' })], ['written in main\napart\n', []]);
      await peer.change.edit({ repo: 'app', changeId: await current(fs) });
      equal([await peer.readFile(path), await peer.conflicts({ repo: 'app' })], ['written in main\napart\n', []]);
      ok(laptop.backend.live ? changeOid === (await current(fs)) : true, 'it keeps its name');
    });
  }

  run('what a head that is kept here holds says nothing of another change', async (laptop, peer) => {
    const { changeOid } = await peer.change.new({ repo: 'app', bookmark: 'main' });
    const { fs: before, crash } = await laptop.tab();
    const path = `${ROOT}/src/a.txt`;
    const main = await current(before);
    for (const changeId of [changeOid, main]) {
      await before.change.edit({ repo: 'app', changeId });
      await before.readFile(path);
      await rest();
    }
    laptop.stuck = true;
    await before.writeFile(path, 'accepted\n');
    await before.sync.flush();
    await before.change.edit({ repo: 'app', changeId: changeOid });
    laptop.stuck = false;
    await before.writeFile(`${ROOT}/apart.txt`, 'apart\n');
    await before.sync.flush();
    await rest(2);
    laptop.offline = true;
    crash();
    const { fs } = await laptop.tab({ repos: [{ name: 'app', changeId: changeOid }] });
    equal(await fs.readFile(`${ROOT}/apart.txt`), 'apart\n');
    await fs.change.edit({ repo: 'app', changeId: main });
    equal(await fs.readFile(path), 'accepted\n');
  });

  run('what is accepted after its place was left shows there without a network', async (laptop) => {
    const { fs } = await laptop.tab();
    const path = await acceptedLate(fs, laptop);
    await until(() => !fs.sync.status.online, 'it is offline');
    await fs.change.edit({ repo: 'app', bookmark: 'main' });
    equal(await fs.readFile(path), 'written in main\n');
    await fs.appendFile(path, 'more\n');
    await laptop.online(fs);
    await fs.sync.flush();
    await rest();
    equal(await fs.readFile(path), 'written in main\nmore\n');
    equal(await fs.conflicts({ repo: 'app' }), []);
  });

  run('what is accepted after its place was left is done with: nothing refuses it after a reload, and it can be forgotten', async (laptop) => {
    const { fs: before, crash } = await laptop.tab();
    await acceptedLate(before, laptop);
    laptop.offline = false;
    crash();
    refuseWrites(laptop);
    const { fs, mesa } = await laptop.tab();
    await until(() => fs.sync.status.state === 'live' || !laptop.backend.live, 'it listens');
    equal([fs.sync.status.pending, fs.sync.status.parked ?? 0], [0, 0]);
    await fs.close();
    await mesa.forget({ repo: 'app' });
  });

  run('who makes a checkpoint that others have gone on from stays with them', async (laptop, peer) => {
    const [{ fs }, two] = [await laptop.tab(), await laptop.tab()];
    await fs.readFile(`${ROOT}/src/a.txt`);
    for (const { sync } of [fs, two.fs]) await until(() => sync.status.state === 'live' || !laptop.backend.live, 'it listens');
    await two.fs.writeFile(`${ROOT}/two.txt`, 'two\n');
    await until(async () => fs.exists(`${ROOT}/two.txt`), 'the other tab is known of');
    await fs.readFile(`${ROOT}/two.txt`);
    await rest(2);
    // What is left is kept first, which takes long here, and the answer comes before the event.
    Object.assign(laptop, { stuck: true, eventsTake: 40 });
    const before = await current(peer);
    const mine = fs.change.checkpoint({ repo: 'app' });
    await until(async () => (await current(peer)) !== before, 'the peer follows it');
    await peer.change.checkpoint({ repo: 'app' });
    await peer.writeFile(`${ROOT}/src/b.txt`, 'theirs\n');
    // What tabs have left is asked for anew.
    two.crash();
    await mine;
    Object.assign(laptop, { stuck: false, eventsTake: 0 });
    await until(async () => (await current(fs)) === (await current(peer)) && (await fs.exists(`${ROOT}/src/b.txt`)), 'it has followed');
  });

  run('what comes with a checkpoint can be read without a network', async (laptop, peer) => {
    const { backend } = laptop;
    const path = `${ROOT}/src/a.txt`;
    const { fs: before, crash } = await laptop.tab();
    await before.readFile(path);
    await rest();
    backend.intercept = (request): Response | null => (request.url.includes('/-/events') ? new Response(null, { status: 503 }) : null);
    laptop.offline = true;
    await until(() => !before.sync.status.online, 'the stream has ended');
    laptop.offline = false;
    await peer.writeFile(path, 'theirs\n');
    await before.change.checkpoint({ repo: 'app' });
    await rest(3);
    laptop.offline = true;
    crash();
    const { fs } = await laptop.tab();
    ok(['one\ntwo\nthree\n', 'theirs\n'].includes(await fs.readFile(path)));
  });
}

/** Writes a file where the bookmark stands, which the server accepts once another change is looked at; answers its path. The network is gone afterwards. */
async function acceptedLate(fs: MesaFileSystem, laptop: Laptop): Promise<string> {
  const path = `${ROOT}/src/a.txt`;
  await fs.readFile(path);
  await rest();
  laptop.offline = true;
  await fs.writeFile(path, 'written in main\n');
  await fs.change.new({ repo: 'app', bookmark: 'main' });
  await laptop.online(fs);
  await fs.sync.flush();
  await rest(2);
  laptop.offline = true;
  return path;
}

/** A peer writes what a mount does not hear of: not of that, nor of anything else any more. */
async function writeUnheard(laptop: Laptop, fs: MesaFileSystem, peer: MesaFileSystem): Promise<void> {
  await fs.readFile(`${ROOT}/src/a.txt`);
  // Nothing is heard of others any more.
  laptop.backend.intercept = (request): Response | null => (/\/-\/events|\/-\/open/.test(request.url) ? new Response(null, { status: 503 }) : null);
  laptop.offline = true;
  await until(() => !fs.sync.status.online, 'the stream has ended');
  laptop.offline = false;
  await peer.writeFile(`${ROOT}/src/a.txt`, 'theirs\n');
}
