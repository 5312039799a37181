import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, until } from './assert.ts';
import type { TestFunction } from './assert.ts';
import { randomOf, read } from './converge.ts';
import type { InProcess } from './in-process.ts';
import { inWorld } from './world.ts';

const NAMES = ['a', 'b', 'c', 'a/b', 'd', 'd/a', 'd/b', 'd/e', 'd/e/a'];
const ROUNDS = 12;
const CALLS = 40;

type Call = (fs: MesaFileSystem, root: string) => Promise<void>;

/** Calls that write and do not wait for each other come to what the same calls come to one after another: in the files, and in what each is told. */
export function inFlightSuite(test: TestFunction, start: () => Promise<InProcess>): void {
  const run = inWorld(test, start);

  for (const seed of [1, 2, 3]) {
    run(`calls come to the same as one after another (seed ${seed})`, async (world) => {
      const { fs } = world;
      const random = randomOf(seed);
      for (let round = 0; round < ROUNDS; round += 1) {
        const calls = Array.from({ length: CALLS }, (_, step) => anyCall(random, step));
        const [together, apart] = [world.at(`together ${round}`), world.at(`apart ${round}`)];
        await Promise.all([together, apart].map((root) => fs.mkdir(root)));
        const expected: string[] = [];
        for (const call of calls) expected.push(await outcome(call, fs, apart));
        equal(await Promise.all(calls.map((call) => outcome(call, fs, together))), expected, `round ${round}`);
        equal(await content(fs, together), await content(fs, apart), `round ${round}`);
      }
    });
  }

  run('a write that fails fails alone', async (world) => {
    const { fs } = world;
    const at = (name: string): string => world.at(name);
    await fs.mkdir(at('directory'));
    const paths = ['a', 'directory', 'b', 'missing/a', 'a/b', 'c'].map(at);
    const written = await Promise.allSettled(paths.map((path) => fs.writeFile(path, path)));
    equal(written.map(codeOf), ['written', 'EISDIR', 'written', 'ENOENT', 'ENOTDIR', 'written']);
    equal(await Promise.all(['a', 'b', 'c'].map((name) => fs.readFile(at(name)))), ['a', 'b', 'c'].map(at));
  });

  run('a write made on top of what is nowhere to be had keeps none of those beside it from being made', async ({ fs, root }) => {
    const base = ['1', '2', '3'].map((digit) => `100644-${digit.repeat(40)}`).join('.');
    const names = ['a', 'b', 'c', 'd'];
    const written = await Promise.allSettled(names.map((name) => fs.writeFile(`${root}/${name}`, name, name === 'c' ? { base } : {})));
    equal(written.map(codeOf), ['written', 'written', 'EIO', 'written']);
    equal(await fs.readdir(root), ['a', 'b', 'd']);
  });

  run('many writes in flight are all there, each an operation of its own', async (world) => {
    const { fs, root } = world;
    const names = Array.from({ length: 600 }, (_, index) => `f${index}`);
    await Promise.all(names.map((name) => fs.writeFile(`${root}/${name}`, name)));
    await until(() => fs.sync.status.pending === 0, 'nothing is pending');
    const other = await world.peer();
    equal((await other.readdir(root)).toSorted(), names.toSorted());
    equal(await other.readFile(`${root}/f599`), 'f599');
  });
}

function codeOf(outcome: PromiseSettledResult<void>): unknown {
  return outcome.status === 'rejected' ? (outcome.reason as { code?: unknown }).code : 'written';
}

/** Mostly writes of files: those are made together. */
function anyCall(random: () => number, step: number): Call {
  const pick = (): string => NAMES[Math.floor(random() * NAMES.length)] ?? 'a';
  const [path, other, kind] = [pick(), pick(), random()];
  if (kind < 0.7) return (fs, root) => fs.writeFile(`${root}/${path}`, `step ${step}\n`);
  if (kind < 0.76) return (fs, root) => fs.mkdir(`${root}/${path}`, { recursive: true });
  if (kind < 0.82) return (fs, root) => fs.rm(`${root}/${path}`, { recursive: true });
  if (kind < 0.88) return (fs, root) => fs.symlink(other, `${root}/${path}`);
  if (kind < 0.92) return (fs, root) => fs.mv(`${root}/${path}`, `${root}/${other}`);
  return (fs, root) => fs.appendFile(`${root}/${path}`, `more ${step}\n`);
}

/** What becomes of a call: the error it fails with, without the place it was made in. */
async function outcome(call: Call, fs: MesaFileSystem, root: string): Promise<string> {
  try {
    await call(fs, root);
    return 'done';
  } catch (error) {
    return (error as Error).message.replaceAll(root, '');
  }
}

/** All below a directory. */
async function content(fs: MesaFileSystem, root: string): Promise<Record<string, string>> {
  return Object.fromEntries(Object.entries(await read(fs, root)).map(([path, what]) => [path.slice(root.length), what]));
}
