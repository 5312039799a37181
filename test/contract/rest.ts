import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, fails, ok, until } from './assert.ts';
import type { TestFunction } from './assert.ts';
import { markers } from './conflicts.ts';
import type { InProcess } from './in-process.ts';
import { inWorld, live, watch } from './world.ts';
import type { World } from './world.ts';
import { faults } from './rest-faults.ts';
import { polls } from './rest-polls.ts';

export type Run = ReturnType<typeof inWorld>;

/** What is special to a mount against an API without live endpoints. `starting(false)` makes a backend without them, `starting(true)` one with them. */
export function restSuite(test: TestFunction, starting: (live: boolean) => () => Promise<InProcess>): void {
  const run = inWorld((name, body) => test(`REST: ${name}`, body), starting(false));
  costs(run);
  limits(run);
  races(run);
  lostAnswers(run);
  faults(run);
  polls(run);
  beside(inWorld((name, body) => test(`REST: ${name}`, body), starting(true)));
}

/** Requests without ids, which differ from run to run. */
function made({ backend }: World): string[] {
  return backend.takeRequests().map((line) => line.replaceAll(/[k-z]{32}/g, 'ID'));
}

function costs(run: Run): void {
  run('asks once whether there are live endpoints, and says what it found', async (world) => {
    const mesa = world.backend.client();
    await mesa.whoami();
    const probes = (): string[] => made(world).filter((line) => line.includes('/-/'));
    probes();
    await using first = await mesa.fs.mount({ repos: ['app'] });
    equal(first.sync.status.remote, 'rest');
    equal(probes(), ['POST /acme/app/-/open', 'GET /acme/app/-/capabilities']);
    await using second = await mesa.fs.mount({ repos: ['app'] });
    equal(second.sync.status.remote, 'rest');
    equal(probes(), []);
  });

  run('mounts, reads and writes with few requests', async (world) => {
    const { fs, backend } = world;
    await fs.mkdir(world.at('a/b/c'), { recursive: true });
    await fs.writeFile(world.at('a/b/c/deep.txt'), 'deep');
    await fs.writeFile(world.at('top.txt'), 'top');
    await fs.close();
    backend.poll = { fastest: 60_000, slowest: 60_000 };
    const mesa = backend.client();
    await mesa.whoami();
    made(world);
    await using other = await mesa.fs.mount({ repos: ['app'] });
    equal(made(world).slice(2), ['GET /acme/app', 'GET /acme/app/changes/ID', 'GET /acme/app/content?change_id=ID&path=&depth=1']);
    equal(await other.readFile(world.at('a/b/c/deep.txt')), 'deep');
    equal(made(world), [
      'GET /acme/app/content?change_id=ID&path=a&depth=1',
      'GET /acme/app/content?change_id=ID&path=a%2Fb&depth=1',
      'GET /acme/app/content?change_id=ID&path=a%2Fb%2Fc&depth=1',
      'GET /acme/app/content?change_id=ID&path=a%2Fb%2Fc%2Fdeep.txt',
    ]);
    equal((await other.stat(world.at('a/b/c/deep.txt'))).size, 4);
    equal(await other.readdir(world.at('a/b')), ['c']);
    equal(made(world), [], 'nothing is fetched twice');
    await other.writeFile(world.at('a/b/c/deep.txt'), 'written');
    equal(made(world), ['GET /acme/app/bookmarks?limit=100', 'PATCH /acme/app/changes/ID']);
    await Promise.all(Array.from({ length: 100 }, (_, index) => other.writeFile(world.at(`f${index}`), `${index}`)));
    const patches = made(world);
    ok(patches.length <= 3 && patches.every((line) => line === 'PATCH /acme/app/changes/ID'), patches.join(', '));
  });

  run('reads an API that has no raw bytes', async (world) => {
    const { fs, backend } = world;
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await fs.writeFile(world.at('bytes'), bytes);
    backend.intercept = (request) =>
      request.headers.get('Accept') === 'application/octet-stream'
        ? Response.json({ error: { code: 'NOT_ACCEPTABLE', message: 'no' } }, { status: 406 })
        : null;
    await using other = await backend.client().fs.mount({ repos: ['app'] });
    equal(await other.readFileBuffer(world.at('bytes')), bytes);
  });

  run('reads what is there now when what it knew of has been replaced', async (world) => {
    const { fs, backend } = world;
    await fs.mkdir(world.at('d'));
    await fs.writeFile(world.at('d/a'), 'one');
    backend.poll = { fastest: 60_000, slowest: 60_000 };
    await using other = await backend.client().fs.mount({ repos: ['app'] });
    await fs.writeFile(world.at('d/a'), 'two');
    await fs.writeFile(world.at('d/b'), 'new');
    equal(await other.readFile(world.at('d/a')), 'two');
    equal((await other.readdir(world.at('d'))).toSorted(), ['a', 'b']);
  });
}

