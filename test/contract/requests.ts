import { equal, ok } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';
import { inWorld, live, watch } from './world.ts';
import type { World } from './world.ts';

/** All requests but the stream of events, and those by which a mount of a plain API looks for others' writes. */
const CALLS = /^(?!.*\/-\/events)(?!GET \S+\/(changes\/[k-z]{32}|bookmarks\/main)$)/;

/** How many requests things cost: what is not needed is not asked for, and what is, is asked for together. */
export function requestsSuite(test: TestFunction, start: () => Promise<InProcess>): void {
  const run = inWorld(test, start);

  run('mounts with one request, and reads a deep file with one more', async (world) => {
    await fill(world, { 'a/b/c/d/e/deep.txt': 'deep', 'a/other.txt': 'other' });
    const { backend } = world;
    const mesa = backend.client();
    await mesa.whoami();
    backend.takeRequests();
    const fs = await mesa.fs.mount({ repos: ['app'] });
    equal(backend.takeRequests(CALLS), ['POST /acme/app/-/open']);
    equal(await fs.readFile('/acme/app/a/b/c/d/e/deep.txt'), 'deep');
    equal(backend.takeRequests(CALLS), ['POST /acme/app/-/open']);
    equal(await fs.readFile('/acme/app/a/b/c/d/e/deep.txt'), 'deep');
    equal(await fs.exists('/acme/app/a/b/c/d/e/none'), false);
    equal(await fs.stat('/acme/app/a/b/c/d/e/deep.txt').then(({ size }) => size), 4);
    equal(backend.takeRequests(CALLS), [], 'nothing is fetched twice');
    await fs.close();
  });

  run('makes a checkpoint in one request, so that nobody comes in between', async (world) => {
    const { fs, backend } = world;
    await fs.writeFile(world.at('a'), 'x');
    await fs.sync.flush();
    backend.takeRequests();
    await fs.change.checkpoint({ repo: 'app', message: 'done' });
    equal(backend.takeRequests(CALLS), ['POST /acme/app/-/ops']);
  });

  run('fetches many paths asked for at once in one request', async (world) => {
    await fill(world, Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`d${index}/f.txt`, `text ${index}`])));
    const { backend } = world;
    const fs = await backend.client().fs.mount({ repos: ['app'] });
    backend.takeRequests();
    const texts = await Promise.all(Array.from({ length: 40 }, (_, index) => fs.readFile(`/acme/app/d${index}/f.txt`)));
    equal(
      texts,
      Array.from({ length: 40 }, (_, index) => `text ${index}`),
    );
    // In a worker the calls come one by one: a straggler or two may miss the first request.
    const sent = backend.takeRequests(CALLS);
    ok(sent.length >= 1 && sent.length <= 3 && sent.every((request) => request === 'POST /acme/app/-/open'), sent.join(', '));
    await fs.close();
  });

  run('sends writes made together in one batch', async (world) => {
    const { fs, root, backend } = world;
    await fs.writeFile(`${root}/first`, 'x');
    backend.takeRequests();
    await Promise.all(Array.from({ length: 100 }, (_, index) => fs.writeFile(`${root}/f${index}`, `${index}`)));
    const sent = backend.takeRequests(CALLS);
    ok(sent.length <= 10, `${sent.length} requests: ${sent.join(', ')}`);
    equal((await fs.readdir(root)).length, 101);
  });

  run('lists and stats a directory without fetching its files', async (world) => {
    await fill(world, Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`d/f${index}.txt`, 'x'.repeat(index)])));
    const { backend } = world;
    const fs = await backend.client().fs.mount({ repos: ['app'] });
    backend.takeRequests();
    const names = await fs.readdir('/acme/app/d');
    equal(names.length, 60);
    const sizes = await Promise.all(names.map(async (name) => (await fs.stat(`/acme/app/d/${name}`)).size));
    equal(
      sizes.reduce((sum, size) => sum + size, 0),
      (59 * 60) / 2,
    );
    const made = backend.takeRequests(CALLS);
    ok(made.length <= 3, made.join(', '));
    await fs.close();
  });

  run('opens a second mount of what was read without fetching its content again', async (world) => {
    await fill(world, { 'a/one.txt': 'one', 'a/two.txt': 'two' });
    const { backend } = world;
    const mesa = backend.client();
    const first = await mesa.fs.mount({ repos: ['app'] });
    equal([await first.readFile('/acme/app/a/one.txt'), await first.readFile('/acme/app/a/two.txt')], ['one', 'two']);
    await first.close();
    backend.takeRequests();
    const second = await mesa.fs.mount({ repos: ['app'] });
    equal([await second.readFile('/acme/app/a/one.txt'), await second.readFile('/acme/app/a/two.txt')], ['one', 'two']);
    equal(backend.takeRequests(CALLS), ['POST /acme/app/-/open']);
    await second.close();
  });

  run('walks and searches thousands of files in tens of requests', async (world) => {
    const files: Record<string, string> = {};
    for (let index = 0; index < 5_000; index += 1)
      files[`d${index % 50}/s${index % 7}/f${index}.txt`] = index % 100 === 0 ? `needle ${index}\n` : `hay ${index}\n`;
    await fill(world, files);
    const { backend } = world;
    const fs = await backend.client().fs.mount({ repos: ['app'] });
    backend.takeRequests();
    const bash = fs.bash({ cwd: '/acme/app', timeoutMs: 120_000 });
    const found = await bash.exec('grep -r needle . | wc -l');
    equal([found.stdout.trim(), found.stderr], ['50', '']);
    const made = backend.takeRequests(CALLS);
    ok(made.length <= 50, `${made.length} requests`);
    const again = await bash.exec('grep -r needle . | wc -l');
    equal(again.stdout.trim(), '50');
    equal(backend.takeRequests(CALLS), []);
    await fs.close();
  });

  run('reads files one after another in few requests', async (world) => {
    await fill(world, Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`d/f${String(index).padStart(3, '0')}.txt`, `text ${index}`])));
    const { backend } = world;
    const fs = await backend.client().fs.mount({ repos: ['app'] });
    const names = await fs.readdir('/acme/app/d');
    backend.takeRequests();
    for (const name of names) await fs.readFile(`/acme/app/d/${name}`);
    const made = backend.takeRequests(CALLS);
    ok(made.length <= 15, `${made.length} requests`);
    await fs.close();
  });

  run('hears of a peer’s edit without a request', async (world) => {
    const { fs, root, backend } = world;
    await fs.writeFile(`${root}/a`, 'one');
    const peer = await world.peer();
    backend.takeRequests();
    await fs.writeFile(`${root}/a`, 'two');
    await world.seen(peer, `${root}/a`, 'two');
    const made = backend.takeRequests(CALLS);
    equal(made.filter((line) => line.endsWith('/-/ops')).length, 1);
    ok(made.length <= 2, made.join(', '));
  });

  run('reads what a peer has just written without a request', async (world) => {
    const { fs, root, backend } = world;
    await fs.mkdir(`${root}/a/b`, { recursive: true });
    await fs.writeFile(`${root}/a/b/file`, 'one');
    const peer = await world.peer();
    equal(await peer.readFile(`${root}/a/b/file`), 'one');
    await live(peer);
    const { next } = watch(peer);
    backend.takeRequests();
    await fs.writeFile(`${root}/a/b/file`, 'two');
    await next(1);
    equal(await peer.readFile(`${root}/a/b/file`), 'two');
    equal(backend.takeRequests(CALLS), ['POST /acme/app/-/ops']);
  });
}

/** Puts files into the repo, in one write of REST. */
async function fill({ mesa, backend, fs }: World, files: Record<string, string>): Promise<void> {
  const { next } = watch(fs);
  const base = (await mesa.bookmarks.get({ repo: 'app', bookmark: 'main' })).change_id;
  const change = await mesa.changes.create({
    repo: 'app',
    base_change_id: base,
    message: 'files',
    author: { name: 'Test', email: 'test@example.com' },
    files: Object.entries(files).map(([path, text]) => ({ path, content: btoa(text) })),
  });
  await mesa.bookmarks.move({ repo: 'app', bookmark: 'main', change_id: change.id });
  // The world's own mount looks at what is new; its requests are none of the test's.
  await next(1);
  backend.takeRequests();
}
