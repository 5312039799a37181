// `npm run build`: the package as it is published, in dist/: modules and types from `src` and `worker`, the WebAssembly core beside them.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/places.mjs';
import { run } from './lib/run.mjs';

const dist = join(root, 'dist');
for (const name of ['src', 'worker']) rmSync(join(dist, name), { recursive: true, force: true });
await run(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], { cwd: root });
cpSync(join(root, 'src/core/generated'), join(dist, 'src/core/generated'), {
  recursive: true,
  filter: (path) => !/\.(built-from|gitignore)$|package\.json$/.test(path),
});

// TypeScript rewrites the extensions of imports, but not of addresses: `new URL('…/mesa.worker.ts', import.meta.url)`.
let modules = 0;
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith('.js') || entry.parentPath.includes(`${dist}/demo`)) continue;
  const path = join(entry.parentPath, entry.name);
  const text = readFileSync(path, 'utf8');
  const rewritten = text.replace(/(new URL\(['"][^'"]+)\.ts(['"], import\.meta\.url\))/g, '$1.js$2');
  if (rewritten !== text) writeFileSync(path, rewritten);
  modules += 1;
}
console.log(`Built ${modules} modules into dist`);