function limits(run: Run): void {
  run('refuses what REST can’t say before anything is written', async (world) => {
    const { fs } = world;
    await fs.writeFile(world.at('a'), 'x');
    const before = await fs.change.current({ repo: 'app' });
    made(world);
    await fails(fs.symlink('a', world.at('l')), {
      code: 'ENOTSUP',
      path: world.at('l'),
      syscall: 'symlink',
      message: 'REST API has no way to write a symbolic link',
    });
    await fails(fs.utimes(world.at('a'), new Date(0), new Date(0)), { code: 'ENOTSUP', path: world.at('a'), message: 'keeps no times' });
    await fails(fs.setMetadata(world.at('a'), { k: 'v' }), { code: 'ENOTSUP', path: world.at('a'), message: 'metadata' });
    equal(await fs.getMetadata(world.at('a')), { org: 'acme', repo: 'app' });
    equal(await fs.exists(world.at('l')), false);
    equal(
      made(world).filter((line) => !line.startsWith('GET')),
      [],
    );
    equal(await fs.change.current({ repo: 'app' }), before);
  });

  run('keeps an empty directory to itself until it has a file', async (world) => {
    const { fs, backend } = world;
    await fs.writeFile(world.at('a'), 'x');
    await using other = await backend.client().fs.mount({ repos: ['app'] });
    await live(other);
    made(world);
    await fs.mkdir(world.at('d/e'), { recursive: true });
    equal(
      made(world).filter((line) => !line.startsWith('GET')),
      [],
    );
    equal(await fs.readdir(world.at('d')), ['e']);
    await other.writeFile(world.at('b'), 'x');
    await world.seen(fs, world.at('b'), 'x');
    equal(await fs.readdir(world.at('d')), ['e'], 'it stays while others write');
    equal(await other.exists(world.at('d')), false);
    await fs.writeFile(world.at('d/e/f'), 'x');
    await world.seen(other, world.at('d/e/f'), 'x');
    // Later, so that it is no race.
    backend.clock.advance(10_000);
    await other.rm(world.at('d'), { recursive: true });
    await until(async () => !(await fs.exists(world.at('d'))), 'it is gone for both');
  });

  run('lets a file and a directory change places', async (world) => {
    const { fs, backend } = world;
    await fs.writeFile(world.at('a'), 'file');
    await fs.mkdir(world.at('b'));
    await fs.writeFile(world.at('b/x'), 'in it');
    const shell = await fs.bash({ cwd: world.root }).exec('mv a t && mkdir a && mv t a/file && mv b/x x && rm -r b && mv x b && cat a/file b');
    equal([shell.stdout, shell.stderr], ['filein it', '']);
    await using other = await backend.client().fs.mount({ repos: ['app'] });
    equal([await other.readFile(world.at('a/file')), await other.readFile(world.at('b'))], ['file', 'in it']);
    equal((await other.readdir(world.root)).toSorted(), ['a', 'b']);
  });
}

