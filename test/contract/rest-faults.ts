import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, fails, until } from './assert.ts';
import type { Run } from './rest.ts';
import type { World } from './world.ts';

/** What goes wrong between the requests that one write takes: it is done once, and nothing it needs is lost. */
export function faults(run: Run): void {
  run('keeps what it has to remove before it can put it elsewhere', async (world) => {
    const { fs, backend } = world;
    await fs.mkdir(world.at('d'));
    await fs.writeFile(world.at('d/x'), 'the only copy');
    backend.poll = { fastest: 60_000, slowest: 60_000 };
    await using other = await backend.client().fs.mount({ repos: ['app'] });
    equal(await other.readdir(world.at('d')), ['x']);
    const deeds = [
      () => other.mv(world.at('d/x'), world.at('t')),
      () => other.rm(world.at('d'), { recursive: true }),
      () => other.mv(world.at('t'), world.at('d')),
    ];
    await inOneBatch(world, other, deeds, async (count) => {
      // Between the removal and what follows it, somebody else is faster.
      if (count === 2) await fs.writeFile(world.at('elsewhere'), 'theirs');
    });
    await world.seen(fs, world.at('d'), 'the only copy');
    equal((await fs.readdir(world.root)).toSorted(), ['d', 'elsewhere', 'first']);
  });

  run('does not move again what the second of two patches moved, though its answer was lost', async (world) => {
    const { fs, backend } = world;
    await fs.writeFile(world.at('a'), 'moved');
    const deeds = [() => fs.mv(world.at('a'), world.at('t')), () => fs.mkdir(world.at('a')), () => fs.mv(world.at('t'), world.at('a/f'))];
    const patches = await inOneBatch(world, fs, deeds, async (count, send) => {
      if (count !== 2) return;
      await send();
      throw new TypeError('fetch failed');
    });
    equal(patches, 2, 'removed, written');
    await using other = await backend.client().fs.mount({ repos: ['app'] });
    equal([await other.readdir(world.root), await other.readdir(world.at('a')), await other.readFile(world.at('a/f'))], [['a', 'first'], ['f'], 'moved']);
  });

  run('leaves content somewhere between any two patches', async (world) => {
    const { fs, backend } = world;
    await fs.writeFile(world.at('a'), 'the only copy');
    await using other = await backend.client().fs.mount({ repos: ['app'] });
    const deeds = [() => fs.mv(world.at('a'), world.at('t')), () => fs.mkdir(world.at('a')), () => fs.mv(world.at('t'), world.at('a/f'))];
    const seen: string[] = [];
    await inOneBatch(world, fs, deeds, async (_, send) => {
      const answer = await send();
      const question = new Request('http://backend.test/v1/acme/app/content', { headers: { Authorization: `Bearer ${backend.adminKey}` } });
      const { entries } = (await (await backend.handler(question)).json()) as { entries: { path: string; type: string }[] };
      seen.push(entries.map(({ path, type }) => `${type} ${path}`).join(', '));
      return answer;
    });
    equal(
      seen.filter((paths) => !/file (a|t|a\/f)\b/.test(paths)),
      [],
    );
    await until(async () => (await other.exists(world.at('a/f'))) && (await other.readFile(world.at('a/f'))) === 'the only copy', 'it arrives');
  });

  run('finds what it sent when that arrives after it was given up', async (world) => {
    const { fs, backend } = world;
    await fs.writeFile(world.at('log'), 'start\n');
    const late: (() => Promise<unknown>)[] = [];
    const patches = await inOneBatch(world, fs, appends(fs, world.at('log')), async (count, send) => {
      if (count === 1) {
        late.push(send);
        return Response.json({ message: 'It takes too long.' }, { status: 504 });
      }
      for (const arrive of late.splice(0)) await arrive();
      return null;
    });
    equal(await fs.readFile(world.at('log')), 'start\none\ntwo\n');
    equal(patches, 2, 'late, and refused');
    await using other = await backend.client().fs.mount({ repos: ['app'] });
    equal(await other.readFile(world.at('log')), 'start\none\ntwo\n');
  });

  run('asks again what became of a patch when that question fails as well', async (world) => {
    const { fs, backend } = world;
    await fs.writeFile(world.at('log'), 'start\n');
    let questions = 3;
    const patches = await inOneBatch(world, fs, appends(fs, world.at('log')), async (count, send) => {
      if (count > 1) return;
      await send();
      const { intercept } = backend;
      backend.intercept = async (request): Promise<Response | null> => {
        if (request.method !== 'GET' || questions === 0) return (await intercept?.(request)) ?? null;
        questions -= 1;
        throw new TypeError('fetch failed');
      };
      throw new TypeError('fetch failed');
    });
    equal([patches, questions], [1, 0]);
    equal(await fs.readFile(world.at('log')), 'start\none\ntwo\n');
    await using other = await backend.client().fs.mount({ repos: ['app'] });
    equal(await other.readFile(world.at('log')), 'start\none\ntwo\n');
  });

  run('keeps empty directories when it cannot look at what others wrote beside them', async (world) => {
    const { fs, backend } = world;
    await fs.mkdir(world.at('src'));
    await fs.writeFile(world.at('src/a'), 'one');
    await fs.mkdir(world.at('src/new'));
    const other = await world.peer();
    let failed = 0;
    backend.intercept = (request): null => {
      if (failed > 2 || !request.url.includes('path=src&')) return null;
      failed += 1;
      throw new TypeError('fetch failed');
    };
    await other.writeFile(world.at('src/a'), 'two');
    await world.seen(fs, world.at('src/a'), 'two');
    await until(() => failed > 2, 'looking fails');
    equal((await fs.readdir(world.at('src'))).toSorted(), ['a', 'new']);
  });

  run('tells the second of two checkpoints that it was not the first', async (world) => {
    const { fs, backend } = world;
    await fs.writeFile(world.at('a'), 'x');
    const other = await world.peer();
    equal(await other.readFile(world.at('a')), 'x');
    let between = 0;
    backend.intercept = async (request): Promise<null> => {
      if (request.method !== 'PATCH' || !request.url.includes('/bookmarks/') || (between += 1) > 1) return null;
      await other.change.checkpoint({ repo: 'app' });
      return null;
    };
    const main = async (): Promise<string> => (await world.mesa.bookmarks.get({ repo: 'app', bookmark: 'main' })).change_id;
    await fails(fs.change.checkpoint({ repo: 'app' }), { code: 'STALE_BASE' });
    equal(between, 2);
    equal(await main(), (await other.change.current({ repo: 'app' })).changeId, 'the first stands');
  });

  run('makes one checkpoint when the answer is lost', async (world) => {
    const { fs, backend } = world;
    await fs.writeFile(world.at('a'), 'x');
    let lost = 0;
    backend.intercept = async (request): Promise<null> => {
      if (request.method !== 'PATCH' || !request.url.includes('/bookmarks/') || (lost += 1) > 1) return null;
      await backend.handler(request);
      throw new TypeError('fetch failed');
    };
    const { activeChangeOid, savedChangeOid } = await fs.change.checkpoint({ repo: 'app' });
    equal((await world.mesa.bookmarks.get({ repo: 'app', bookmark: 'main' })).change_id, activeChangeOid);
    equal(
      (await fs.change.list({ repo: 'app' })).map(({ changeId }) => changeId),
      [activeChangeOid, savedChangeOid],
    );
  });
}

