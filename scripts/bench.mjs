// `npm run bench [-- NAME…] [--only node|chromium]`: what is fast and what is not, beside others, in one run. Each folder of test/bench with a bench.ts,
// or a bench.node.ts that no page is built with, is one bench. Results go to test/bench/results.json, and with tables and plots to docs/benchmarks.md.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openPage } from './lib/bench-page.mjs';
import { writeReport } from './lib/bench-report.mjs';
import { compiled, benchPeer } from './lib/oracle.mjs';
import { root } from './lib/places.mjs';

const folder = join(root, 'test/bench');
const file = join(folder, 'results.json');
const fileOf = (name) => ['bench.ts', 'bench.node.ts'].map((part) => join(folder, name, part)).find((path) => existsSync(path));
const all = readdirSync(folder).filter((name) => fileOf(name) !== undefined);

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no bench named ${unknown.join(', ')}; there are: ${all.join(', ')}`);
  process.exit(2);
}
const names = positionals.length > 0 ? positionals : all;

// A peer that is not there is left out, and the table says so by lacking it.
const peer = names.includes('merge') && (await compiled()) ? benchPeer : null;
const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
for (const name of names) {
  const { bench } = await import(fileOf(name));
  for (const runtime of bench.runtimes) {
    if (values.only !== undefined && values.only !== runtime) continue;
    console.log(`── ${name}, ${runtime}`);
    const outcome = runtime === 'node' ? await inNode(name) : await inChromium(name);
    results[name] ??= {};
    results[name][runtime] = {
      ...outcome,
      machine: { cpu: cpus()[0]?.model ?? 'unknown', threads: cpus().length, engine: outcome.engine ?? `Node ${process.versions.node}` },
    };
    delete results[name][runtime].engine;
    for (const { target, measured, met } of outcome.targets) console.log(`${met ? '✓' : '✗'} ${target}: ${measured}`);
  }
}
writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
writeReport(results);
console.log('Wrote test/bench/results.json and docs/benchmarks.md');

function inNode(name) {
  return new Promise((resolve, reject) => {
    const args = ['--expose-gc', '--max-old-space-size=8192', join('test/bench/node.ts'), fileOf(name), ...(peer === null ? [] : [peer])];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output.trim().split('\n').at(-1)));
      else reject(new Error(`The bench ${name} ended with code ${code}`));
    });
  });
}

async function inChromium(name) {
  const page = await openPage({ name, peer, tell: (line) => console.error(line) });
  try {
    return { ...(await page.run()), engine: page.engine };
  } finally {
    await page.close();
  }
}
