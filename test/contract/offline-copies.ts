import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, fails, until } from './assert.ts';
import type { Laptop } from './laptop.ts';

const ROOT = '/acme/app';

type Run = (name: string, body: (laptop: Laptop, peer: MesaFileSystem) => Promise<void>) => void;

/** What becomes of directories that are copied or moved while the network is away. */
export function copiesSuite(run: Run): void {
  run('a copy of a directory that never stood like that on the server arrives', async (laptop, peer) => {
    const { fs, crash } = await laptop.tab();
    await fs.readdir(ROOT);
    laptop.offline = true;
    await fs.mkdir(`${ROOT}/d/in/empty`, { recursive: true });
    await fs.writeFile(`${ROOT}/d/a`, 'mine\n');
    await fs.writeFile(`${ROOT}/d/in/run`, 'deep\n');
    await fs.chmod(`${ROOT}/d/in/run`, 0o755);
    await fs.symlink('in/run', `${ROOT}/d/link`);
    await fs.cp(`${ROOT}/d`, `${ROOT}/e`, { recursive: true });
    await fs.writeFile(`${ROOT}/e/b`, 'later\n');
    await fs.cp(`${ROOT}/e/in`, `${ROOT}/f`, { recursive: true });
    await fs.rm(`${ROOT}/d`, { recursive: true });
    await fs.mv(`${ROOT}/e`, `${ROOT}/g`);
    for (const path of ['d', 'd/in', 'e', 'e/in', 'f', 'g']) await peer.mkdir(`${ROOT}/${path}`);
    for (const path of ['d', 'd/in', 'e/in', 'f', 'g']) await peer.writeFile(`${ROOT}/${path}/theirs`, 'theirs\n');
    crash();
    laptop.offline = false;
    const next = await laptop.tab();
    await laptop.online(next.fs);
    equal(await next.fs.sync.parked(), []);
    await until(() => peer.exists(`${ROOT}/g/b`), 'it arrives');
    equal(await peer.readdir(`${ROOT}/g`), ['a', 'b', 'in', 'link', 'theirs']);
    equal(await peer.readdir(`${ROOT}/g/in`), ['empty', 'run', 'theirs']);
    equal(await peer.readdir(`${ROOT}/f`), ['empty', 'run', 'theirs']);
    equal([await peer.readFile(`${ROOT}/g/a`), await peer.readFile(`${ROOT}/g/link`), await peer.readFile(`${ROOT}/f/run`)], ['mine\n', 'deep\n', 'deep\n']);
    equal((await peer.stat(`${ROOT}/f/run`)).mode, 0o100755);
    equal(await peer.readdir(`${ROOT}/d/in`), ['theirs']);
  });

  run('what is refused once more when it is saved is parked once more, and that is told', async (laptop) => {
    const { fs } = await laptop.tab();
    laptop.offline = true;
    await fs.writeFile(`${ROOT}/a`, 'mine\n');
    await fs.writeFile(`${ROOT}/b`, 'mine\n');
    refuseEdits(laptop);
    laptop.offline = false;
    await until(() => fs.sync.status.parked === 2, 'they are parked');
    await fails(fs.sync.saveParked({ repo: 'app' }), { code: 'FORBIDDEN', message: 'You may not' });
    await until(async () => (await fs.sync.parked()).length === 2 && fs.sync.status.pending === 0, 'they are parked once more, and once only');
    laptop.backend.intercept = null;
    const { changeOid } = await fs.sync.saveParked({ repo: 'app' });
    equal(await fs.sync.parked(), []);
    await fs.change.edit({ repo: 'app', changeId: changeOid });
    equal([await fs.readFile(`${ROOT}/a`), await fs.readFile(`${ROOT}/b`)], ['mine\n', 'mine\n']);
  });
}

/** Refuses what edits files, and nothing else. */
function refuseEdits({ backend }: Laptop): void {
  backend.intercept = async (request) => {
    if (!backend.isWrite(request) || (backend.live && !(await request.clone().text()).includes('"edits"'))) return null;
    return Response.json({ error: { code: 'FORBIDDEN', message: 'You may not.' } }, { status: 403 });
  };
}
