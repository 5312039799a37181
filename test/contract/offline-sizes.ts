import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, fails, until } from './assert.ts';
import { rest } from './laptop.ts';
import type { Laptop } from './laptop.ts';

const ROOT = '/acme/app';
/** The largest file there can be. */
const LARGEST = 33_554_432;

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
    const next = await laptop.tab();
    equal([next.fs.sync.status.pending, await next.fs.readFile(`${ROOT}/small`)], [2, 'small\n']);
    await laptop.online(next.fs);
    await until(() => peer.exists(`${ROOT}/small`), 'it arrives');
    equal((await peer.readlink(`${ROOT}/link`)).length, 4_095);
  });
}
