// Runs one bench in Node: `node --expose-gc test/bench/node.ts <path of its bench.ts> [<path of the native peer>]`. The last line is the results as JSON.
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { runBench } from './harness.ts';
import type { Bench, Host } from './harness.ts';
import { nativePeer } from './native.ts';
import { serveApart } from './served.ts';
import type { ServedApart } from './served.ts';

const [, , file = '', program] = process.argv;
const { bench } = (await import(file)) as { bench: Bench };
const peer = program === undefined ? null : nativePeer(program);
let server: ServedApart | null = null;
const host: Host = {
  runtime: 'node',
  text: (path) => readFile(`node_modules/${path}`, 'utf8'),
  native: peer === null ? null : (question) => peer.ask(question),
  serve: async () => (server = await serveApart()),
  tell: (line) => void process.stderr.write(`${line}\n`),
};
const results = await runBench(bench, host);
process.stdout.write(`${JSON.stringify({ results, targets: bench.targets?.(results, 'node') ?? [], about: bench.about })}\n`);
peer?.close();
await (server as ServedApart | null)?.close();
