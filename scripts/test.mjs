// `npm test`: everything, from lint to browsers. Each suite prints as it goes; the last line is the sum, `N passed, N failed`.
// Arguments choose suites by name: `npm test -- core unit`.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { browserVariables } from './lib/browser.mjs';
import { root } from './lib/places.mjs';
import { runSuite } from './lib/suite.mjs';
import { suites } from './lib/suites.mjs';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(`There is no suite named ${unknown.join(', ')}; there are: ${suites.map((suite) => suite.name).join(', ')}`);
  process.exit(2);
}

const results = join(root, 'test-results');
mkdirSync(results, { recursive: true });
const env = { FORCE_COLOR: '0', NO_COLOR: '1', ...(await browserVariables()) };

const total = { passed: 0, failed: 0 };
const lines = [];
for (const suite of suites) {
  if (wanted.length > 0 && !wanted.includes(suite.name)) continue;
  const lack = wanted.length > 0 ? null : (suite.lacks?.() ?? null);
  if (lack !== null) {
    lines.push(`– ${suite.name.padEnd(10)} left out: ${lack}`);
    continue;
  }
  const outcome = await runSuite(suite, { results, env });
  total.passed += outcome.passed;
  total.failed += outcome.failed;
  lines.push(
    `${outcome.failed === 0 ? '✓' : '✗'} ${suite.name.padEnd(10)} ${String(outcome.passed).padStart(5)} passed ${String(outcome.failed).padStart(3)} failed  ${outcome.seconds.toFixed(1).padStart(6)} s`,
  );
}
console.log(`\n${lines.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
