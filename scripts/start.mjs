// `npm start`: builds the IDE when its sources changed, imports a sample repo the first time, and serves both with the backend on 127.0.0.1.
// Options: see `usage` below, which `npm start -- --help` prints.
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StartError } from '../worker/node/start-error.ts';
import { buildDemo } from './lib/build-demo.mjs';
import { root } from './lib/places.mjs';

const usage = `
  npm start -- [options]      serves the IDE and its backend on 127.0.0.1

  --port N      the port (4870); 0 takes one that is free
  --data DIR    where the repos are kept (.mesafs)
  --sample DIR  the folder that is imported the first time (this checkout)
  --help        these lines
`;

try {
  await start();
} catch (error) {
  // What a person can mend is one sentence.
  const isPlain = error instanceof StartError || String(error.code).startsWith('ERR_PARSE_ARGS');
  console.error(isPlain ? `\n  ${error.message}\n  Options are given as in: npm start -- --port 4871 --data another-folder\n` : error);
  process.exit(1);
}

async function start() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4870' },
      data: { type: 'string', default: join(root, '.mesafs') },
      sample: { type: 'string', default: root },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(usage);
  const [dataDir, sample] = [resolve(values.data), resolve(values.sample)];
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new StartError(`--port ${values.port} is not a port; give a number from 0 to 65535`);
  const staticDir = await buildDemo();
  const { startDemo } = await import('../worker/demo.ts');
  const repo = sample === root ? 'mesafs-web' : basename(sample);
  const demo = await startDemo({ port, dataDir, staticDir, sample, repo });
  const imported = demo.imported === null ? '' : ` (${demo.imported} files imported)`;
  console.log(`\n  mesafs IDE   ${demo.url}/\n  repo         acme/${repo}${imported}\n  data         ${dataDir}\n`);
  console.log('  Open it in two windows and type. Ctrl+C stops.\n');
  stopWhenAsked(demo);
}

function stopWhenAsked(demo) {
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
}
