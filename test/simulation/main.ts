import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { useSteadyCrypto } from './platform.ts';
import { scriptOf } from './script.ts';
import { run } from './world.ts';

useSteadyCrypto();
const core = await loadNodeCore();
const [from = '1', to = '20', flag = ''] = process.argv.slice(2);
const counts: Record<string, number> = {};
let current = 0;
process.on('unhandledRejection', (error) => console.log(`seed ${current}: unhandled`, error));
const began = performance.now();
const cpu = process.cpuUsage();
let bad = 0;
for (let seed = Number(from); seed <= Number(to); seed += 1) {
  current = seed;
  const outcome = await run(core, scriptOf(seed), flag === 'trace');
  if (flag === 'twice') {
    const again = await run(core, scriptOf(seed));
    if (again.hash !== outcome.hash) console.log(`seed ${seed} differs`);
  }
  for (const [name, count] of Object.entries(outcome.counts)) counts[name] = (counts[name] ?? 0) + count;
  if (outcome.violations.length > 0) {
    bad += 1;
    console.log(`seed ${seed}: ${outcome.violations.join('\n   ')}`);
  }
  if (flag === 'trace') console.log(outcome.trace.join('\n'), outcome.hash);
}
const n = Number(to) - Number(from) + 1;
const used = process.cpuUsage(cpu);
console.log(
  Object.entries(counts)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${k}: ${v}`)
    .join('\n'),
);
console.log(`${bad} bad; ${((n / (performance.now() - began)) * 1000).toFixed(1)} seeds/s, by cpu ${((n / (used.user + used.system)) * 1e6).toFixed(1)}`);
