import type { OpenDiskCache } from '../../src/engine/cache/interface.ts';
import { JournalError } from '../../src/engine/journal/medium.ts';
import { equal, fails, ok, until } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';
import { onLaptop, rest } from './laptop.ts';
import { copiesSuite } from './offline-copies.ts';
import { overtakenSuite } from './offline-overtaken.ts';
import { pinsSuite } from './offline-pins.ts';
import { notesSuite } from './offline-notes.ts';
import { placesSuite } from './offline-places.ts';
import { noRoomSuite } from './offline-no-room.ts';
import { sizesSuite } from './offline-sizes.ts';
import { tabsSuite } from './offline-tabs.ts';

const ROOT = '/acme/app';

/**
 * What a device does for its user while the network is away, and when a tab dies. `cache` makes caches that outlive engines; `memory` answers the bytes that
 * are in use.
 */
export function offlineSuite(test: TestFunction, start: () => Promise<InProcess>, cache: () => OpenDiskCache, memory?: () => number): void {
  const run = onLaptop(test, start, cache);

  run('a write is acknowledged without a network, and arrives when there is one', async (laptop, peer) => {
    const { fs } = await laptop.tab();
    equal(fs.sync.status.storage, 'best-effort');
    await fs.readdir(`${ROOT}/src`);
    laptop.offline = true;
    await fs.writeFile(`${ROOT}/src/a.txt`, 'offline\n');
    await fs.writeFile(`${ROOT}/new.txt`, 'new\n');
    equal(await fs.readFile(`${ROOT}/new.txt`), 'new\n');
    equal(fs.sync.status.pending, 2);
    ok(fs.sync.status.pendingBytes > 0);
    await laptop.online(fs);
    await until(async () => (await peer.exists(`${ROOT}/new.txt`)) && (await peer.readFile(`${ROOT}/src/a.txt`)) === 'offline\n', 'the peer has both');
  });

  run('what a dead tab has left is shown by the next before anything else, and sent', async (laptop, peer) => {
    const first = await laptop.tab();
    await first.fs.readFile(`${ROOT}/README.md`);
    await first.fs.readdir(`${ROOT}/src`);
    await rest();
    laptop.offline = true;
    await first.fs.writeFile(`${ROOT}/src/b.txt`, 'left behind\n');
    await first.fs.rm(`${ROOT}/README.md`);
    first.crash();
    const { fs } = await laptop.tab();
    equal(await fs.readFile(`${ROOT}/src/b.txt`), 'left behind\n');
    equal(await fs.exists(`${ROOT}/README.md`), false);
    equal(fs.sync.status.pending, 2);
    equal(fs.sync.status.online, false);
    await laptop.online(fs);
    await until(async () => (await peer.exists(`${ROOT}/src/b.txt`)) && !(await peer.exists(`${ROOT}/README.md`)), 'the peer has both');
    await fs.close();
    const { fs: third } = await laptop.tab();
    equal(third.sync.status.pending, 0, 'nothing is left');
  });

  run('an operation whose answer was lost with its tab is done once', async (laptop, peer) => {
    const first = await laptop.tab();
    await first.fs.writeFile(`${ROOT}/src/a.txt`, 'first\n');
    await first.fs.sync.flush();
    laptop.deaf = true;
    await first.fs.appendFile(`${ROOT}/src/a.txt`, 'appended\n');
    await until(async () => (await peer.readFile(`${ROOT}/src/a.txt`)).includes('appended'), 'the server has it');
    first.crash();
    laptop.deaf = false;
    await peer.writeFile(`${ROOT}/src/a.txt`, 'later\n');
    const { fs } = await laptop.tab();
    equal(await fs.readFile(`${ROOT}/src/a.txt`), 'later\n', 'what the head holds is not laid on top once more');
    await until(() => fs.sync.status.pending === 0, 'its answer has come');
    equal(await fs.readFile(`${ROOT}/src/a.txt`), 'later\n');
    equal(await peer.readFile(`${ROOT}/src/a.txt`), 'later\n');
  });

  run('what was written after a crash on top of unsent work arrives on top of it', async (laptop, peer) => {
    let tab = await laptop.tab();
    await tab.fs.readFile(`${ROOT}/src/a.txt`);
    await rest();
    laptop.offline = true;
    for (let at = 0; at < 6; at += 1) {
      await tab.fs.appendFile(`${ROOT}/src/a.txt`, `line ${at}\n`);
      tab.crash();
      tab = await laptop.tab();
    }
    const text = await tab.fs.readFile(`${ROOT}/src/a.txt`);
    equal(text.match(/^line /gm)?.length, 6);
    laptop.offline = false;
    await until(() => tab.fs.sync.status.pending === 0, 'all is sent');
    await until(async () => (await peer.readFile(`${ROOT}/src/a.txt`)) === text, 'the peer has it as it was written');
  });

  run('what the server has stays in the journal until a head that holds it is kept here', async (laptop) => {
    const first = await laptop.tab();
    await first.fs.writeFile(`${ROOT}/log.txt`, 'begun\n');
    await first.fs.sync.flush();
    await rest(4);
    laptop.stuck = true;
    for (let at = 0; at < 4; at += 1) {
      await first.fs.appendFile(`${ROOT}/log.txt`, `line ${at}\n`);
      await first.fs.sync.flush();
    }
    await rest();
    first.crash();
    laptop.stuck = false;
    laptop.offline = true;
    const { fs } = await laptop.tab();
    equal(await fs.readFile(`${ROOT}/log.txt`), 'begun\nline 0\nline 1\nline 2\nline 3\n');
  });

  run('a head that work has gone past is kept whole: what was let go on the way is fetched again', async (laptop) => {
    const { fs, crash } = await laptop.tab();
    await fs.readFile(`${ROOT}/src/a.txt`);
    await rest();
    const { promise: first, resolve: answer } = Promise.withResolvers<void>();
    const answers = [first, new Promise<void>(() => undefined)];
    laptop.answer = () => answers.shift() ?? first;
    await fs.writeFile(`${ROOT}/src/first.txt`, 'first\n');
    // More than is held of what nobody needs.
    for (let at = 0; at < 18; at += 1) await fs.writeFile(`${ROOT}/src/large-${at}.bin`, new Uint8Array(1024 * 1024).fill(at + 1));
    answer();
    await until(() => fs.sync.status.pending === 18, 'the first is answered');
    await rest(6);
    laptop.offline = true;
    crash();
    const next = await laptop.tab();
    equal(next.fs.sync.status.pending, 18);
    equal(await next.fs.readFile(`${ROOT}/src/first.txt`), 'first\n');
    equal((await next.fs.readdir(`${ROOT}/src`)).length, 20);
  });

  let forgetful = false;
  let fill = false;
  run(
    'what a head that is kept here holds is not laid on it once more',
    async (laptop, peer) => {
      const first = await laptop.tab();
      await first.fs.readFile(`${ROOT}/src/a.txt`);
      laptop.offline = true;
      for (let at = 0; at < 4; at += 1) await first.fs.writeFile(`${ROOT}/src/a.txt`, `version ${at}\n`);
      // From here on the journal hears of no answer.
      forgetful = true;
      await laptop.online(first.fs);
      await until(async () => (await peer.readFile(`${ROOT}/src/a.txt`)) === 'version 3\n', 'the peer has it');
      await peer.writeFile(`${ROOT}/src/a.txt`, 'later\n');
      await until(async () => (await first.fs.readFile(`${ROOT}/src/a.txt`)) === 'later\n', 'it is here');
      await rest();
      first.crash();
      forgetful = false;
      laptop.offline = true;
      const { fs } = await laptop.tab();
      equal(await fs.readFile(`${ROOT}/src/a.txt`), 'later\n');
      await laptop.online(fs);
      equal(await fs.readFile(`${ROOT}/src/a.txt`), 'later\n');
      equal(await peer.readFile(`${ROOT}/src/a.txt`), 'later\n');
    },
    { fault: () => (forgetful ? new JournalError('IO', 'it is not written') : null) },
  );

  run('what is cleared away under a tab is stored anew by the next write', async (laptop, peer) => {
    const { fs, crash } = await laptop.tab();
    await fs.readdir(`${ROOT}/src`);
    await rest(3);
    laptop.offline = true;
    for (const at of [1, 2]) await fs.writeFile(`${ROOT}/src/${at}.txt`, `${at}\n`);
    laptop.clear();
    await Promise.all([3, 4].map((at) => fs.writeFile(`${ROOT}/src/${at}.txt`, `${at}\n`)));
    equal(fs.sync.status.storage, 'best-effort');
    crash();
    const next = await laptop.tab();
    equal(next.fs.sync.status.pending, 4);
    await laptop.online(next.fs);
    for (const at of [1, 2, 3, 4]) await until(() => peer.exists(`${ROOT}/src/${at}.txt`), `${at} arrives`);
  });

  run(
    'a write that finds no room and may have been sent fails, stays, and is kept once there is room',
    async (laptop, peer) => {
      const { fs, crash } = await laptop.tab();
      await fs.readFile(`${ROOT}/src/a.txt`);
      await rest(3);
      laptop.deaf = true;
      fill = true;
      await fails(fs.writeFile(`${ROOT}/src/a.txt`, 'perhaps\n'), { code: 'EIO', message: 'Free some space' });
      equal(await fs.readFile(`${ROOT}/src/a.txt`), 'perhaps\n', 'the server may have it');
      laptop.offline = true;
      laptop.deaf = false;
      fill = false;
      await fs.appendFile(`${ROOT}/src/a.txt`, 'more\n');
      crash();
      const next = await laptop.tab();
      equal(await next.fs.readFile(`${ROOT}/src/a.txt`), 'perhaps\nmore\n');
      equal(next.fs.sync.status.pending, 2);
      await laptop.online(next.fs);
      await until(async () => (await peer.readFile(`${ROOT}/src/a.txt`)) === 'perhaps\nmore\n', 'it arrives');
    },
    { fault: () => (fill ? new JournalError('QUOTA', 'there is no room') : null) },
  );

  run('edits of one line, made apart, keep both sides', async (laptop, peer) => {
    const { fs } = await laptop.tab();
    await fs.readFile(`${ROOT}/src/a.txt`);
    laptop.offline = true;
    await fs.writeFile(`${ROOT}/src/a.txt`, 'one\nmine\nthree\n');
    await peer.writeFile(`${ROOT}/src/a.txt`, 'one\ntheirs\nthree\n');
    await laptop.online(fs);
    await until(async () => (await fs.conflicts({ repo: 'app' })).length === 1, 'it is a conflict here');
    await until(async () => (await peer.conflicts({ repo: 'app' })).length === 1, 'and there');
    const text = await fs.readFile(`${ROOT}/src/a.txt`);
    ok(text.includes('mine') && text.includes('theirs') && text.includes('two'), text);
    await until(async () => (await peer.readFile(`${ROOT}/src/a.txt`)) === text, 'both show the same bytes');
  });

  run('a change is made, written into and found again without a network', async (laptop, peer) => {
    const first = await laptop.tab();
    await first.fs.readFile(`${ROOT}/src/a.txt`);
    await rest();
    laptop.offline = true;
    await first.fs.writeFile(`${ROOT}/before.txt`, 'before\n');
    const { changeOid } = await first.fs.change.new({ repo: 'app', bookmark: 'main', message: 'On the train' });
    await first.fs.writeFile(`${ROOT}/src/a.txt`, 'in the change\n');
    equal(await first.fs.readFile(`${ROOT}/before.txt`), 'before\n');
    equal(await first.fs.change.current({ repo: 'app' }), { changeId: changeOid, commitOid: '' });
    await first.fs.change.edit({ repo: 'app', bookmark: 'main' });
    equal(await first.fs.readFile(`${ROOT}/src/a.txt`), 'one\ntwo\nthree\n', 'the bookmark is as it was');
    await first.fs.change.edit({ repo: 'app', changeId: changeOid });
    equal(await first.fs.readFile(`${ROOT}/src/a.txt`), 'in the change\n');
    first.crash();
    const { fs } = await laptop.tab({ repos: [{ name: 'app', changeId: changeOid }] });
    equal(await fs.readFile(`${ROOT}/src/a.txt`), 'in the change\n');
    equal(await fs.readFile(`${ROOT}/before.txt`), 'before\n');
    await laptop.online(fs);
    await peer.change.edit({ repo: 'app', changeId: changeOid });
    equal(await peer.readFile(`${ROOT}/src/a.txt`), 'in the change\n');
    equal(await peer.readFile(`${ROOT}/before.txt`), 'before\n');
    const { changeId, commitOid } = await fs.change.current({ repo: 'app' });
    equal(changeId, changeOid);
    equal(commitOid.length, 40, 'the server has made it');
  });

  pinsSuite(run);

  run('closing loses nothing and says what is pending', async (laptop, peer) => {
    const { fs } = await laptop.tab();
    laptop.offline = true;
    await fs.writeFile(`${ROOT}/late.txt`, 'late\n');
    equal(await fs.close(), { pending: 1 });
    laptop.offline = false;
    const next = await laptop.tab();
    equal(await next.fs.readFile(`${ROOT}/late.txt`), 'late\n');
    await until(() => peer.exists(`${ROOT}/late.txt`), 'it arrives');
  });

  run('closing does not wait for a network that is silent, and loses nothing', async (laptop, peer) => {
    await peer.mkdir(`${ROOT}/far`);
    await peer.writeFile(`${ROOT}/far/a`, 'far\n');
    const { fs } = await laptop.tab();
    laptop.silent = true;
    await fs.writeFile(`${ROOT}/late.txt`, 'late\n');
    const under = [
      fs.writeFile(`${ROOT}/far/f`, 'x'),
      fs.readFile(`${ROOT}/far/a`),
      fs.change.new({ repo: 'app', bookmark: 'main' }),
      fs.change.list({ repo: 'app' }),
    ];
    const ended = Promise.allSettled(under);
    await peer.writeFile(`${ROOT}/src/a.txt`, 'heard of\n');
    await rest();
    const began = performance.now();
    const { pending } = await fs.close();
    ok(performance.now() - began < 5_000, `closing took ${Math.round(performance.now() - began)} ms`);
    ok(pending > 0, 'what was acknowledged is pending');
    for (const call of under) await fails(call, { code: 'ECANCELED' });
    await ended;
    laptop.silent = false;
    const next = await laptop.tab();
    equal(await next.fs.readFile(`${ROOT}/late.txt`), 'late\n');
    await until(() => peer.exists(`${ROOT}/late.txt`), 'it arrives');
    equal(await peer.exists(`${ROOT}/far/f`), false);
  });

  run('another login on the device sees and sends none of it', async (laptop, peer) => {
    const { fs, crash } = await laptop.tab();
    laptop.offline = true;
    await fs.writeFile(`${ROOT}/secret.txt`, 'mine\n');
    crash();
    const { key } = (await laptop.backend.client().apiKeys.create({ name: 'other', scopes: ['read', 'write'] })) as { key: string };
    laptop.apiKey = key;
    laptop.offline = false;
    const other = await laptop.tab();
    equal(await other.fs.exists(`${ROOT}/secret.txt`), false);
    await other.fs.writeFile(`${ROOT}/other.txt`, 'x');
    await other.fs.sync.flush();
    equal(await peer.exists(`${ROOT}/secret.txt`), false);
    laptop.apiKey = laptop.backend.adminKey;
    const again = await laptop.tab();
    await until(() => peer.exists(`${ROOT}/secret.txt`), 'its own login sends it');
    await again.fs.close();
  });

  run('what is refused after all is parked, and can be saved to a new change', async (laptop, peer) => {
    const { fs } = await laptop.tab();
    await fs.readFile(`${ROOT}/src/a.txt`);
    laptop.offline = true;
    await fs.writeFile(`${ROOT}/src/a.txt`, 'refused\n');
    laptop.backend.intercept = (request) =>
      laptop.backend.isWrite(request) ? Response.json({ error: { code: 'FORBIDDEN', message: 'You may not.' } }, { status: 403 }) : null;
    laptop.offline = false;
    await until(() => fs.sync.status.parked === 1, 'it is parked');
    equal(fs.sync.status.pending, 0);
    const [parked] = await fs.sync.parked();
    equal([parked?.paths, parked?.code, parked?.repo], [[`${ROOT}/src/a.txt`], 'FORBIDDEN', 'app']);
    equal(await fs.readFile(`${ROOT}/src/a.txt`), 'one\ntwo\nthree\n', 'it is not shown any more');
    laptop.backend.intercept = null;
    const { changeOid } = await fs.sync.saveParked({ repo: 'app', message: 'Rescued' });
    await fs.sync.flush();
    await until(() => fs.sync.status.parked === undefined, 'nothing is parked any more');
    await peer.change.edit({ repo: 'app', changeId: changeOid });
    equal(await peer.readFile(`${ROOT}/src/a.txt`), 'refused\n');
  });

  copiesSuite(run);

  sizesSuite(run);

  tabsSuite(run);

  placesSuite(run);
  overtakenSuite(run);
  notesSuite(run);

  noRoomSuite(run);

  run('ten days of work, 5,000 edits, drain in few requests', async (laptop, peer) => {
    const { fs } = await laptop.tab();
    await fs.readFile(`${ROOT}/src/a.txt`);
    laptop.offline = true;
    const before = memory?.() ?? 0;
    const began = performance.now();
    for (let at = 0; at < 5_000; at += 1) {
      await fs.writeFile(`${ROOT}/src/f${at % 50}.txt`, `version ${at}\n`.repeat(20));
      // 173 s of the ten days.
      laptop.backend.clock.advance(172_800);
    }
    const wrote = performance.now() - began;
    equal(fs.sync.status.pending, 5_000);
    const megabytes = ((memory?.() ?? 0) - before) / 1_000_000;
    ok(megabytes < 150, `${megabytes} MB are in use for 5,000 edits that wait`);
    laptop.backend.takeRequests();
    const back = performance.now();
    laptop.offline = false;
    await fs.sync.flush();
    // Where there are no events, others look for writes all the while.
    const all = laptop.backend.takeRequests().filter((request) => laptop.backend.live || !request.startsWith('GET'));
    ok(all.length <= 50, `${all.length} requests: ${all.slice(0, 60).join(', ')}`);
    const last = 'version 4999\n'.repeat(20);
    await until(async () => (await peer.exists(`${ROOT}/src/f49.txt`)) && (await peer.readFile(`${ROOT}/src/f49.txt`)) === last, 'it arrives');
    const sent = all.filter((request) => /\/-\/ops$|^PATCH/.test(request)).length;
    const times = `written in ${wrote.toFixed(0)} ms, drained in ${(performance.now() - back).toFixed(0)} ms, ${memory === undefined ? 'an unknown amount' : `${megabytes.toFixed(0)} MB`} of memory while they waited`;
    console.log(`ten days offline: 5,000 edits ${times}, ${all.length} requests (${sent} with operations)`);
  });

  run('what the device keeps of a repo can be removed, but not unsent work', async (laptop) => {
    const { fs, mesa } = await laptop.tab();
    laptop.offline = true;
    await fs.writeFile(`${ROOT}/late.txt`, 'late\n');
    await fs.close();
    await fails(mesa.forget({ repo: 'app' }), { code: 'EBUSY' });
    laptop.offline = false;
    const next = await laptop.tab();
    await next.fs.sync.flush();
    await next.fs.close();
    await mesa.forget({ repo: 'app' });
    laptop.offline = true;
    await laptop.tab().then(
      () => ok(false, 'there is nothing to begin with'),
      (error: unknown) => ok(String(error).includes('fetch failed'), String(error)),
    );
  });

  run('a key that was revoked is told from a network that is away', async (laptop) => {
    const { fs, crash } = await laptop.tab();
    await fs.readFile(`${ROOT}/src/a.txt`);
    await rest();
    laptop.offline = true;
    crash();
    const next = await laptop.tab();
    await next.fs.writeFile(`${ROOT}/src/a.txt`, 'kept\n');
    await until(() => next.fs.sync.status.error?.code === 'NETWORK', 'the network is away');
    laptop.backend.intercept = () => Response.json({ error: { code: 'UNAUTHORIZED', message: 'It was revoked.' } }, { status: 401 });
    laptop.offline = false;
    await until(() => next.fs.sync.status.state === 'expired' && next.fs.sync.status.error?.code === 'UNAUTHORIZED', 'the mount says so');
    equal(next.fs.sync.status.pending, 1);
    await fails(next.fs.readFile(`${ROOT}/README.md`), { code: 'EACCES', message: 'It was revoked' });
    equal(await next.fs.readFile(`${ROOT}/src/a.txt`), 'kept\n');
    laptop.backend.intercept = null;
  });

  run('work waits for another token', async (laptop, peer) => {
    const { fs } = await laptop.tab();
    await fs.readFile(`${ROOT}/src/a.txt`);
    let expired = true;
    laptop.backend.intercept = (request) =>
      expired && (request.url.includes('/-/') || !laptop.backend.live)
        ? Response.json({ error: { code: 'TOKEN_EXPIRED', message: 'It is over.' } }, { status: 401 })
        : null;
    await fs.writeFile(`${ROOT}/src/a.txt`, 'patient\n');
    await until(() => fs.sync.status.state === 'expired', 'the mount says so');
    equal(await fs.readFile(`${ROOT}/src/a.txt`), 'patient\n');
    expired = false;
    await fs.writeFile(`${ROOT}/src/c.txt`, 'next\n');
    await until(() => fs.sync.status.pending === 0, 'all is sent');
    await until(async () => (await peer.readFile(`${ROOT}/src/a.txt`)) === 'patient\n', 'it arrives');
  });
}
