import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, until } from './assert.ts';
import { rest } from './laptop.ts';
import type { Laptop, RunOnLaptop } from './laptop.ts';

const SRC = '/acme/app/src';
const FILE = `${SRC}/a.txt`;

/** What was made here and stood nowhere else, merged files and directories, and what is done next with it: the backend has to know what that replaces. */
export function mergedSuite(run: RunOnLaptop): void {
  run('a directory that was just written in is removed, and what others put there stays', async (laptop, peer) => {
    const fs = await reader(laptop, peer);
    await removeWhereOthersWrite(laptop, fs, peer);
  });

  run('a directory that looks as it did here before, and never elsewhere, is removed', async (laptop, peer) => {
    const fs = await reader(laptop, peer);
    laptop.offline = true;
    await fs.writeFile(`${SRC}/x.txt`, 'mine\n');
    await fs.rm(`${SRC}/x.txt`);
    await laptop.online(fs);
    await fs.writeFile('/acme/app/other.txt', 'other\n');
    await fs.sync.flush();
    await removeWhereOthersWrite(laptop, fs, peer);
  });

  run('a directory that was merged here is removed with what was heard of, and what was not stays', async (laptop, peer) => {
    const fs = await reader(laptop, peer, { raceWindow: 0 });
    const free = hold(laptop);
    await fs.writeFile(`${SRC}/x.txt`, 'MINE\n');
    await peer.writeFile(`${SRC}/y.txt`, 'theirs\n');
    await until(() => fs.exists(`${SRC}/y.txt`), 'it is heard of');
    await fs.rm(SRC, { recursive: true });
    await peer.writeFile(`${SRC}/z.txt`, 'theirs too\n');
    await peer.sync.flush();
    free();
    await until(() => fs.sync.status.pending === 0, 'all is sent');
    equal(await peer.readdir(SRC), ['z.txt']);
  });

  for (const told of ['what is there', 'the version that was read']) {
    run(`what is written on top of a merge that was made here only merges elsewhere, ${told} given as its base`, async (laptop, peer) => {
      const fs = await reader(laptop, peer);
      await peer.writeFile(FILE, lines({}));
      await until(async () => (await fs.readFile(FILE)) === lines({}), 'it is heard of');
      const free = hold(laptop);
      await fs.writeFile(FILE, lines({ 1: 'MINE 1' }));
      await peer.writeFile(FILE, lines({ 20: 'theirs 20' }));
      await until(async () => (await fs.readFile(FILE)).includes('theirs 20'), 'it is heard of');
      const { version: base } = await fs.readVersioned(FILE);
      const next = lines({ 1: 'MINE 1', 10: 'MINE 10', 20: 'theirs 20' });
      await fs.writeFile(FILE, next, told === 'what is there' ? undefined : { base });
      await peer.writeFile(FILE, lines({ 20: 'theirs 20', 30: 'theirs 30' }));
      await peer.sync.flush();
      free();
      await until(() => fs.sync.status.pending === 0, 'all is sent');
      const merged = lines({ 1: 'MINE 1', 10: 'MINE 10', 20: 'theirs 20', 30: 'theirs 30' });
      await until(async () => (await fs.readFile(FILE)) === merged, 'all of it is there');
      await until(async () => (await peer.readFile(FILE)) === merged, 'there, too');
    });
  }
}

/** A tab that has read the files of the directory, of which there are two. */
async function reader(laptop: Laptop, peer: MesaFileSystem, options: { raceWindow?: number } = {}): Promise<MesaFileSystem> {
  await peer.writeFile(`${SRC}/b.txt`, 'b\n');
  await peer.sync.flush();
  const { fs } = await laptop.tab(options);
  for (const name of await fs.readdir(SRC)) await fs.readFile(`${SRC}/${name}`);
  await rest();
  return fs;
}

/** Removes the directory that was just written in, while a peer writes there unheard: only what the peer wrote is there then. */
async function removeWhereOthersWrite(laptop: Laptop, fs: MesaFileSystem, peer: MesaFileSystem): Promise<void> {
  laptop.offline = true;
  await fs.writeFile(`${SRC}/x.txt`, 'mine\n');
  await fs.rm(SRC, { recursive: true });
  await peer.writeFile(`${SRC}/y.txt`, 'theirs\n');
  await peer.sync.flush();
  await laptop.online(fs);
  equal(await peer.readdir(SRC), ['y.txt']);
}

/** Keeps writes that hold `MINE` from the backend, and lets others through, until the answer is called. */
function hold({ backend }: Laptop): () => void {
  backend.intercept = async (request): Promise<Response | null> => {
    if (!backend.isWrite(request)) return null;
    return (await request.clone().text()).includes('MINE') ? new Response('busy', { status: 503 }) : null;
  };
  return () => void (backend.intercept = null);
}

/** Forty lines, some of them otherwise. */
function lines(edited: Record<number, string>): string {
  return Array.from({ length: 40 }, (_, index) => `${edited[index] ?? `line ${index}`}\n`).join('');
}