function races(run: Run): void {
  run('merges with what another writer made between look and patch, and keeps both sides as text', async (world) => {
    const { fs, backend } = world;
    await fs.writeFile(world.at('lines'), '1\n2\n3\n4\n5\n');
    await fs.writeFile(world.at('word'), 'base\n');
    const other = await world.peer();
    for (const mount of [fs, other]) equal([await mount.readFile(world.at('lines')), await mount.readFile(world.at('word'))], ['1\n2\n3\n4\n5\n', 'base\n']);
    backend.clock.advance(10_000);
    let first = true;
    backend.intercept = async (request): Promise<Response | null> => {
      if (!backend.isWrite(request) || !first) return null;
      first = false;
      await Promise.all([other.writeFile(world.at('lines'), '1\n2\n3\n4\nfive\n'), other.writeFile(world.at('word'), 'theirs\n')]);
      return null;
    };
    await Promise.all([fs.writeFile(world.at('lines'), 'one\n2\n3\n4\n5\n'), fs.writeFile(world.at('word'), 'ours\n')]);
    const both = markers(['theirs\n', 'ours\n'], ['base\n']);
    equal([await fs.readFile(world.at('lines')), await fs.readFile(world.at('word'))], ['one\n2\n3\n4\nfive\n', both]);
    await world.seen(other, world.at('word'), both);
    equal(await other.readFile(world.at('lines')), 'one\n2\n3\n4\nfive\n');
    await fs.writeFile(world.at('word'), 'settled\n');
    await world.seen(other, world.at('word'), 'settled\n');
  });

  run('looks again when another writer replaces what it is about to read', async (world) => {
    const { fs, backend } = world;
    await fs.mkdir(world.at('d'));
    for (const name of ['a', 'b']) await fs.writeFile(world.at(`d/${name}`), 'base');
    backend.poll = { fastest: 60_000, slowest: 60_000 };
    await using other = await backend.client().fs.mount({ repos: ['app'] });
    equal(await other.readdir(world.at('d')), ['a', 'b']);
    const steps: string[] = [];
    backend.intercept = async (request): Promise<null> => {
      const isPatch = steps.length === 0 && backend.isWrite(request);
      const isListing = steps.length === 1 && request.url.includes('path=d&');
      if (!isPatch && !isListing) return null;
      steps.push(isPatch ? 'patch' : 'listing');
      // Its turn is over before this is answered: the directory of the version it looks at is not to be had any more.
      await fs.writeFile(world.at('d/a'), `before the ${steps.at(-1)}`);
      return null;
    };
    await other.rm(world.at('d/b'));
    equal(steps, ['patch', 'listing']);
    await until(async () => !(await fs.exists(world.at('d/b'))), 'it is removed');
    equal(await fs.readFile(world.at('d/a')), 'before the listing');
  });

  run('refuses the second of two contents that are no text, and keeps the first', async (world) => {
    const { fs } = world;
    const bytes = (last: number): Uint8Array => Uint8Array.of(0, 1, 2, last);
    await fs.writeFile(world.at('f'), bytes(0));
    const other = await world.peer();
    equal(await other.readFileBuffer(world.at('f')), bytes(0));
    world.backend.clock.advance(10_000);
    const results = await Promise.allSettled([fs.writeFile(world.at('f'), bytes(1)), other.writeFile(world.at('f'), bytes(2))]);
    equal(results.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    const refused = results.find((result) => result.status === 'rejected')?.reason as { code?: string; message: string };
    equal(refused.code, 'EIO');
    ok(refused.message.includes('can’t keep both sides') || refused.message.includes("can't keep both sides"), refused.message);
    const kept = results[0]?.status === 'fulfilled' ? bytes(1) : bytes(2);
    await until(
      async () => (await fs.readFileBuffer(world.at('f')))[3] === kept[3] && (await other.readFileBuffer(world.at('f')))[3] === kept[3],
      'both show it',
    );
  });

  run('joins the change of whoever wrote into an empty repo first', async (world) => {
    const { fs, mesa } = world;
    const other = await world.peer();
    await Promise.all([fs.writeFile(world.at('a'), 'from one'), other.writeFile(world.at('b'), 'from another')]);
    await world.seen(fs, world.at('b'), 'from another');
    await world.seen(other, world.at('a'), 'from one');
    const [one, another] = await Promise.all([fs, other].map((mount) => mount.change.current({ repo: 'app' })));
    equal(one?.changeId, another?.changeId);
    equal((await mesa.bookmarks.get({ repo: 'app', bookmark: 'main' })).change_id, one?.changeId);
  });
}

function lostAnswers(run: Run): void {
  /** Loses the answer to the next patch, after `then` has happened. */
  const loseAnswer = (backend: InProcess, then: () => Promise<unknown>): { patches: () => number } => {
    let patches = 0;
    backend.intercept = async (request): Promise<Response | null> => {
      if (!backend.isWrite(request)) return null;
      patches += 1;
      if (patches > 1) return null;
      await backend.handler(request);
      await then();
      throw new TypeError('fetch failed');
    };
    return { patches: () => patches };
  };

  run('does not do again what was done though its answer was lost', async (world) => {
    const { fs, backend } = world;
    await fs.writeFile(world.at('log'), 'start\n');
    await fs.writeFile(world.at('from'), 'moved');
    const count = loseAnswer(backend, async () => undefined);
    await Promise.all([fs.appendFile(world.at('log'), 'one\n'), fs.mv(world.at('from'), world.at('to')), fs.writeFile(world.at('new'), 'x')]);
    ok(count.patches() <= 2, 'those that waited go with the next');
    equal(await fs.readFile(world.at('log')), 'start\none\n');
    await using other = await backend.client().fs.mount({ repos: ['app'] });
    equal([await other.readFile(world.at('log')), (await other.readdir(world.root)).toSorted()], ['start\none\n', ['log', 'new', 'to']]);
  });

  run('tells from the other paths that a patch was made when one has been written over', async (world) => {
    const { fs, backend } = world;
    await fs.writeFile(world.at('a'), 'moved');
    const other = await world.peer();
    const lost = loseAnswer(backend, async () => {
      await world.seen(other, world.at('b'), 'moved');
      equal(await other.readFile(world.at('b')), 'moved');
      await other.writeFile(world.at('b'), 'theirs, later');
    });
    await fs.mv(world.at('a'), world.at('b'));
    equal(lost.patches(), 2, 'mine once, theirs once');
    await world.seen(fs, world.at('b'), 'theirs, later');
    equal(await fs.readdir(world.root), ['b']);
  });

  run('makes again what never arrived', async (world) => {
    const { fs, backend } = world;
    await fs.writeFile(world.at('log'), '');
    let lost = 0;
    backend.intercept = (request): null => {
      if (!backend.isWrite(request) || lost > 2) return null;
      lost += 1;
      throw new TypeError('fetch failed');
    };
    await fs.appendFile(world.at('log'), 'one\n');
    equal([lost, await fs.readFile(world.at('log'))], [3, 'one\n']);
  });
}

/** A mount that finds no live endpoints, beside those that do, on one backend. */
async function plainMount({ backend }: World): Promise<MesaFileSystem> {
  const fetch = async (request: Request): Promise<Response> =>
    request.url.includes('/-/') ? Response.json({ error: { code: 'NOT_FOUND', message: 'There is nothing here' } }, { status: 404 }) : backend.fetch(request);
  const fs = await backend.client({ fetch }).fs.mount({ repos: [{ name: 'app', bookmark: 'main' }] });
  equal(fs.sync.status.remote, 'rest');
  return fs;
}

function beside(run: Run): void {
  run('reads what it could not write: links, empty directories, the executable bit', async (world) => {
    const { fs } = world;
    await fs.mkdir(world.at('d/empty'), { recursive: true });
    await fs.writeFile(world.at('d/run'), 'run');
    await fs.chmod(world.at('d/run'), 0o755);
    await fs.symlink('d/run', world.at('l'));
    await fs.symlink('run', world.at('d/l'));
    await using plain = await plainMount(world);
    equal([await plain.readFile(world.at('l')), await plain.readlink(world.at('l'))], ['run', 'd/run']);
    equal((await plain.stat(world.at('d/run'))).mode & 0o111, 0o111);
    equal((await plain.readdir(world.at('d'))).toSorted(), ['l', 'run']);
    await fails(plain.mv(world.at('d'), world.at('e')), { code: 'ENOTSUP', path: world.at('d'), message: 'symbolic link' });
    await fails(plain.cp(world.at('d'), world.at('e'), { recursive: true }), { code: 'ENOTSUP', path: world.at('e') });
    equal((await plain.readdir(world.root)).toSorted(), ['d', 'l']);
    await plain.rm(world.at('d/l'));
    await plain.mv(world.at('d'), world.at('e'));
    await until(async () => (await fs.exists(world.at('e/run'))) && !(await fs.exists(world.at('d/run'))), 'it is moved for all');
    equal((await fs.stat(world.at('e/run'))).mode & 0o111, 0o111);
  });

  run('hears of live writers, and they of it', async (world) => {
    const { fs } = world;
    await fs.writeFile(world.at('a'), 'one');
    await using plain = await plainMount(world);
    await live(plain);
    const [here, there] = [watch(plain), watch(fs)];
    await fs.writeFile(world.at('a'), 'two');
    equal(await here.next(1), [{ path: world.at('a'), recursive: false }]);
    equal(await plain.readFile(world.at('a')), 'two');
    await plain.writeFile(world.at('b'), 'x');
    equal(await there.next(1), [{ path: world.at('b'), recursive: false }]);
    equal(here.events, []);
  });

  run('reads a change in conflict with its markers, and settles it file by file', async (world) => {
    const { fs } = world;
    await fs.mkdir(world.at('d'));
    for (const path of ['d/a', 'b']) {
      await fs.writeFile(world.at(path), 'base\n');
      const { version } = await fs.readVersioned(world.at(path));
      await fs.writeFile(world.at(path), 'one\n');
      await fs.writeFile(world.at(path), 'two\n', { base: version });
    }
    await fs.writeFile(world.at('d/calm'), 'calm\n');
    await using plain = await plainMount(world);
    const text = markers(['one\n', 'two\n'], ['base\n']);
    equal([await plain.readFile(world.at('d/a')), await plain.readFile(world.at('b')), await plain.readFile(world.at('d/calm'))], [text, text, 'calm\n']);
    await fails(plain.writeFile(world.at('new'), 'x'), { code: 'EIO', message: 'MERGE_CONFLICT' });
    equal(await plain.exists(world.at('new')), false);
    await plain.writeFile(world.at('d/a'), 'settled\n');
    await plain.writeFile(world.at('b'), 'settled too\n');
    equal(await plain.readFile(world.at('d/a')), 'settled\n');
    await until(async () => (await fs.conflicts({ repo: 'app' })).length === 0, 'it is settled for all');
    await plain.writeFile(world.at('new'), 'x');
    await world.seen(fs, world.at('new'), 'x');
    equal(await fs.readFile(world.at('b')), 'settled too\n');
  });
}
