import type { InProcess } from './in-process.ts';
import { equal, until } from './assert.ts';
import type { Run } from './rest.ts';

const LIB = '/acme/lib';

/** What a mount hears of others where it has to look: whatever it does itself, and whatever else fails. */
export function polls(run: Run): void {
  run('hears of another repo while it goes on writing', async (world) => {
    const { backend } = world;
    const writer = await withLib(backend);
    backend.poll = { fastest: 200, slowest: 1_000 };
    await using fs = await backend.client().fs.mount({ repos: ['app', 'lib'] });
    await fs.readFile(`${LIB}/x`);
    await writer.writeFile(`${LIB}/x`, 'two');
    let count = 0;
    await until(async () => {
      await fs.writeFile(world.at('a'), `${(count += 1)}`);
      return (await fs.readFile(`${LIB}/x`)) === 'two';
    }, 'it is heard of');
    await writer.close();
  });

  run('has its empty directories after the bookmark has gone on', async (world) => {
    const { backend } = world;
    await using peer = await backend.client().fs.mount({ repos: ['app'] });
    await using fs = await backend.client().fs.mount({ repos: ['app'] });
    await fs.writeFile(world.at('a'), 'one\n');
    await until(() => peer.exists(world.at('a')), 'the peer has it');
    await fs.mkdir(world.at('d'));
    const { activeChangeOid } = await peer.change.checkpoint({ repo: 'app' });
    await until(async () => (await fs.change.current({ repo: 'app' })).changeId === activeChangeOid, 'it has followed');
    await fs.writeFile(world.at('d/f'), 'x');
    equal(await fs.readdir(world.at('d')), ['f']);
  });
}

/** Makes another repo, with a file. */
async function withLib(backend: InProcess) {
  await backend.client().repos.create({ name: 'lib' });
  const writer = await backend.client().fs.mount({ repos: ['lib'] });
  await writer.writeFile(`${LIB}/x`, 'one');
  return writer;
}
