import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from '../worker.ts';
import { BUGS } from './bugs.ts';
import type { Bug } from './bugs.ts';

// `npm run soak -- --planted [NAME]`: for each bug a copy of the sources with it, in which the simulator runs until it notices.
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = join(root, '.mesafs/planted');
/** Seeds after which a bug counts as missed. */
const PATIENCE = 20_000;
const CHUNK = 25;

interface Caught {
  seeds: number;
  what: string;
}

/** A process that runs seeds. */
class Simulator {
  readonly #child: ChildProcess;
  readonly #ready: Promise<void>;

  constructor(worker: string) {
    this.#child = fork(worker);
    this.#ready = new Promise((resolve) => this.#child.once('message', () => resolve()));
  }

  async run(from: number, count: number): Promise<Report> {
    await this.#ready;
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`The simulator ended with ${code} at one of the seeds from ${from} on`));
      this.#child.once('exit', ended);
      this.#child.once('message', (report: Report) => {
        this.#child.off('exit', ended);
        resolve(report);
      });
      this.#child.send({ from, count, twice: 0, stop: true });
    });
  }

  end(): void {
    this.#child.kill();
  }
}

let missed = 0;
const wanted = BUGS.filter(({ name }) => name.includes(process.argv[2] ?? ''));
for (const bug of wanted) {
  const began = performance.now();
  const caught = await hunt(bug);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  if (caught === null) {
    missed += 1;
    console.log(`✗ ${bug.name}: not caught in ${PATIENCE} seeds (${seconds} s)`);
  } else console.log(`✓ ${bug.name}: caught after ${caught.seeds} seeds (${seconds} s): ${caught.what.slice(0, 200)}`);
}
rmSync(folder, { recursive: true, force: true });
console.log(`${wanted.length - missed} passed, ${missed} failed`);
process.exitCode = missed === 0 ? 0 : 1;

/** Runs seeds until one breaks a promise with the bug, and none without it. */
async function hunt(bug: Bug): Promise<Caught | null> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'test'), { recursive: true });
  for (const part of ['src', 'test/simulation']) cpSync(join(root, part), join(folder, part), { recursive: true });
  const sound = new Simulator(join(root, 'test/simulation/worker.ts'));
  plant(bug);
  const sick = new Simulator(join(folder, 'test/simulation/worker.ts'));
  try {
    for (let from = 1; from <= PATIENCE;) {
      const { broken } = await sick.run(from, CHUNK);
      const [first] = broken;
      if (first === undefined) {
        from += CHUNK;
        continue;
      }
      if ((await sound.run(first.seed, 1)).broken.length === 0) return { seeds: first.seed, what: first.violations[0] ?? '' };
      from = first.seed + 1;
    }
    return null;
  } finally {
    sick.end();
    sound.end();
  }
}

/** Puts a bug into the copy. @throws Error when the text it replaces is not there, once */
function plant({ name, file, from, to }: Bug): void {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(from).length !== 2)
    throw new Error(`${file} holds ${text.split(from).length - 1} times what "${name}" replaces; mend the bug in test/simulation/planted/bugs.ts`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
}
