import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, fails, ok, until } from './assert.ts';
import { rest } from './laptop.ts';
import type { Laptop } from './laptop.ts';

const ROOT = '/acme/app';
/** The largest file there can be. */
const LARGEST = 33_554_432;
/** Of files of which two are more than is sent at once. */
const SIZE = 9 * 1024 * 1024;

type Run = (name: string, body: (laptop: Laptop, peer: MesaFileSystem) => Promise<void>) => void;

/** What is larger than the backend takes, or than is read again, is refused before it is kept. */
export function sizesSuite(run: Run): void {
  run('what is too large is refused before it is kept, and what is beside it is shown and sent', async (laptop, peer) => {
    const { fs, crash } = await laptop.tab();
    await fs.readFile(`${ROOT}/src/a.txt`);
    laptop.offline = true;
    await fs.writeFile(`${ROOT}/src/a.txt`, 'one\nmine\nthree\n');
    await peer.writeFile(`${ROOT}/src/a.txt`, 'one\ntheirs\nthree\n');
    await laptop.online(fs);
    await until(async () => (await fs.conflicts({ repo: 'app' })).length === 1, 'it is a conflict');
    await fs.readConflict(`${ROOT}/src/a.txt`);
    for (const name of ['small', 'link']) equal(await fs.exists(`${ROOT}/${name}`), false);
    await rest();
    laptop.offline = true;
    await fs.writeFile(`${ROOT}/small`, 'small\n');
    const values = Object.fromEntries(Array.from({ length: 9_000 }, (_, index) => [`k${index}`, 'v'.repeat(4_096)]));
    await fails(fs.resolveConflict(`${ROOT}/src/a.txt`, { content: new Uint8Array(LARGEST + 1) }), { code: 'EFBIG', message: String(LARGEST) });
    await fails(fs.symlink('x'.repeat(4_096), `${ROOT}/link`), { code: 'ENAMETOOLONG', message: '4095' });
    await fails(fs.setMetadata(`${ROOT}/README.md`, values), { code: 'EFBIG', path: `${ROOT}/README.md`, message: 'at most' });
    equal(fs.sync.status.pending, 1);
    await fs.symlink('x'.repeat(4_095), `${ROOT}/link`);
    crash();
    laptop.offline = false;
    const next = await laptop.tab();
    await laptop.online(next.fs);
    await until(() => peer.exists(`${ROOT}/small`), 'it arrives');
    equal((await peer.readlink(`${ROOT}/link`)).length, 4_095);
  });

  run('a large directory is copied and moved in parts, to another repo too: no request has more than is sent at once', async (laptop) => {
    await laptop.backend.client().repos.create({ name: 'docs' });
    const repos = ['app', 'docs'].map((name) => ({ name, bookmark: 'main' }));
    const { fs, crash } = await laptop.tab({ repos });
    for (const root of [ROOT, '/acme/docs']) await fs.readdir(root);
    const names = Array.from({ length: 3 }, (_, index) => `${index}.bin`);
    laptop.offline = true;
    await fs.mkdir(`${ROOT}/big/in`, { recursive: true });
    for (const [index, name] of names.entries()) await fs.writeFile(`${ROOT}/big/in/${name}`, new Uint8Array(SIZE).fill(index + 1));
    await fs.writeFile(`${ROOT}/big/last`, 'last\n');
    await fs.cp(`${ROOT}/big`, `${ROOT}/copy`, { recursive: true });
    await fs.mv(`${ROOT}/big`, '/acme/docs/big');
    equal([await fs.exists(`${ROOT}/big`), await fs.readdir('/acme/docs/big/in')], [false, names]);
    crash();
    laptop.offline = false;
    const sent: number[] = [];
    laptop.backend.intercept = async (request): Promise<null> => {
      if (laptop.backend.isWrite(request)) sent.push((await request.clone().arrayBuffer()).byteLength);
      return null;
    };
    const next = await laptop.tab({ repos });
    await laptop.online(next.fs);
    ok(Math.max(...sent) < 17 * 1024 * 1024, `requests of ${sent.join(', ')} bytes were sent`);
    equal(await next.fs.sync.parked(), []);
    await using other = await laptop.backend.client().fs.mount({ repos });
    equal(await other.exists(`${ROOT}/big`), false);
    for (const root of [`${ROOT}/copy`, '/acme/docs/big']) {
      equal([await other.readdir(`${root}/in`), await other.readFile(`${root}/last`)], [names, 'last\n']);
      const bytes = await Promise.all(names.map((name) => other.readFileBuffer(`${root}/in/${name}`)));
      equal(
        bytes.map((each) => [each.length, each[0]]),
        names.map((_, index) => [SIZE, index + 1]),
      );
    }
  });

  run('a directory of which the other repo refuses a part stays where it was', async (laptop) => {
    const { backend } = laptop;
    await backend.client().repos.create({ name: 'docs' });
    const { fs } = await laptop.tab({ repos: ['app', 'docs'].map((name) => ({ name, bookmark: 'main' })) });
    await fs.mkdir(`${ROOT}/big`);
    for (const name of ['a', 'b']) await fs.writeFile(`${ROOT}/big/${name}`, new Uint8Array(10 * 1024 * 1024).fill(name.charCodeAt(0)));
    await fs.sync.flush();
    let parts = 0;
    backend.intercept = (request) => {
      if (!backend.isWrite(request) || !request.url.includes('/docs/')) return null;
      parts += 1;
      return parts === 1 ? null : Response.json({ error: { code: 'FORBIDDEN', message: 'No more.' } }, { status: 403 });
    };
    await fails(fs.mv(`${ROOT}/big`, '/acme/docs/big'), { code: 'EACCES', message: 'No more' });
    equal([await fs.readdir(`${ROOT}/big`), await fs.readdir('/acme/docs/big')], [['a', 'b'], ['a']]);
    backend.intercept = null;
    await fs.mv(`${ROOT}/big/b`, '/acme/docs/big/b');
    equal([await fs.readdir(`${ROOT}/big`), await fs.readdir('/acme/docs/big')], [['a'], ['a', 'b']]);
  });
}
