import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, fails, ok, until } from './assert.ts';
import { rest } from './laptop.ts';
import type { Laptop } from './laptop.ts';

const ROOT = '/acme/app';

type Run = (name: string, body: (laptop: Laptop, peer: MesaFileSystem) => Promise<void>) => void;

/** What a device keeps: what is pinned can be read without a network, and what is kept costs no requests. */
export function pinsSuite(run: Run): void {
  run('a walk takes few requests beside a disk cache, too', async (laptop, peer) => {
    const names = Array.from({ length: 144 }, (_, index) => `${ROOT}/walk/d${index % 12}/s${Math.floor(index / 12)}`);
    await Promise.all(names.map((name) => peer.mkdir(name, { recursive: true })));
    await Promise.all(names.map((name) => peer.writeFile(`${name}/f`, name)));
    await peer.sync.flush();
    const { fs } = await laptop.tab();
    await fs.readdir(ROOT);
    laptop.backend.takeRequests();
    const found: string[] = [];
    const walk = async (path: string): Promise<void> => {
      const entries = await fs.readdirWithFileTypes(path);
      await Promise.all(entries.map(async (entry) => (entry.isDirectory ? walk(`${path}/${entry.name}`) : void found.push(entry.name))));
    };
    await walk(`${ROOT}/walk`);
    equal(found.length, 144);
    // Looking for others' writes goes on meanwhile, and is not counted.
    const { length } = laptop.backend.takeRequests(/\/(content|trees|objects)\b/);
    ok(length > 0 && length <= 20, `${length} requests for 157 directories`);
  });

  run('a pinned directory can be read, with what others changed in it', async (laptop, peer) => {
    const { fs, crash } = await laptop.tab();
    await peer.mkdir(`${ROOT}/src/deep`);
    await peer.writeFile(`${ROOT}/src/deep/b.txt`, 'deep\n');
    await until(() => fs.exists(`${ROOT}/src/deep/b.txt`), 'it is here');
    equal(await fs.cache.pin(`${ROOT}/src`), { files: 2, bytes: 19 });
    equal(await fs.cache.pinned(), [`${ROOT}/src`]);
    await peer.writeFile(`${ROOT}/src/deep/b.txt`, 'changed\n');
    await until(async () => (await fs.stat(`${ROOT}/src/deep/b.txt`)).size === 8, 'the event has come');
    await rest(4);
    laptop.offline = true;
    crash();
    const next = await laptop.tab();
    equal(await next.fs.readFile(`${ROOT}/src/deep/b.txt`), 'changed\n');
    equal(await next.fs.readFile(`${ROOT}/src/a.txt`), 'one\ntwo\nthree\n');
    await fails(next.fs.readFile(`${ROOT}/README.md`), { code: 'EIO', message: 'cannot be reached' });
    await next.fs.cache.unpin(`${ROOT}/src`);
    equal(await next.fs.cache.pinned(), []);
  });

  run('a whole repo can be pinned', async (laptop) => {
    const { fs, crash } = await laptop.tab();
    equal(await fs.cache.pin(ROOT), { files: 2, bytes: 20 });
    await rest();
    laptop.offline = true;
    crash();
    const next = await laptop.tab();
    equal(await next.fs.readFile(`${ROOT}/README.md`), '# app\n');
    equal((await next.fs.stat(`${ROOT}/src/a.txt`)).size, 14);
  });

  run('what only memory has is stored when it is pinned', async (laptop) => {
    const { fs, mesa, crash } = await laptop.tab({ cache: { diskCache: false } });
    await fs.readdir(`${ROOT}/src`);
    equal(await fs.readFile(`${ROOT}/src/a.txt`), 'one\ntwo\nthree\n');
    const keeping = await mesa.fs.mount({ repos: [{ name: 'app', bookmark: 'main' }] });
    equal(await keeping.cache.pin(`${ROOT}/src`), { files: 1, bytes: 14 });
    await rest();
    laptop.offline = true;
    crash();
    const next = await laptop.tab();
    equal(await next.fs.readFile(`${ROOT}/src/a.txt`), 'one\ntwo\nthree\n');
    await keeping.close();
  });

  run('what is too large for the device’s cache is not said to be pinned', async (laptop, peer) => {
    await peer.writeFile(`${ROOT}/large`, 'x'.repeat(3_000));
    const { fs } = await laptop.tab({ cache: { diskCache: { path: 'small', maxSizeBytes: 10_000 } } });
    await fails(fs.cache.pin(ROOT), { code: 'ENOSPC', message: 'maxSizeBytes' });
    equal(await fs.cache.pinned(), []);
    equal(await fs.cache.pin(`${ROOT}/src`), { files: 1, bytes: 14 });
    // One that has grown too large is kept as far as it can be.
    await peer.writeFile(`${ROOT}/src/large`, 'x'.repeat(3_000));
    await until(() => fs.exists(`${ROOT}/src/large`), 'it is here');
    await fails(fs.cache.pin(`${ROOT}/src`), { code: 'ENOSPC', message: 'maxSizeBytes' });
    equal(await fs.cache.pinned(), [`${ROOT}/src`]);
  });
}
