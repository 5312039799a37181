import type { Core } from '../../src/core/load.ts';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { usePlatform } from './platform.ts';
import type { Script } from './script.ts';
import { scriptOf } from './script.ts';
import { paste, shrink } from './shrink.ts';
import { run } from './world.ts';

/** What the parent asks for: runs of `count` seeds from `from` on, some of them twice. Ends after the first violation if `stop`. */
export interface Task {
  from: number;
  count: number;
  /** Every so many seeds a run is made again, to see that it does the same; 0 never. */
  twice: number;
  stop: boolean;
}

/** A seed that broke a promise. */
export interface Broken {
  seed: number;
  violations: string[];
  /** The shortest script found that breaks it too. */
  script: string;
  shrunk: string[];
  trace: string[];
}

/** What came of a task. */
export interface Report {
  from: number;
  seeds: number;
  counts: Record<string, number>;
  broken: Broken[];
}

usePlatform();
const core = await loadNodeCore();
process.on('message', (task: Task) => {
  void work(core, task).then((report) => process.send?.(report));
});
process.send?.('ready');

async function work(using: Core, { from, count, twice, stop }: Task): Promise<Report> {
  const counts: Record<string, number> = {};
  const broken: Broken[] = [];
  let seeds = 0;
  for (let seed = from; seed < from + count && !(stop && broken.length > 0); seed += 1) {
    const script = scriptOf(seed);
    const outcome = await run(using, script);
    seeds += 1;
    for (const [name, number] of Object.entries(outcome.counts)) counts[name] = (counts[name] ?? 0) + number;
    if (twice > 0 && seed % twice === 0) {
      counts['runs made twice'] = (counts['runs made twice'] ?? 0) + 1;
      const again = await run(using, script);
      if (again.hash !== outcome.hash) outcome.violations.push(`determinism: the same seed did other things (${outcome.hash}, ${again.hash})`);
    }
    if (outcome.violations.length > 0) broken.push(stop ? brief(seed, outcome.violations) : await explain(using, script, outcome.violations));
  }
  return { from, seeds, counts, broken };
}

function brief(seed: number, violations: string[]): Broken {
  return { seed, violations, script: '', shrunk: [], trace: [] };
}

async function explain(using: Core, script: Script, violations: string[]): Promise<Broken> {
  const outcome = await run(using, script);
  const small = await shrink(using, script, outcome);
  const { trace } = await run(using, small.script, true);
  return { seed: script.seed, violations, script: paste(small.script), shrunk: small.outcome.violations, trace };
}
