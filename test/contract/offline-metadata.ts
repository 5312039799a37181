import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, until } from './assert.ts';
import { rest } from './laptop.ts';
import type { Laptop, RunOnLaptop } from './laptop.ts';

const SRC = '/acme/app/src';
const FILE = `${SRC}/a.txt`;
/** What every path has. */
const OWN = { org: 'acme', repo: 'app' };

/** Metadata belongs to what is at a path: it goes where that goes, and ends with it. Of backends with live endpoints. */
export function metadataSuite(run: RunOnLaptop): void {
  run('metadata that is set while it is cleared is there, however long that takes', async (laptop) => {
    const { backend } = laptop;
    const { fs } = await laptop.tab();
    await fs.setMetadata(FILE, { old: '1' });
    let asked = 0;
    const late = Promise.withResolvers<null>();
    backend.intercept = (request) => (request.method === 'GET' && request.url.includes('metadata') && (asked += 1) === 1 ? late.promise : null);
    const done = Promise.all([fs.clearMetadata(FILE), fs.setMetadata(FILE, { fresh: '2' })]);
    await until(() => asked > 0, 'it is asked what there is');
    await rest(0.5);
    late.resolve(null);
    await done;
    equal(await fs.getMetadata(FILE), { ...OWN, fresh: '2' });
  });

  run('metadata is cleared of what is moved meanwhile', async (laptop) => {
    const { fs } = await laptop.tab();
    await fs.setMetadata(FILE, { old: '1' });
    await Promise.all([fs.clearMetadata(FILE), fs.mv(FILE, `${SRC}/b.txt`)]);
    equal(await fs.getMetadata(`${SRC}/b.txt`), OWN);
  });

  run('metadata that is set without a network goes where the file is moved then', async (laptop, peer) => {
    const fs = await away(laptop);
    await fs.setMetadata(FILE, { owner: 'me' });
    await fs.mv(FILE, `${SRC}/b.txt`);
    await fs.mv(SRC, '/acme/app/to');
    await laptop.online(fs);
    await until(() => peer.exists('/acme/app/to/b.txt'), 'it is moved');
    equal(await peer.getMetadata('/acme/app/to/b.txt'), { ...OWN, owner: 'me' });
  });

  run('metadata ends with a file that is removed and made anew without a network', async (laptop, peer) => {
    await peer.setMetadata(FILE, { owner: 'them' });
    const fs = await away(laptop);
    await fs.rm(FILE);
    await fs.writeFile(FILE, 'again\n');
    await laptop.online(fs);
    await until(async () => (await peer.readFile(FILE)) === 'again\n', 'it is there');
    equal(await peer.getMetadata(FILE), OWN);
  });

  run('metadata of a file that was removed meanwhile is not that of the next one there', async (laptop, peer) => {
    const fs = await away(laptop);
    await fs.setMetadata(FILE, { owner: 'me' });
    await peer.rm(FILE);
    await peer.sync.flush();
    await laptop.online(fs);
    await until(async () => !(await fs.exists(FILE)), 'it is gone');
    await peer.writeFile(FILE, 'another\n');
    await peer.sync.flush();
    equal(await peer.getMetadata(FILE), OWN);
  });

  run('metadata stays with a file that stays when its directory is removed', async (laptop, peer) => {
    const fs = await away(laptop);
    await fs.rm(SRC, { recursive: true });
    await peer.writeFile(`${SRC}/new.txt`, 'theirs\n');
    await peer.setMetadata(`${SRC}/new.txt`, { owner: 'them' });
    await peer.sync.flush();
    await laptop.online(fs);
    await until(async () => !(await peer.exists(FILE)), 'the others are gone');
    equal(await peer.readFile(`${SRC}/new.txt`), 'theirs\n');
    equal(await peer.getMetadata(`${SRC}/new.txt`), { ...OWN, owner: 'them' });
  });

  run('metadata goes with what is moved into a conflict, and does not stay behind', async (laptop, peer) => {
    await peer.setMetadata(FILE, { owner: 'them' });
    const fs = await away(laptop);
    await fs.mv(FILE, `${SRC}/b.txt`);
    await peer.writeFile(`${SRC}/b.txt`, 'theirs\n');
    await peer.sync.flush();
    await laptop.online(fs);
    await until(async () => (await peer.conflicts({ repo: 'app' })).length === 1, 'they are in conflict');
    await peer.writeFile(FILE, 'another\n');
    await peer.sync.flush();
    equal([await peer.getMetadata(`${SRC}/b.txt`), await peer.getMetadata(FILE)], [{ ...OWN, owner: 'them' }, OWN]);
  });

  run('what is set and not sent yet is cleared, too', async (laptop, peer) => {
    const { backend } = laptop;
    const { fs } = await laptop.tab();
    await fs.readFile(FILE);
    backend.intercept = (request): Response | null => (backend.isWrite(request) ? new Response('busy', { status: 503 }) : null);
    await fs.setMetadata(FILE, { owner: 'me' });
    await fs.clearMetadata(FILE);
    backend.intercept = null;
    await laptop.online(fs);
    equal([await fs.getMetadata(FILE), await peer.getMetadata(FILE)], [OWN, OWN]);
  });
}

/** A tab that has seen the file's directory, without a network. */
async function away(laptop: Laptop): Promise<MesaFileSystem> {
  const { fs } = await laptop.tab();
  await fs.readdir(SRC);
  await rest();
  laptop.offline = true;
  return fs;
}
