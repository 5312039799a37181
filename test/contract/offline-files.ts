import { equal, fails, until } from './assert.ts';
import type { InProcess } from './in-process.ts';
import { rest } from './laptop.ts';
import type { RunOnLaptop } from './laptop.ts';
import { watch } from './world.ts';

const ROOT = '/acme/app';
const SRC = `${ROOT}/src`;
const FILE = `${SRC}/a.txt`;

/** What is moved, removed, pinned and looked at, here and by others meanwhile. Of backends with live endpoints. */
export function filesSuite(run: RunOnLaptop): void {
  run('what is moved onto itself, in another mount of its repo, stays', async (laptop, peer) => {
    const { fs } = await laptop.tab({
      repos: [
        { name: 'app', bookmark: 'main' },
        { name: 'app', bookmark: 'main', path: '/again' },
      ],
    });
    await fs.mv(FILE, '/again/src/a.txt');
    await fails(fs.cp(FILE, '/again/src/a.txt'), { code: 'EINVAL', message: 'the same file' });
    await fs.writeFile(`${ROOT}/later.txt`, 'later\n');
    await fs.sync.flush();
    await until(() => peer.exists(`${ROOT}/later.txt`), 'all has arrived');
    for (const path of [FILE, '/again/src/a.txt']) equal(await fs.readFile(path), 'one\ntwo\nthree\n');
    equal(await peer.readFile(FILE), 'one\ntwo\nthree\n');
  });

  run('a directory that is moved, with a part of it removed, and that somebody else removed meanwhile, is where it was moved', async (laptop, peer) => {
    await peer.writeFile(`${SRC}/b.txt`, 'two\n');
    await peer.sync.flush();
    const { fs } = await laptop.tab();
    await fs.readdir(SRC);
    await rest();
    laptop.offline = true;
    await fs.rm(FILE);
    await fs.mv(SRC, `${ROOT}/to`);
    await peer.rm(SRC, { recursive: true });
    await peer.sync.flush();
    await laptop.online(fs);
    await until(() => peer.exists(`${ROOT}/to`), 'it arrives');
    equal(await peer.readFile(`${ROOT}/to/b.txt`), 'two\n');
  });

  run('a file in conflict with its removal is made executable', async (laptop, peer) => {
    const { fs } = await laptop.tab();
    await fs.readdir(SRC);
    await rest();
    laptop.offline = true;
    await fs.writeFile(FILE, 'mine\n');
    await peer.rm(FILE);
    await peer.sync.flush();
    await laptop.online(fs);
    for (const each of [peer, fs]) await until(async () => (await each.conflicts({ repo: 'app' })).length === 1, 'they are in conflict');
    await fs.chmod(FILE, 0o755);
    equal((await fs.stat(FILE)).mode & 0o111, 0o111);
  });

  run('what was removed of what an earlier tab wrote stays removed in the next, without a network', async (laptop) => {
    const name = namesOf(laptop.backend);
    const one = await laptop.tab();
    await one.fs.readFile(`${ROOT}/README.md`);
    await one.fs.readFile(FILE);
    await rest();
    laptop.offline = true;
    for (const file of ['a', 'b']) await one.fs.writeFile(`${ROOT}/${file}`, 'first\n');
    await one.fs.mkdir(`${ROOT}/d`);
    one.crash();
    name.sortsFirst();
    const two = await laptop.tab();
    await laptop.online(two.fs);
    laptop.offline = true;
    await two.fs.rm(`${ROOT}/a`);
    await two.fs.mv(`${ROOT}/b`, `${ROOT}/c`);
    await two.fs.rm(`${ROOT}/d`);
    two.crash();
    const { fs } = await laptop.tab();
    equal(await fs.readdir(ROOT), ['README.md', 'c', 'src']);
  });

  run('what was removed of what another tab wrote stays removed in the next, without a network', async (laptop) => {
    const name = namesOf(laptop.backend);
    const one = await laptop.tab();
    await one.fs.readFile(FILE);
    name.sortsFirst();
    const two = await laptop.tab();
    await two.fs.readdir(ROOT);
    await rest();
    laptop.stuck = true;
    await one.fs.writeFile(`${ROOT}/a`, 'first\n');
    await one.fs.mkdir(`${ROOT}/d`);
    await one.fs.sync.flush();
    for (const path of ['a', 'd']) await until(() => two.fs.exists(`${ROOT}/${path}`), 'it is seen');
    await two.fs.readFile(`${ROOT}/a`);
    await rest();
    laptop.offline = true;
    for (const path of ['a', 'd']) await two.fs.rm(`${ROOT}/${path}`);
    for (const { crash } of [one, two]) crash();
    const { fs } = await laptop.tab();
    equal(await fs.readdir(ROOT), ['README.md', 'src']);
  });

  run('what is removed stays removed, though who wrote it in another tab was answered before events came', async (laptop) => {
    const name = namesOf(laptop.backend);
    const { fs: one } = await laptop.tab();
    await one.readFile(FILE);
    name.sortsFirst();
    const { fs: two } = await laptop.tab();
    await two.readdir(ROOT);
    laptop.eventsTake = 3_000;
    for (const file of ['a', 'b']) await one.writeFile(`${ROOT}/${file}`, 'first\n');
    await one.sync.flush();
    for (const file of ['a', 'b']) {
      await until(() => two.exists(`${ROOT}/${file}`), 'it is seen');
      equal(await two.readFile(`${ROOT}/${file}`), 'first\n');
    }
    laptop.answer = () => rest(2);
    await two.rm(`${ROOT}/a`);
    await two.mv(`${ROOT}/b`, `${ROOT}/c`);
    await one.writeFile(`${ROOT}/other`, 'other\n');
    await until(() => two.exists(`${ROOT}/other`), 'it is seen');
    equal(await two.readdir(ROOT), ['README.md', 'c', 'other', 'src']);
  });

  run('a pinned file deep in a repo can be read, though the cache had no room for what is above it', async (laptop, peer) => {
    const path = `${ROOT}/x/y/z/b.txt`;
    await peer.mkdir(`${ROOT}/x/y/z`, { recursive: true });
    await peer.writeFile(path, 'deep\n');
    await peer.mkdir(`${ROOT}/noise`);
    const noise = Array.from({ length: 40 }, (_, index) => `${ROOT}/noise/${index}`);
    await Promise.all(noise.map((name) => peer.writeFile(name, name.repeat(100))));
    await peer.sync.flush();
    const cache = { diskCache: { path: 'small', maxSizeBytes: 20_000 } };
    const { fs, crash } = await laptop.tab({ cache });
    await fs.cache.pin(path);
    await rest();
    for (const name of noise) await fs.readFile(name);
    await rest(2);
    laptop.offline = true;
    crash();
    const next = await laptop.tab({ cache });
    equal(await next.fs.readFile(path), 'deep\n');
  });

  run('how large a file is that was listed is known without a network', async (laptop) => {
    const { fs, crash } = await laptop.tab();
    await fs.readdir(SRC);
    equal((await fs.stat(FILE)).size, 14);
    await rest();
    laptop.offline = true;
    crash();
    const next = await laptop.tab();
    equal([await next.fs.readdir(SRC), (await next.fs.stat(FILE)).size], [['a.txt'], 14]);
  });

  run('what could be read can be without a network, however many files somebody changed at once', async (laptop, peer) => {
    const { backend } = laptop;
    const names = Array.from({ length: 210 }, (_, index) => `${SRC}/f${100 + index}`);
    const last = `${SRC}/f309`;
    const read = names.filter((_, index) => index % 10 === 0);
    await Promise.all(names.map((name) => peer.writeFile(name, 'before\n')));
    await peer.sync.flush();
    const { fs, crash } = await laptop.tab();
    await Promise.all(read.map((name) => fs.readFile(name)));
    await rest(2);
    laptop.offline = true;
    await Promise.all(names.map((name) => peer.writeFile(name, `${name} after\n`)));
    await peer.sync.flush();
    laptop.offline = false;
    await until(async () => (await fs.stat(last)).version === (await peer.stat(last)).version, 'it is heard of');
    const isQuiet = async (): Promise<boolean> => {
      await rest(4);
      return backend.takeRequests().length === 0;
    };
    await until(isQuiet, 'all is brought in');
    laptop.offline = true;
    crash();
    const next = await laptop.tab();
    for (const name of read) equal(await next.fs.readFile(name), `${name} after\n`);
  });

  run("that a time was changed is told, though work of one's own waits", async (laptop, peer) => {
    const { fs } = await laptop.tab();
    await fs.stat(FILE);
    await until(() => fs.sync.status.state === 'live', 'it listens');
    const { events } = watch(fs);
    const release = await heldWrite(laptop.backend, () => fs.writeFile(`${ROOT}/README.md`, 'mine\n'));
    await peer.utimes(FILE, 0, 5_000);
    await until(async () => (await fs.stat(FILE)).mtime.getTime() === 5_000, 'it is seen');
    release();
    await until(() => events.some(({ path }) => path === FILE), 'it is told');
  });
}

/** Has the next write that is sent wait; resolves when it does, with what lets it go. */
async function heldWrite(backend: InProcess, write: () => Promise<unknown>): Promise<() => void> {
  const held = Promise.withResolvers<null>();
  let writes = 0;
  backend.intercept = (request) => (backend.isWrite(request) && (writes += 1) === 1 ? held.promise : null);
  await write();
  await until(() => writes > 0, 'it is sent');
  return () => held.resolve(null);
}

/** From here on tabs have names that come last, and once they are to, first: what knows nothing of each other is laid in the order of its tabs' names. */
function namesOf(backend: InProcess): { sortsFirst: () => void } {
  const { random } = backend;
  let first = 51;
  backend.random = (bytes) => {
    random(bytes);
    bytes[0] = (first << 2) | ((bytes[0] ?? 0) & 3);
  };
  return { sortsFirst: () => void (first = 1) };
}
