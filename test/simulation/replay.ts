import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { usePlatform } from './platform.ts';
import { scriptOf } from './script.ts';
import { paste, shrink } from './shrink.ts';
import { run } from './world.ts';

// `node test/simulation/replay.ts SEED [SHRINK]`: one run with its trace; with a second argument, the shortest script that breaks the same promise.
usePlatform();
const core = await loadNodeCore();
const script = scriptOf(Number(process.argv[2]));
const outcome = await run(core, script, true);
if (process.argv[3] === undefined || outcome.violations.length === 0) console.log(outcome.trace.join('\n'));
else {
  const small = await shrink(core, script, outcome);
  console.log((await run(core, small.script, true)).trace.join('\n'));
  console.log(paste(small.script));
  outcome.violations.splice(0, Infinity, ...small.outcome.violations);
}
console.log(`${outcome.hash} ${outcome.violations.length === 0 ? 'all promises held' : outcome.violations.join('\n')}`);
process.exitCode = outcome.violations.length === 0 ? 0 : 1;
