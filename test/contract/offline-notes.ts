import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, ok, until } from './assert.ts';
import { rest } from './laptop.ts';
import type { Laptop } from './laptop.ts';

const ROOT = '/acme/app';
const PATH = `${ROOT}/src/a.txt`;

type Run = (name: string, body: (laptop: Laptop, peer: MesaFileSystem) => Promise<void>) => void;

/** What a device notes of where things stood: a page that begins without a network begins there, and whatever a journal has let go of has to be in it. */
export function notesSuite(run: Run): void {
  run('what was written into a change itself is there for who opens its bookmark without a network', async (laptop) => {
    const { fs } = await laptop.tab();
    await fs.readFile(PATH);
    await rest();
    const { changeId } = await fs.change.current({ repo: 'app' });
    await fs.change.edit({ repo: 'app', changeId });
    await fs.writeFile(PATH, 'written in the change\n');
    await fs.sync.flush();
    await rest(2);
    equal((await fs.close()).pending, 0);
    laptop.offline = true;
    const next = await laptop.tab();
    equal(await next.fs.readFile(PATH), 'written in the change\n');
    await next.fs.appendFile(PATH, 'more\n');
    await laptop.online(next.fs);
    await next.fs.sync.flush();
    await rest();
    equal([await next.fs.readFile(PATH), await next.fs.conflicts({ repo: 'app' })], ['written in the change\nmore\n', []]);
  });

  for (const [what, closes] of [
    ['goes on', false],
    ['closes', true],
  ] as const) {
    run(`a tab that has not heard yet and ${what} does not note where things stood`, async (laptop) => {
      const [late, early] = [await laptop.tab(), await laptop.tab()];
      for (const { fs } of [late, early]) await fs.readFile(PATH);
      await rest(2);
      laptop.eventsTake = 20_000;
      await early.fs.writeFile(PATH, 'before the checkpoint\n');
      await early.fs.change.checkpoint({ repo: 'app' });
      await early.fs.writeFile(PATH, 'after it\n');
      await early.fs.sync.flush();
      await until(() => early.fs.sync.status.pending === 0, 'all is sent');
      await rest(2);
      laptop.offline = true;
      if (closes) await late.fs.close();
      await rest();
      early.crash();
      const { fs } = await laptop.tab();
      equal(await fs.readFile(PATH), 'after it\n');
      laptop.eventsTake = 0;
    });
  }

  run('two tabs that note at once note the later of what they know', async (laptop) => {
    const [late, early] = [await laptop.tab(), await laptop.tab()];
    for (const { fs } of [late, early]) await fs.readFile(PATH);
    await rest(2);
    laptop.eventsTake = 20_000;
    await early.fs.writeFile(PATH, 'later\n');
    await early.fs.sync.flush();
    await rest(2);
    laptop.offline = true;
    late.crash();
    early.crash();
    const { fs } = await laptop.tab();
    equal(await fs.readFile(PATH), 'later\n');
    laptop.eventsTake = 0;
  });

  run('a tab that only reads notes nothing of what others on the device wrote: it does not know which of that it shows', async (laptop, peer) => {
    const reader = await laptop.tab({ repos: [{ name: 'app', bookmark: 'main', readOnly: true }] });
    await reader.fs.readFile(PATH);
    const writer = await laptop.tab();
    await writer.fs.readFile(PATH);
    await rest();
    // It ends before it notes anything more.
    writer.stopNoting();
    await writer.fs.writeFile(PATH, 'one\nmine\nthree\n');
    await until(async () => (await peer.readFile(PATH)).includes('mine'), 'it is there');
    writer.crash();
    await peer.writeFile(PATH, 'one\ntheirs\nthree\n');
    await until(async () => (await reader.fs.readFile(PATH)).includes('theirs'), 'it is heard of');
    await rest(2);
    laptop.offline = true;
    reader.crash();
    const { fs } = await laptop.tab();
    ok(!(await fs.readFile(PATH)).includes('<<<<'), 'it is in conflict with nobody');
    await laptop.online(fs);
    await until(async () => (await fs.readFile(PATH)) === 'one\ntheirs\nthree\n', 'it is as elsewhere');
    equal(await fs.conflicts({ repo: 'app' }), []);
  });
}
