import { equal, ok, fails, until } from './assert.ts';
import { current, refuseWrites, rest } from './laptop.ts';
import type { RunOnLaptop } from './laptop.ts';

const ROOT = '/acme/app';
const FILE = `${ROOT}/src/a.txt`;

/** Which change is worked in when another tab's work waits or is refused, and who hears of what was refused. Of backends with live endpoints. */
export function changesSuite(run: RunOnLaptop): void {
  run('who stands in a change of another tab that is refused goes back, and writes on', async (laptop, peer) => {
    const [{ fs: one }, { fs: two }] = [await laptop.tab(), await laptop.tab()];
    for (const fs of [one, two]) await fs.readFile(FILE);
    await rest();
    const main = await current(one);
    laptop.offline = true;
    const { changeOid } = await one.change.new({ repo: 'app', bookmark: 'main' });
    await until(() => two.sync.status.elsewhere === 1, 'the other tab knows');
    await two.change.edit({ repo: 'app', changeId: changeOid });
    refuseWrites(laptop);
    laptop.offline = false;
    await until(() => one.sync.status.parked === 1, 'it is parked');
    laptop.backend.intercept = null;
    for (const fs of [one, two]) await until(async () => (await current(fs)) === main, 'it goes back');
    await two.writeFile(`${ROOT}/two.txt`, 'two\n');
    await until(() => peer.exists(`${ROOT}/two.txt`), 'it arrives');
    equal([await current(two), two.sync.status.parked ?? 0], [main, 0]);
  });

  run('a tab that is opened at a change that is refused then goes back too', async (laptop) => {
    const { fs: one } = await laptop.tab();
    await one.readFile(FILE);
    await rest();
    const main = await current(one);
    laptop.offline = true;
    const { changeOid } = await one.change.new({ repo: 'app', bookmark: 'main' });
    const { fs: two } = await laptop.tab({ repos: [{ name: 'app', changeId: changeOid }] });
    await two.writeFile(`${ROOT}/two.txt`, 'two\n');
    refuseWrites(laptop);
    laptop.offline = false;
    await until(() => one.sync.status.parked === 1 && two.sync.status.pending === 0, 'both are parked');
    for (const fs of [one, two]) await until(async () => (await current(fs)) === main, 'it goes back');
  });

  run('a checkpoint that is refused leaves the message', async (laptop, peer) => {
    const { fs } = await laptop.tab();
    await fs.readFile(FILE);
    const change_id = await current(fs);
    await until(() => fs.sync.status.state === 'live', 'it listens');
    laptop.eventsTake = 5_000;
    await peer.change.checkpoint({ repo: 'app', message: 'theirs' });
    await fails(fs.change.checkpoint({ repo: 'app', message: 'mine' }), { code: 'STALE_BASE' });
    equal((await laptop.backend.client().changes.get({ repo: 'app', change_id })).message, 'theirs');
  });

  run('a checkpoint that was made without a network is stayed in when there is one', async (laptop, peer) => {
    const { fs } = await laptop.tab();
    await fs.readFile(FILE);
    await until(() => fs.sync.status.state === 'live', 'it listens');
    await rest(2);
    laptop.offline = true;
    await until(() => !fs.sync.status.online, 'it knows');
    const { activeChangeOid } = await fs.change.checkpoint({ repo: 'app' });
    laptop.eventsTake = 300;
    laptop.offline = false;
    const seen = new Set<string>();
    const looking = async (): Promise<void> => void seen.add(await current(fs));
    await until(() => looking().then(async () => (await current(peer)) === activeChangeOid), 'the peer follows');
    await peer.writeFile(`${ROOT}/theirs.txt`, 'theirs\n');
    await until(() => looking().then(() => fs.exists(`${ROOT}/theirs.txt`)), 'all events have come');
    equal([...seen], [activeChangeOid]);
  });

  run('what was told to have failed when it was closed is not done later', async (laptop, peer) => {
    const { fs } = await laptop.tab();
    await fs.readFile(FILE);
    const changeId = await current(fs);
    await until(() => fs.sync.status.state === 'live', 'it listens');
    laptop.silent = true;
    await fs.writeFile(FILE, 'mine\n');
    const described = fails(fs.change.describe({ repo: 'app', changeId, message: 'described' }), { code: 'ECANCELED' });
    await until(() => fs.sync.status.pending === 2, 'both wait');
    await rest();
    await fs.close();
    await described;
    laptop.silent = false;
    const { fs: next } = await laptop.tab();
    await laptop.online(next);
    await until(async () => (await peer.readFile(FILE)) === 'mine\n', 'what was kept arrives');
    equal((await laptop.backend.client().changes.get({ repo: 'app', change_id: changeId })).message, '');
  });

  run('what its caller was told is refused is not parked', async (laptop) => {
    const { fs } = await laptop.tab();
    await fs.readFile(FILE);
    await fs.bookmark.create({ repo: 'app', name: 'feature' });
    await fails(fs.bookmark.create({ repo: 'app', name: 'feature' }), { code: 'EEXIST' });
    await fs.sync.flush();
    equal([fs.sync.status.parked ?? 0, await fs.sync.parked()], [0, []]);
  });

  run('that rights were taken away is told', async (laptop) => {
    const { fs } = await laptop.tab();
    await fs.readFile(FILE);
    await until(() => fs.sync.status.state === 'live', 'it listens');
    laptop.backend.intercept = () => Response.json({ error: { code: 'FORBIDDEN', message: 'You may not.' } }, { status: 403 });
    laptop.offline = true;
    await until(() => !fs.sync.status.online, 'it knows');
    laptop.offline = false;
    await until(() => fs.sync.status.error?.code === 'FORBIDDEN', 'the mount says so');
  });

  run('a change that the server does not know any more is not asked for without a pause', async (laptop, peer) => {
    const changeId = await current(peer);
    const spec = { repos: [{ name: 'app', changeId }] };
    const { fs: before } = await laptop.tab(spec);
    await before.readFile(FILE);
    await rest(2);
    await before.close();
    // What is begun with is asked for once the network is back.
    laptop.offline = true;
    await laptop.tab(spec);
    let asked = 0;
    laptop.backend.intercept = (request): Response | null => {
      if (!request.url.endsWith('/-/open')) return null;
      asked += 1;
      return Response.json({ error: { code: 'CHANGE_NOT_FOUND', message: 'There is no such change.' } }, { status: 404 });
    };
    laptop.offline = false;
    await until(() => asked > 0, 'it asks');
    await rest(2);
    ok(asked < 10, `${asked} times`);
    laptop.backend.intercept = null;
  });
}
