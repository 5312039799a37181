import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { JournalError } from '../../src/engine/journal/medium.ts';
import type { MemoryDeviceOptions } from '../../src/engine/journal/memory.ts';
import { equal, fails, until } from './assert.ts';
import type { Laptop } from './laptop.ts';

const ROOT = '/acme/app';

type Run = (name: string, body: (laptop: Laptop, peer: MesaFileSystem) => Promise<void>, options: MemoryDeviceOptions) => void;

/** What becomes of writes that the device has no room for while the server can't be reached. */
export function noRoomSuite(run: Run): void {
  let full = false;
  run(
    'a write that can be neither kept nor sent fails, and is not shown',
    async (laptop) => {
      const { fs } = await laptop.tab();
      await fs.readFile(`${ROOT}/src/a.txt`);
      laptop.offline = true;
      await fs.writeFile(`${ROOT}/src/a.txt`, 'kept\n');
      full = true;
      await fails(fs.writeFile(`${ROOT}/README.md`, 'no room\n'), { code: 'ENOSPC' });
      await fails(fs.writeFile(`${ROOT}/src/b.txt`, 'no room\n'), { code: 'ENOSPC' });
      equal(await fs.exists(`${ROOT}/src/b.txt`), false);
      equal(await fs.readFile(`${ROOT}/src/a.txt`), 'kept\n');
      laptop.offline = false;
      await until(() => fs.sync.status.pending === 0, 'what was kept is sent');
      await fs.writeFile(`${ROOT}/src/b.txt`, 'the server has room\n');
      await fs.writeFile(`${ROOT}/README.md`, 'tried again\n');
      equal(await fs.readFile(`${ROOT}/README.md`), 'tried again\n');
      full = false;
    },
    { fault: () => (full ? new JournalError('QUOTA', 'there is no room') : null) },
  );

  run(
    'a change that can be neither kept nor made is left for the one it was to be made on',
    async (laptop, peer) => {
      const { fs } = await laptop.tab({ writes: 'fork' });
      await fs.readFile(`${ROOT}/src/a.txt`);
      const { changeId: main } = await fs.change.current({ repo: 'app' });
      laptop.offline = true;
      await fs.bookmark.create({ repo: 'app', name: 'kept' });
      full = true;
      await fails(fs.writeFile(`${ROOT}/src/a.txt`, 'no room\n'), { code: 'ENOSPC' });
      equal(await fs.readFile(`${ROOT}/src/a.txt`), 'one\ntwo\nthree\n');
      await until(async () => (await fs.change.current({ repo: 'app' })).changeId === main, 'it is where it was');
      full = false;
      laptop.offline = false;
      await until(() => fs.sync.status.pending === 0, 'what was kept is sent');
      await peer.writeFile(`${ROOT}/src/b.txt`, 'theirs\n');
      await until(() => fs.exists(`${ROOT}/src/b.txt`), 'it hears of others');
      await fs.writeFile(`${ROOT}/src/a.txt`, 'mine\n');
      await fs.sync.flush();
      equal(fs.sync.status.parked, undefined);
      const { changeId } = await fs.change.current({ repo: 'app' });
      await peer.change.edit({ repo: 'app', changeId });
      equal(await peer.readFile(`${ROOT}/src/a.txt`), 'mine\n');
    },
    { fault: () => (full ? new JournalError('QUOTA', 'there is no room') : null) },
  );
}