/** Two edits of one file, each on top of the other. */
function appends(fs: MesaFileSystem, path: string): (() => Promise<void>)[] {
  return ['one\n', 'two\n'].map((line) => () => fs.appendFile(path, line));
}

/**
 * Does things in one batch, behind a first write that is under way meanwhile, and has a say in every patch of files that they take: `send` makes it, an
 * answer takes the place of the backend's. Answers how many there were.
 */
async function inOneBatch(
  world: World,
  fs: MesaFileSystem,
  deeds: (() => Promise<unknown>)[],
  say: (count: number, send: () => Promise<Response>) => Promise<Response | null | void>,
): Promise<number> {
  const { backend } = world;
  const gate = Promise.withResolvers<null>();
  let count = -1;
  let inside = false;
  backend.intercept = async (request): Promise<Response | null> => {
    // What is written in `say` is not looked at.
    if (inside || !backend.isWrite(request)) return null;
    count += 1;
    if (count === 0) return gate.promise;
    inside = true;
    try {
      const copy = request.clone();
      return (await say(count, async () => backend.handler(copy))) ?? null;
    } finally {
      inside = false;
    }
  };
  const first = fs.writeFile(world.at('first'), 'x');
  await until(() => count === 0, 'the first is under way');
  const all = Promise.all(deeds.map((deed) => deed()));
  await until(() => fs.sync.status.pending > deeds.length, 'all of them wait');
  gate.resolve(null);
  await Promise.all([first, all]);
  backend.intercept = null;
  return count;
}
