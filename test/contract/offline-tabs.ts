import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, until } from './assert.ts';
import { rest } from './laptop.ts';
import type { Laptop } from './laptop.ts';

const ROOT = '/acme/app';

type Run = (name: string, body: (laptop: Laptop, peer: MesaFileSystem) => Promise<void>) => void;

/** Tabs that are open at the same time: what one has not sent yet shows in the others. */
export function tabsSuite(run: Run): void {
  run('two tabs show each other’s unsent work, and the one that lives sends what the other left', async (laptop, peer) => {
    const one = await laptop.tab();
    const two = await laptop.tab();
    await one.fs.readdir(`${ROOT}/src`);
    await two.fs.readdir(`${ROOT}/src`);
    laptop.offline = true;
    const heard: string[] = [];
    two.fs.subscribe((event) => void heard.push(event.path));
    await one.fs.writeFile(`${ROOT}/src/one.txt`, 'from one\n');
    await two.fs.writeFile(`${ROOT}/src/two.txt`, 'from two\n');
    await until(async () => (await two.fs.exists(`${ROOT}/src/one.txt`)) && (await one.fs.exists(`${ROOT}/src/two.txt`)), 'each shows the other’s');
    equal(heard, [`${ROOT}/src/one.txt`], 'and tells of it');
    equal(two.fs.sync.status.pending, 1, 'what the other sends is not ours');
    await until(() => two.fs.sync.status.elsewhere === 1, 'but it is said that it waits');
    one.crash();
    await until(() => two.fs.sync.status.pending === 2, 'the dead tab’s work is taken over');
    equal(await two.fs.readFile(`${ROOT}/src/one.txt`), 'from one\n');
    await laptop.online(two.fs);
    await until(async () => (await peer.exists(`${ROOT}/src/one.txt`)) && (await peer.exists(`${ROOT}/src/two.txt`)), 'the peer has both');
    await until(() => two.fs.sync.status.pending === 0 && two.fs.sync.status.elsewhere === undefined, 'nothing waits any more');
  });

  run('a tab that does nothing is told what waits in another, and that it is sent', async (laptop) => {
    const one = await laptop.tab();
    const two = await laptop.tab();
    await two.fs.readdir(`${ROOT}/src`);
    laptop.offline = true;
    await one.fs.writeFile(`${ROOT}/src/one.txt`, 'from one\n');
    await until(() => two.fs.sync.status.elsewhere === 1, 'it is told that something waits');
    const three = await laptop.tab();
    await until(() => three.fs.sync.status.elsewhere === 1, 'so is who comes later');
    await laptop.online(one.fs);
    for (const { fs } of [two, three]) await until(() => fs.sync.status.elsewhere === undefined, 'and that nothing does any more');
  });

  run('a tab sends its own, and the others see the server’s answer', async (laptop, peer) => {
    const one = await laptop.tab();
    const two = await laptop.tab();
    await one.fs.writeFile(`${ROOT}/src/a.txt`, 'mine\n');
    await until(async () => (await two.fs.readFile(`${ROOT}/src/a.txt`)) === 'mine\n', 'the other tab shows it');
    await peer.readFile(`${ROOT}/src/a.txt`);
    await until(async () => (await peer.readFile(`${ROOT}/src/a.txt`)) === 'mine\n', 'the peer has it');
    await peer.writeFile(`${ROOT}/src/a.txt`, 'theirs\n');
    for (const { fs } of [one, two]) await until(async () => (await fs.readFile(`${ROOT}/src/a.txt`)) === 'theirs\n', 'every tab shows the later edit');
  });

  run('what a tab wrote on top of another’s unsent work arrives on top of it', async (laptop, peer) => {
    const one = await laptop.tab();
    const two = await laptop.tab();
    await one.fs.readFile(`${ROOT}/src/a.txt`);
    await two.fs.readFile(`${ROOT}/src/a.txt`);
    laptop.offline = true;
    for (let at = 0; at < 6; at += 1) {
      await one.fs.appendFile(`${ROOT}/src/a.txt`, `one ${at}\n`);
      await until(async () => (await two.fs.readFile(`${ROOT}/src/a.txt`)).includes(`one ${at}`), 'two sees it');
      await two.fs.appendFile(`${ROOT}/src/a.txt`, `two ${at}\n`);
      await until(async () => (await one.fs.readFile(`${ROOT}/src/a.txt`)).includes(`two ${at}`), 'one sees it');
    }
    const text = await one.fs.readFile(`${ROOT}/src/a.txt`);
    laptop.offline = false;
    await until(() => one.fs.sync.status.pending === 0 && two.fs.sync.status.pending === 0, 'all is sent');
    await until(async () => (await peer.readFile(`${ROOT}/src/a.txt`)) === text, 'the peer has it as it was written');
  });

  run('what a tab wrote on top of another’s unsent work holds nothing up without a network', async (laptop, peer) => {
    const [{ fs: a }, { fs: b }] = [await laptop.tab(), await laptop.tab()];
    const path = `${ROOT}/src/a.txt`;
    for (const fs of [a, b]) await fs.readFile(path);
    await rest();
    laptop.offline = true;
    await a.writeFile(path, 'theirs\n');
    await until(async () => (await b.readFile(path)) === 'theirs\n', 'the other tab shows it');
    await b.writeFile(path, 'mine\n');
    const { changeId } = await b.change.current({ repo: 'app' });
    await b.change.edit({ repo: 'app', changeId });
    equal(await b.readFile(path), 'mine\n');
    await laptop.online(b);
    await until(async () => (await peer.readFile(path)) === 'mine\n', 'both are sent');
  });

  run('what a tab has waiting goes at once when another tab is answered', async (laptop, peer) => {
    const [{ fs: one }, { fs: two }] = [await laptop.tab(), await laptop.tab()];
    for (const fs of [one, two]) await until(() => fs.sync.status.state === 'live', 'it listens');
    const { backend } = laptop;
    backend.intercept = (request): Response | null =>
      backend.isWrite(request) ? new Response('{"error":{"code":"BUSY","message":"Later."}}', { status: 503, headers: { 'Retry-After': '60' } }) : null;
    await two.writeFile(`${ROOT}/src/two.txt`, 'from two\n');
    await until(() => (two.sync.status.retryAt ?? 0) > Date.now() + 50_000, 'it waits');
    backend.intercept = null;
    await one.writeFile(`${ROOT}/src/one.txt`, 'from one\n');
    await until(() => two.sync.status.pending === 0 && two.sync.status.state === 'live', 'it need not wait');
    await until(async () => (await peer.exists(`${ROOT}/src/one.txt`)) && (await peer.exists(`${ROOT}/src/two.txt`)), 'the peer has both');
  });

  run('what waits to be written by a bookmark’s name shows in the change that the bookmark has gone on to', async (laptop, peer) => {
    const [{ fs: one }, { fs: two }] = [await laptop.tab(), await laptop.tab()];
    const path = `${ROOT}/src/a.txt`;
    for (const fs of [one, two]) await until(() => fs.sync.status.state === 'live', 'it listens');
    await one.readFile(path);
    const { backend } = laptop;
    backend.intercept = (request): Response | null =>
      backend.isWrite(request) ? new Response('{"error":{"code":"BUSY","message":"Later."}}', { status: 503, headers: { 'Retry-After': '60' } }) : null;
    await one.writeFile(path, 'one\n');
    await until(() => (one.sync.status.retryAt ?? 0) > Date.now() + 50_000, 'it waits');
    backend.intercept = null;
    const { activeChangeOid: changeId } = await peer.change.checkpoint({ repo: 'app' });
    await until(async () => (await one.change.current({ repo: 'app' })).changeId === changeId, 'it follows');
    await one.appendFile(path, 'more\n');
    laptop.offline = true;
    await one.change.edit({ repo: 'app', changeId });
    equal(await one.readFile(path), 'one\nmore\n');
    await one.appendFile(path, 'and more\n');
    laptop.offline = false;
    await two.writeFile(`${ROOT}/src/two.txt`, 'two\n');
    await until(() => one.sync.status.pending === 0, 'all is sent');
    for (const fs of [one, peer]) await until(async () => (await fs.readFile(path)) === 'one\nmore\nand more\n', 'both have it as it was written');
  });

  for (const by of ['id', 'bookmark']) {
    run(`a checkpoint made without a network that is edited by its ${by} shows what another tab has waiting`, async (laptop) => {
      const [{ fs: a }, { fs: b }] = [await laptop.tab(), await laptop.tab()];
      const path = `${ROOT}/src/a.txt`;
      for (const fs of [a, b]) await fs.readFile(path);
      laptop.offline = true;
      await a.writeFile(path, 'theirs\n');
      await until(async () => (await b.readFile(path)) === 'theirs\n', 'the other tab shows it');
      const { activeChangeOid } = await b.change.checkpoint({ repo: 'app' });
      await b.change.edit({ repo: 'app', ...(by === 'id' ? { changeId: activeChangeOid } : { bookmark: 'main' }) });
      equal(await b.readFile(path), 'theirs\n');
      await b.appendFile(path, 'more\n');
      await laptop.online(b);
      await b.sync.flush();
      equal(await b.readFile(path), 'theirs\nmore\n');
      equal(await b.conflicts({ repo: 'app' }), []);
    });
  }

  run('a directory that one tab makes takes nothing from what another has heard of', async (laptop, peer) => {
    const { fs: a } = await laptop.tab();
    // The other has not looked for long.
    laptop.backend.poll = { fastest: 60_000, slowest: 60_000 };
    const { fs: b } = await laptop.tab();
    for (const fs of [a, b]) await fs.readdir(ROOT);
    await peer.writeFile(`${ROOT}/theirs.txt`, 'theirs\n');
    await until(() => a.exists(`${ROOT}/theirs.txt`), 'one has heard of it');
    equal(await a.readFile(`${ROOT}/theirs.txt`), 'theirs\n');
    await rest(2);
    await b.mkdir(`${ROOT}/made`);
    await b.sync.flush();
    await rest(2);
    for (const fs of [a, b]) await fs.close();
    laptop.offline = true;
    const { fs: next } = await laptop.tab();
    equal([await next.readFile(`${ROOT}/theirs.txt`), await next.exists(`${ROOT}/made`)], ['theirs\n', true]);
  });

  run('a checkpoint made without a network shows what another tab has waiting once', async (laptop) => {
    const [{ fs: a }, { fs: b }] = [await laptop.tab(), await laptop.tab()];
    const path = `${ROOT}/src/a.txt`;
    const { version } = await a.readVersioned(path);
    await b.readFile(path);
    laptop.offline = true;
    await a.writeFile(path, 'this\n', { base: version });
    await a.writeFile(path, 'that\n', { base: version });
    await until(async () => (await b.readConflict(path))?.sides.length === 2, 'the other tab shows both');
    await b.change.checkpoint({ repo: 'app' });
    equal((await b.readConflict(path))?.sides.length, 2);
    await b.resolveConflict(path, { take: 1 });
    equal(await b.readFile(path), 'that\n');
    await laptop.online(b);
    await a.sync.flush();
    await b.sync.flush();
    equal(await b.readFile(path), 'that\n');
  });

  run('who forks without a network goes on seeing what another tab has waiting', async (laptop) => {
    const [{ fs: a }, { fs: b }] = [await laptop.tab(), await laptop.tab({ writes: 'fork' })];
    for (const fs of [a, b]) await fs.readFile(`${ROOT}/src/a.txt`);
    laptop.offline = true;
    await a.writeFile(`${ROOT}/src/a.txt`, 'theirs\n');
    await until(async () => (await b.readFile(`${ROOT}/src/a.txt`)) === 'theirs\n', 'the other tab shows it');
    await b.writeFile(`${ROOT}/src/a.txt`, 'mine\n');
    await a.writeFile(`${ROOT}/new.txt`, 'new\n');
    await new Promise((resolve) => setTimeout(resolve, 200));
    equal(await b.readFile(`${ROOT}/src/a.txt`), 'mine\n');
    await laptop.online(b);
    equal(await b.readFile(`${ROOT}/src/a.txt`), 'mine\n');
  });
}
