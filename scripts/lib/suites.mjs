import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFirefox } from './browser.mjs';

/**
 * A part of the test run: a command and how its counts are read. `count` gets the command's output, its exit code and the path of the report file
 * it was told to write. `lacks`: why it can't run here, where it can't.
 * @typedef {{ name: string, lacks?: () => string | null, command: (report: string) => string[], count: (run: { output: string, code: number, report: string }) => { passed: number, failed: number } }} Suite
 */

const vitest = (project) => ({
  name: project,
  command: (report) => ['vitest', 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  count: ({ report }) => {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    // A file that fails to load has no tests of its own: it counts as one failure.
    const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
    return { passed: numPassedTests, failed: numFailedTests + broken };
  },
});

/** Commands whose own last line is `N passed, N failed`. */
const plain = (name, command) => ({
  name,
  command: () => command,
  count: ({ output }) => {
    const match = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
    return match ? { passed: Number(match[1]), failed: Number(match[2]) } : { passed: 0, failed: 1 };
  },
});

/** @type {Suite[]} */
export const suites = [
  plain('check', ['node', join('scripts', 'check.mjs')]),
  {
    name: 'core',
    command: () => ['cargo', 'test', '--workspace', '--quiet'],
    count: ({ output }) => {
      const sum = { passed: 0, failed: 0 };
      for (const [, passed, failed] of output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed/gm)) {
        sum.passed += Number(passed);
        sum.failed += Number(failed);
      }
      return sum;
    },
  },
  plain('oracle', ['node', join('scripts', 'oracle.mjs'), '--cases', '20000']),
  vitest('unit'),
  vitest('node'),
  plain('simulation', ['node', join('scripts', 'soak.mjs'), '--suite']),
  plain('deno', ['deno', 'run', '-A', '--no-lock', 'test/runtime/deno/contract.ts']),
  plain('workerd', ['node', 'test/runtime/workerd/contract.mjs']),
  vitest('browser'),
  { ...vitest('firefox'), lacks: () => (findFirefox() === null ? 'there is no Firefox; install firefox-esr, or name one with $MESAFS_FIREFOX' : null) },
  {
    name: 'e2e',
    command: () => ['playwright', 'test', '-c', 'test/e2e/playwright.config.ts'],
    count: ({ output }) => {
      const of = (word) => Number(output.match(new RegExp(`^\\s+(\\d+) ${word}`, 'm'))?.[1] ?? 0);
      return { passed: of('passed'), failed: of('failed') + of('flaky') + of('did not run') + of('interrupted') };
    },
  },
];
