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

  const outages: Record<string, () => Response | Promise<Response>> = {
    fails: () => Response.json({ message: 'down' }, { status: 500 }),
    'can not be reached': () => Promise.reject(new TypeError('fetch failed')),
    'does not answer': () => new Promise(() => undefined),
  };
  for (const [what, outage] of Object.entries(outages)) {
    run(`hears of one repo while another one ${what}`, async (world) => {
      const { backend, fs: writer } = world;
      const lib = await withLib(backend);
      await writer.writeFile(world.at('b'), 'one');
      await using fs = await backend.client().fs.mount({ repos: ['app', 'lib'] });
      equal(await Promise.all([fs.readFile(world.at('b')), fs.readFile(`${LIB}/x`)]), ['one', 'one']);
      let asked = 0;
      backend.intercept = ({ url }) => (/\/acme\/lib\//.test(url) && (asked += 1) > 0 ? outage() : null);
      await until(() => asked > 0, 'it is looked for');
      for (const text of ['two', 'three']) {
        await writer.writeFile(world.at('b'), text);
        await until(async () => (await fs.readFile(world.at('b'))) === text, 'it is heard of');
      }
      await fs.writeFile(world.at('c'), 'mine');
      await world.seen(writer, world.at('c'), 'mine');
      equal(await fs.readFile(`${LIB}/x`), 'one');
      backend.intercept = null;
      await lib.writeFile(`${LIB}/x`, 'two');
      if (what !== 'does not answer') await until(async () => (await fs.readFile(`${LIB}/x`)) === 'two', 'the other one is heard of again');
      await lib.close();
    });
  }

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
