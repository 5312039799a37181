// `npm run fuzz -- --minutes 10 [--target decode,merge] [--jobs 2]`: feeds the core with input that grows towards code not reached yet (crates/fuzz).
// What is found on the way is kept in target/fuzz and used again; an input that breaks something is named, to be made a test of.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './lib/places.mjs';
import { capture } from './lib/run.mjs';

const crate = join(root, 'crates/fuzz');
const targets = readdirSync(join(crate, 'src/bin')).map((file) => file.replace('.rs', ''));
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, target: { type: 'string', default: targets.join() }, jobs: { type: 'string', default: '2' } },
});
const wanted = values.target.split(',');
const unknown = wanted.filter((name) => !targets.includes(name));
if (unknown.length > 0 || !(Number(values.minutes) > 0) || !(Number(values.jobs) >= 1)) {
  console.error(`usage: npm run fuzz -- [--minutes N] [--jobs N] [--target NAME,…]; the targets are ${targets.join(', ')}`);
  process.exit(2);
}

/** What cargo-fuzz sets, but for the sanitizers: they need a nightly compiler, and the core has no unsafe code they could look into. */
const INSTRUMENTED = [
  '-Cpasses=sancov-module',
  '-Cllvm-args=-sanitizer-coverage-level=4',
  '-Cllvm-args=-sanitizer-coverage-inline-8bit-counters',
  '-Cllvm-args=-sanitizer-coverage-pc-table',
  '-Cllvm-args=-sanitizer-coverage-trace-compares',
  '-Ccodegen-units=1',
];
const SECONDS = Math.round(Number(values.minutes) * 60);
const home = join(root, 'target/fuzz');
const host = capture('rustc', ['-vV'])?.match(/^host: (.*)$/m)?.[1];
if (!host) {
  console.error('rustc is not on PATH. Install Rust: https://rustup.rs');
  process.exit(1);
}

// With a target named, build scripts and macros are compiled without the instrumentation.
const built = await show('cargo', ['build', '--release', '--locked', '--quiet', '--manifest-path', join(crate, 'Cargo.toml'), '--target', host], {
  CARGO_ENCODED_RUSTFLAGS: INSTRUMENTED.join('\x1f'),
  CARGO_TARGET_DIR: home,
});
if (built.code !== 0) {
  console.error(built.output);
  process.exit(1);
}
const queue = [...wanted];
let failed = 0;
await Promise.all(
  Array.from({ length: Number(values.jobs) }, async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const held = await fuzz(name);
      if (!held) failed += 1;
    }
  }),
);
console.log(`${wanted.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Runs a target for its time; answers whether it held. */
async function fuzz(name) {
  const found = join(home, 'corpus', name);
  const broken = join(home, 'artifacts', name);
  for (const folder of [found, broken]) mkdirSync(folder, { recursive: true });
  const seeds = join(crate, 'seeds', name);
  const words = join(crate, 'words.dict');
  const args = [found, ...(existsSync(seeds) ? [seeds] : []), `-artifact_prefix=${broken}/`, `-max_total_time=${SECONDS}`, `-dict=${words}`];
  const { code, output } = await show(join(home, host, 'release', name), [...args, '-max_len=2048', '-timeout=60', '-print_final_stats=1', '-verbosity=1']);
  const stat = (key) => Number(output.match(new RegExp(`stat::${key}:\\s+(\\d+)`))?.[1] ?? 0);
  const cover = [...output.matchAll(/ cov: (\d+) /g)].at(-1)?.[1] ?? '0';
  const runs = stat('number_of_executed_units').toLocaleString('en');
  console.log(
    `${code === 0 ? '✓' : '✗'} ${name.padEnd(8)} ${runs} runs in ${values.minutes} min, ${cover} places reached, ${readdirSync(found).length} inputs kept`,
  );
  if (code !== 0) console.log(output.slice(-4_000));
  return code === 0;
}

/** Runs a command; gives its exit code and the end of what it said. */
function show(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (text) => (output = (output + text).slice(-200_000));
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
