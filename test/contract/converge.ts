import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { dirname } from '../../src/base/paths.ts';
import { equal, until } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';
import { inWorld } from './world.ts';
import type { World } from './world.ts';

/** Few names, so that edits meet. */
const NAMES = ['a', 'b', 'c', 'd/a', 'd/b', 'd/e/a', 'd', 'd/e'];
const STEPS = 60;

/**
 * A copy of a mount's files, kept by its events and by knowing what it wrote itself: what an editor's file tree does. At the end it has to be what
 * the mount shows, or an event was missed.
 */
class Shadow {
  readonly #fs: MesaFileSystem;
  readonly #files = new Map<string, string>();
  #work: Promise<unknown> = Promise.resolve();

  constructor(fs: MesaFileSystem, root: string) {
    this.#fs = fs;
    this.refresh(root);
    fs.subscribe((event) => this.refresh(event.path));
  }

  get files(): Record<string, string> {
    return Object.fromEntries(this.#files);
  }

  /** Looks again at a path and all below it. */
  refresh(path: string): void {
    this.#work = this.#work.then(() => this.#look(path)).catch(() => this.#look(path));
  }

  async settled(): Promise<void> {
    await this.#work;
  }

  async #look(path: string): Promise<void> {
    const found: Record<string, string> = {};
    for (const known of this.#files.keys()) if (known === path || known.startsWith(`${path}/`)) this.#files.delete(known);
    const stat = await this.#fs.lstat(path).catch(() => null);
    // Through a link it is another place, which has events of its own.
    const parent = await this.#fs.realpath(dirname(path)).catch(() => null);
    if (stat === null || parent !== dirname(path)) return;
    if (stat.isDirectory) Object.assign(found, await read(this.#fs, path));
    if (path.split('/').length > 3) found[path] = stat.isDirectory ? 'directory' : await describe(this.#fs, path);
    for (const [name, text] of Object.entries(found)) this.#files.set(name, text);
    // What is there is in directories, whoever made them.
    for (let above = parent; above.split('/').length > 3; above = dirname(above)) {
      if (!this.#files.has(above)) this.#files.set(above, 'directory');
    }
  }
}

/** Mounts that edit the same few paths at once, over a network that loses requests and answers. */
export function convergeSuite(test: TestFunction, start: () => Promise<InProcess>, seeds: number[] = [1, 2, 3, 4, 5, 6]): void {
  const run = inWorld(test, start);
  for (const seed of seeds) {
    run(`mounts that raced end up the same, and their events told of it (seed ${seed})`, async (world) => {
      const random = randomOf(seed);
      const mounts = [world.fs, await world.peer(), await world.peer()];
      const shadows = new Map([...mounts, await world.peer()].map((fs) => [fs, new Shadow(fs, world.root)]));
      lossy(world.backend, random);
      for (let step = 0; step < STEPS; step += 1) {
        const moves = mounts.filter(() => random() < 0.5).map((fs) => act(world, fs, random, step, shadows.get(fs)));
        await (random() < 0.5 ? Promise.all(moves) : Promise.race([...moves, Promise.resolve()]));
        world.backend.clock.advance(Math.floor(random() * 700));
      }
      world.backend.intercept = null;
      await Promise.all(mounts.map((fs) => fs.sync.flush()));
      // The server's order is the only order: a mount that opens now shows what all have to come to.
      const content = await read(await world.peer(), world.root);
      const same = (actual: Record<string, string>, what: string): void => compare(world, actual, content, what);
      for (const [fs, shadow] of shadows) {
        const name = `mount ${[...shadows.keys()].indexOf(fs)}`;
        await settles(async () => same(await read(fs, world.root), name));
        await settles(async () => {
          await shadow.settled();
          same(shadow.files, `${name} as its events tell`);
        });
      }
    });
  }
}

/** One edit; what its path does not allow at the moment is no failure. */
async function act(world: World, fs: MesaFileSystem, random: () => number, step: number, shadow?: Shadow): Promise<void> {
  const pick = (): string => world.at(NAMES[Math.floor(random() * NAMES.length)] ?? 'a');
  const path = pick();
  const other = pick();
  const token = `step ${step} of ${Math.floor(random() * 1000)}`;
  const edits: (() => Promise<void>)[] = [
    () => fs.writeFile(path, `${token}\n`),
    () => fs.writeFile(path, `top ${Math.floor(random() * 3)}\nmiddle\n${token}\n`),
    () => fs.appendFile(path, `${token}\n`),
    () => fs.mkdir(path, { recursive: true }),
    () => fs.rm(path, { recursive: true, force: true }),
    () => fs.mv(path, other),
    () => fs.cp(path, other, { recursive: true }),
    () => fs.chmod(path, random() < 0.5 ? 0o755 : 0o644),
    () => fs.symlink('a', path),
    async () => void (await fs.readFile(path)),
  ];
  // What a plain REST API can't say is left out.
  if (!world.backend.live) edits.splice(8, 1);
  try {
    await edits[Math.floor(random() * edits.length)]?.();
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    // Nor can it keep both sides of what is no text, or give what was replaced since: whoever comes second is told.
    if (!world.backend.live && (message.includes('MERGE_CONFLICT') || message.includes('is nowhere to be had'))) return;
    const expected = ['ENOENT', 'EISDIR', 'ENOTDIR', 'EEXIST', 'EINVAL', 'ENOTEMPTY', 'ELOOP'];
    if (typeof code !== 'string' || !expected.includes(code)) throw error;
  } finally {
    // A write may go through a link to anywhere.
    shadow?.refresh(world.root);
  }
}

/** Loses a tenth of the batches on their way, and the answers to another tenth. */
function lossy(backend: InProcess, random: () => number): void {
  backend.intercept = async (request): Promise<Response | null> => {
    if (!backend.isWrite(request)) return null;
    const fate = random();
    if (fate < 0.1) throw new TypeError('fetch failed');
    if (fate < 0.2) {
      await backend.handler(request);
      throw new TypeError('fetch failed');
    }
    return null;
  };
}

/** Tries until it no longer fails, for what is still on its way. */
async function settles(check: () => Promise<void>): Promise<void> {
  const last = { error: new Error('not tried') };
  const passes = async (): Promise<boolean> => {
    try {
      await check();
      return true;
    } catch (error) {
      last.error = error instanceof Error ? error : new Error(String(error));
      return false;
    }
  };
  await until(passes, 'it settles').catch(() => {
    throw last.error;
  });
}

/** Names the first path that differs. A plain REST API keeps no empty directories: there files are compared. */
function compare({ backend }: World, actual: Record<string, string>, expected: Record<string, string>, what: string): void {
  for (const path of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    if (backend.live || (actual[path] ?? expected[path]) !== 'directory') equal(actual[path], expected[path], `${what}: ${path}`);
  }
}

/** Everything below a directory: what kind it is, and its bytes. */
export async function read(fs: MesaFileSystem, directory: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await fs.readdirWithFileTypes(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) Object.assign(found, { [path]: 'directory' }, await read(fs, path));
    else found[path] = await describe(fs, path);
  }
  return found;
}

async function describe(fs: MesaFileSystem, path: string): Promise<string> {
  const { mode, version, isSymbolicLink } = await fs.lstat(path);
  return `${mode.toString(8)} ${version} ${isSymbolicLink ? await fs.readlink(path) : await fs.readFile(path, 'latin1')}`;
}

/** The same numbers for the same seed: mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
