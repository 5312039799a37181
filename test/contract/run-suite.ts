import type { TestFunction } from './assert.ts';

/** What came of a suite. */
export interface SuiteResult {
  passed: number;
  failed: number;
  failures: { name: string; error: string }[];
}

/** Milliseconds a test may take. */
const LIMIT = 60_000;

/** Runs a suite where there is no test runner: one test after another. */
export async function runSuite(define: (test: TestFunction) => void): Promise<SuiteResult> {
  const tests: { name: string; body: () => Promise<void> }[] = [];
  define((name, body) => void tests.push({ name, body }));
  const result: SuiteResult = { passed: 0, failed: 0, failures: [] };
  for (const { name, body } of tests) {
    try {
      await limited(body());
      result.passed += 1;
    } catch (error) {
      result.failed += 1;
      result.failures.push({ name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  return result;
}

/** The failures, and a last line `N passed, N failed`. */
export function summary({ passed, failed, failures }: SuiteResult): string {
  const lines = failures.map(({ name, error }) => `✗ ${name}\n${error.replaceAll(/^/gm, '    ')}`);
  return [...lines, `${passed} passed, ${failed} failed`].join('\n');
}

async function limited(test: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The test took longer than ${LIMIT} ms`)), LIMIT);
  });
  try {
    await Promise.race([test, late]);
  } finally {
    clearTimeout(timer);
  }
}
