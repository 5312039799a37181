import type { TestFunction } from './assert.ts';

/** How a run went; `failures` are ready to print. */
export interface SuiteResult {
  passed: number;
  failed: number;
  failures: string[];
}

/** Runs a suite, one test after another, where there is no test runner. A test that takes longer than `timeoutMs` has failed. */
export async function runSuite(define: (test: TestFunction) => void, timeoutMs: number = 60_000): Promise<SuiteResult> {
  const tests: { name: string; body: () => Promise<void> }[] = [];
  define((name, body) => tests.push({ name, body }));
  const result: SuiteResult = { passed: 0, failed: 0, failures: [] };
  for (const { name, body } of tests) {
    try {
      await within(body(), timeoutMs);
      result.passed += 1;
    } catch (error) {
      result.failed += 1;
      result.failures.push(`✗ ${name}\n  ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  return result;
}

async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the test run reads: failures, then `N passed, N failed` as the last line. */
export function summary({ passed, failed, failures }: SuiteResult): string {
  return [...failures, `${passed} passed, ${failed} failed`].join('\n');
}
