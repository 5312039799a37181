// `npm start`: builds the IDE when its sources changed, imports a sample repo the first time, and serves both with the backend on 127.0.0.1.
// Options: --port (4870), --data (.mesafs), --sample (a folder; this checkout when not given).
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildDemo } from './lib/build-demo.mjs';
import { root } from './lib/places.mjs';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '4870' }, data: { type: 'string', default: join(root, '.mesafs') }, sample: { type: 'string', default: root } },
});

const staticDir = await buildDemo();
const { startDemo } = await import('../worker/demo.ts');
const sample = resolve(values.sample);
const repo = sample === root ? 'mesafs-web' : basename(sample);
const demo = await startDemo({ port: Number(values.port), dataDir: resolve(values.data), staticDir, sample, repo });

console.log(
  `\n  mesafs IDE   ${demo.url}/\n  repo         acme/${repo}${demo.imported === null ? '' : ` (${demo.imported} files imported)`}\n  data         ${resolve(values.data)}\n\n  Open it in two windows and type. Ctrl+C stops.\n`,
);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    demo.close().then(
      () => process.exit(0),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}
