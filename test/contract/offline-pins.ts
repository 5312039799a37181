import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, fails, until } from './assert.ts';
import { rest } from './laptop.ts';
import type { Laptop } from './laptop.ts';

const ROOT = '/acme/app';

type Run = (name: string, body: (laptop: Laptop, peer: MesaFileSystem) => Promise<void>) => void;

/** What is pinned can be read without a network. */
export function pinsSuite(run: Run): void {
  run('a pinned directory can be read, with what others changed in it', async (laptop, peer) => {
    const { fs, crash } = await laptop.tab();
    await peer.mkdir(`${ROOT}/src/deep`);
    await peer.writeFile(`${ROOT}/src/deep/b.txt`, 'deep\n');
    await until(() => fs.exists(`${ROOT}/src/deep/b.txt`), 'it is here');
    equal(await fs.cache.pin(`${ROOT}/src`), { files: 2, bytes: 19 });
    equal(await fs.cache.pinned(), [`${ROOT}/src`]);
    await peer.writeFile(`${ROOT}/src/deep/b.txt`, 'changed\n');
    await until(async () => (await fs.stat(`${ROOT}/src/deep/b.txt`)).size === 8, 'the event has come');
    await rest();
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
