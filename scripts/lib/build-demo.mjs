import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, root } from './places.mjs';
import { run } from './run.mjs';

const out = join(root, 'dist/demo');
const stamp = join(out, '.built-from');
const sources = () => fingerprint(['demo', 'src', 'worker', 'package-lock.json', 'vite.config.ts'].map((path) => join(root, path)));

/** Builds the IDE into dist/demo unless it is current; answers the folder. */
export async function buildDemo() {
  const from = sources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === from) return out;
  const began = Date.now();
  process.stdout.write('… IDE: bundling with Vite\n');
  await run(join(root, 'node_modules/.bin/vite'), ['build', '--logLevel', 'warn'], { cwd: root });
  writeFileSync(stamp, from);
  process.stdout.write(`✓ IDE: bundled (${((Date.now() - began) / 1000).toFixed(1)} s)\n`);
  return out;
}
