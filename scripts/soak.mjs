// `npm run soak -- --seeds 100000 --hours 2`: the simulator (test/simulation), one seed a run, one worker a core. What was done is kept in
// `.mesafs/soak.json`, by the commit that ran, and the next call goes on from there; a seed that breaks a promise is shrunk and written down beside it.
// `--from S` begins at a seed, `--workers K`, `--seed S` shows one run with its trace, `--planted` plants bugs and tells how soon each is caught,
// `--suite` is what `npm test` runs: always the same seeds, nothing kept, and the count as the last line.
import { fork, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './lib/places.mjs';

const CHUNK = 25;
const TELL_EVERY_MS = 10_000;
/** A task that takes longer has run into a loop. */
const TASK_LIMIT_MS = 600_000;
/** For a process that does the same for hours on a core of its own: a fifth less time a seed. Where an error came from is for `--seed` to say. */
const STEADY = ['--max-semi-space-size=128', '--single-threaded-gc', '--always-sparkplug', '--no-liftoff', '--stack-trace-limit=0'];
const folder = join(root, '.mesafs');
const file = join(folder, 'soak.json');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string' },
    hours: { type: 'string' },
    from: { type: 'string' },
    workers: { type: 'string' },
    seed: { type: 'string' },
    planted: { type: 'boolean', default: false },
    suite: { type: 'boolean', default: false },
  },
});

if (values.seed !== undefined)
  process.exitCode = spawnSync(process.execPath, [join(root, 'test/simulation/replay.ts'), values.seed], { stdio: 'inherit' }).status ?? 1;
else if (values.planted)
  process.exitCode = spawnSync(process.execPath, [join(root, 'test/simulation/planted/run.ts'), ...positionals], { stdio: 'inherit' }).status ?? 1;
else process.exitCode = await soak();

async function soak() {
  const before = values.suite ? empty() : readProgress();
  const version = values.suite ? 'suite' : sourceVersion();
  const hours = number('hours', Infinity);
  const wanted = number('seeds', values.hours === undefined ? 5_000 : Infinity);
  const from = number('from', before.next);
  const began = Date.now();
  const progress = { ...before };
  const session = { seeds: 0, broken: 0 };
  let next = from;
  const more = () => next < from + wanted && Date.now() - began < hours * 3_600_000;
  const tell = () => {
    const seconds = (Date.now() - began) / 1000;
    console.log(`${session.seeds} seeds in ${seconds.toFixed(0)} s, ${(session.seeds / seconds).toFixed(1)} seeds/s, ${session.broken} broke a promise`);
  };
  const telling = setInterval(tell, TELL_EVERY_MS);
  const finished = [];
  const take = (report) => {
    session.seeds += report.seeds;
    progress.seeds += report.seeds;
    progress.versions[version] = (progress.versions[version] ?? 0) + report.seeds;
    for (const [name, count] of Object.entries(report.counts)) progress.counts[name] = (progress.counts[name] ?? 0) + count;
    for (const broken of report.broken) {
      session.broken += 1;
      progress.broken.push({ seed: broken.seed, violations: broken.violations });
      show(broken);
    }
    // Only what is done without a gap is behind us.
    finished.push([report.from, report.from + report.seeds]);
    finished.sort(([a], [b]) => a - b);
    while (finished[0]?.[0] === progress.next || (finished[0]?.[0] ?? Infinity) < progress.next) progress.next = Math.max(progress.next, finished.shift()[1]);
    if (!values.suite) save(progress);
  };
  progress.next = from;
  const workers = Math.max(1, number('workers', availableParallelism()));
  const died = await Promise.all(
    Array.from({ length: workers }, () =>
      work(() => {
        if (!more()) return null;
        const task = { from: next, count: Math.min(CHUNK, from + wanted - next), twice: values.suite ? 50 : 100, stop: false };
        next += task.count;
        return task;
      }, take),
    ),
  );
  clearInterval(telling);
  tell();
  for (const [name, count] of Object.entries(progress.counts).sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`${name}: ${count}`);
  if (!values.suite) for (const [name, count] of Object.entries(progress.versions)) console.log(`of ${name}: ${count} seeds`);
  if (!values.suite) console.log(`in all: ${progress.seeds} seeds, ${progress.broken.length} broke a promise; the next is ${progress.next}`);
  const failed = session.broken + died.filter((code) => code !== 0).length;
  console.log(`${session.seeds - session.broken} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Runs one worker until there is no task left; resolves to its exit code. */
function work(nextTask, take) {
  return new Promise((resolve) => {
    const child = fork(join(root, 'test/simulation/worker.ts'), { execArgv: STEADY });
    let watch;
    const giveTask = () => {
      clearTimeout(watch);
      const task = nextTask();
      if (task === null) return child.disconnect();
      watch = setTimeout(() => {
        console.log(`one of the seeds ${task.from} to ${task.from + task.count - 1} does not end`);
        child.kill('SIGKILL');
      }, TASK_LIMIT_MS);
      child.send(task);
    };
    child.on('message', (message) => {
      if (message !== 'ready') take(message);
      giveTask();
    });
    child.on('exit', (code) => {
      clearTimeout(watch);
      resolve(code ?? 1);
    });
  });
}

function show({ seed, violations, script, shrunk, trace }) {
  mkdirSync(join(folder, 'simulation'), { recursive: true });
  const path = join(folder, 'simulation', `${seed}.txt`);
  writeFileSync(path, `${violations.join('\n')}\n\n${script}\n${shrunk.join('\n')}\n\n${trace.join('\n')}\n`);
  console.log(`seed ${seed} breaks a promise:\n  ${violations.join('\n  ')}\nshrunk to ${script}\n  ${shrunk.join('\n  ')}\nits trace is in ${path}`);
}

function number(name, otherwise) {
  if (values[name] === undefined) return otherwise;
  const value = Number(values[name]);
  if (Number.isFinite(value) && value >= 0) return value;
  console.error(`--${name} ${values[name]} is no number from 0 up`);
  process.exit(2);
}

function empty() {
  return { next: 1, seeds: 0, versions: {}, counts: {}, broken: [] };
}

/** The commit that runs, with a `+` when files differ from it. */
function sourceVersion() {
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';
  const commit = git('rev-parse', '--short', 'HEAD');
  return commit === '' ? 'no commit' : `${commit}${git('status', '--porcelain', '--', 'src', 'crates', 'test/simulation') === '' ? '' : '+'}`;
}

function readProgress() {
  try {
    return { ...empty(), ...JSON.parse(readFileSync(file, 'utf8')) };
  } catch (error) {
    if (error.code === 'ENOENT') return empty();
    throw new Error(`${file} cannot be read; move it away to begin anew`, { cause: error });
  }
}

function save(progress) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(progress, null, 1));
  renameSync(`${file}.new`, file);
}
