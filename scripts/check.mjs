// `npm run check`: the quick loop. Format, lint, types, the direction of imports, and Rust's own checks; each counts as one.
// `npm run check -- --unit` runs the unit tests as well.
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { root } from './lib/places.mjs';

const checks = {
  'format (oxfmt)': ['oxfmt', '--check', 'src', 'worker', 'test', 'demo', 'scripts', 'vite.config.ts'],
  'lint (oxlint)': ['oxlint', '--deny-warnings'],
  'types (tsc)': ['tsc', '-p', '.'],
  'imports (dependency-cruiser)': ['depcruise', '--config', 'scripts/dependency-rules.cjs', 'src', 'worker', 'demo'],
  'Rust format (rustfmt)': ['cargo', 'fmt', '--all', '--check'],
  'Rust format, oracle (rustfmt)': ['cargo', 'fmt', '--check', '--manifest-path', 'crates/oracle/Cargo.toml'],
  'Rust format, fuzzers (rustfmt)': ['cargo', 'fmt', '--check', '--manifest-path', 'crates/fuzz/Cargo.toml'],
  'Rust lint (clippy)': ['cargo', 'clippy', '--workspace', '--all-targets', '--quiet', '--', '-D', 'warnings'],
  ...(process.argv.includes('--unit') ? { 'unit tests (vitest)': ['vitest', 'run', '--project', 'unit'] } : {}),
};

const env = { ...process.env, PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter) };
let failed = 0;
for (const [name, [command, ...args]] of Object.entries(checks)) {
  const began = Date.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 26 });
  const seconds = `${((Date.now() - began) / 1000).toFixed(1)} s`;
  if (status === 0) console.log(`✓ ${name} (${seconds})`);
  else {
    failed += 1;
    console.log(`✗ ${name} (${seconds})\n${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`);
  }
}
console.log(`${Object.keys(checks).length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
