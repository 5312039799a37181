import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, ok, until } from './assert.ts';
import { current, refuseWrites, rest } from './laptop.ts';
import type { Laptop } from './laptop.ts';

const ROOT = '/acme/app';

type Run = (name: string, body: (laptop: Laptop, peer: MesaFileSystem) => Promise<void>) => void;

/** What comes late: answers, and notes of other tabs, about where a mount does not stand any more. */
export function overtakenSuite(run: Run): void {
  run('what was asked of a bookmark says nothing of the change that is worked in without it meanwhile', async (laptop, peer) => {
    const { backend } = laptop;
    const first = await laptop.tab();
    await first.fs.readFile(`${ROOT}/src/a.txt`);
    await rest();
    await first.fs.close();
    laptop.offline = true;
    const { fs } = await laptop.tab();
    const { changeId } = await fs.change.current({ repo: 'app' });
    const { activeChangeOid } = await peer.change.checkpoint({ repo: 'app' });
    const late = Promise.withResolvers<void>();
    let asked = 0;
    backend.intercept = async (request) => {
      if (!/\/-\/open$|\/bookmarks\/main$/.test(request.url) || (asked += 1) > 1) return null;
      const answer = await backend.handler(request);
      await late.promise;
      return answer;
    };
    laptop.offline = false;
    await until(() => asked > 0, 'it asks where the bookmark stands');
    await fs.change.edit({ repo: 'app', changeId });
    late.resolve();
    await fs.sync.flush();
    await until(() => fs.sync.status.state === 'live', 'it is open again');
    equal([await current(fs), changeId === activeChangeOid], [changeId, false]);
  });

  run('what another tab notes of the change before says nothing of where the bookmark is', async (laptop, peer) => {
    const path = `${ROOT}/src/a.txt`;
    const { savedChangeOid, activeChangeOid: changeId } = await peer.change.checkpoint({ repo: 'app' });
    // No descendant: that would be rebased, and its number be later.
    await peer.change.new({ repo: 'app', changeId: savedChangeOid });
    await peer.writeFile(path, 'elsewhere\n');
    const elsewhere = await current(peer);
    const [{ fs: one }, { fs: two }] = [await laptop.tab(), await laptop.tab({ repos: [{ name: 'app', changeId }] })];
    for (const fs of [one, two]) {
      await fs.readFile(path);
      await until(() => fs.sync.status.state === 'live' || !laptop.backend.live, 'it listens');
    }
    await rest(2);
    await peer.bookmark.move({ repo: 'app', name: 'main', changeId: elsewhere });
    await until(async () => (await current(one)) === elsewhere, 'it follows');
    // One has not noted that yet when the other has noted a later version of the change before, and is gone.
    await two.writeFile(`${ROOT}/two.txt`, 'in the change before\n');
    await two.sync.flush();
    await two.close();
    const seen = new Set<string>();
    for (let round = 0; round < 100; round += 1) {
      seen.add(await current(one));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    equal([...seen], [elsewhere]);
    equal(await one.readFile(path), 'elsewhere\n');
  });

  run('a change that is made while it is entered is the one that is worked in', async (laptop, peer) => {
    const { backend } = laptop;
    const { fs } = await laptop.tab();
    const path = `${ROOT}/src/a.txt`;
    await fs.readFile(path);
    await rest(2);
    // What is left is kept first, which takes long here; the first try fails, and the next one comes before that.
    laptop.stuck = true;
    let tries = 0;
    backend.intercept = (request): Response | null =>
      request.method === 'POST' && /\/changes$|\/-\/ops$/.test(request.url) && (tries += 1) === 1 ? new Response(null, { status: 503 }) : null;
    const entering = fs.change.new({ repo: 'app', bookmark: 'main' });
    await until(() => tries > 1 && fs.sync.status.pending === 0, 'it is made');
    await entering;
    await fs.writeFile(path, 'mine\n');
    await fs.sync.flush();
    equal(await fs.readFile(path), 'mine\n');
    const { changeId, commitOid } = await fs.change.current({ repo: 'app' });
    ok(commitOid !== '');
    await peer.change.edit({ repo: 'app', changeId });
    equal(await peer.readFile(path), 'mine\n');
  });

  run('what another tab has noted while this one was opened is shown', async (laptop) => {
    const { backend } = laptop;
    const path = `${ROOT}/src/a.txt`;
    const { fs: one } = await laptop.tab();
    await one.readFile(path);
    await until(() => one.sync.status.state === 'live', 'it listens');
    await rest(2);
    let asked = 0;
    backend.intercept = (request): Promise<Response> | null => (request.url.endsWith('/-/open') && (asked += 1) > 0 ? new Promise(() => undefined) : null);
    const opening = laptop.tab();
    await until(() => asked > 0, 'the next one asks');
    await one.writeFile(path, 'saved\n');
    await one.sync.flush();
    await rest();
    await one.close();
    const { fs } = await opening;
    equal(await fs.readFile(path), 'saved\n');
  });

  run('a change that is refused is left for where it was entered from last', async (laptop, peer) => {
    const { fs } = await laptop.tab();
    await fs.readFile(`${ROOT}/src/a.txt`);
    const { changeOid: other } = await peer.change.new({ repo: 'app', bookmark: 'main' });
    const main = await current(fs);
    for (const changeId of [other, main]) {
      await fs.change.edit({ repo: 'app', changeId });
      await fs.readFile(`${ROOT}/src/a.txt`);
      await rest(2);
    }
    laptop.offline = true;
    const { changeOid } = await fs.change.new({ repo: 'app', changeId: main });
    for (const changeId of [other, changeOid]) await fs.change.edit({ repo: 'app', changeId });
    refuseWrites(laptop);
    laptop.offline = false;
    await until(() => fs.sync.status.parked === 1, 'it is parked');
    equal(await current(fs), other);
  });
}
