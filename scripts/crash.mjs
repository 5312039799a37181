// `npm run crash`: kills a page's process, or the whole browser, at random moments of a writing run; arguments go on to test/crash/main.ts.
// `npm run crash -- --server 200` kills the server instead, that many times, with fifty writes under way.
import { join } from 'node:path';
import { browserVariables } from './lib/browser.mjs';
import { root } from './lib/places.mjs';
import { run } from './lib/run.mjs';

const args = process.argv.slice(2);
const at = args.indexOf('--server');
const env = await browserVariables();
const [command, rest, variables] =
  at < 0
    ? [process.execPath, [join(root, 'test/crash/main.ts'), ...args], env]
    : ['vitest', ['run', '--project', 'node', 'test/official/crash.test.ts'], { MESAFS_CRASH_ROUNDS: args[at + 1] ?? '200' }];
await run(command, rest, { cwd: root, env: variables, show: true }).catch(() => (process.exitCode = 1));
