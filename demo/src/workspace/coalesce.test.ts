import { expect, test } from 'vitest';
import { coalesce } from './coalesce.ts';

test('calls made meanwhile are one more run', async () => {
  let runs = 0;
  let release = (): void => undefined;
  const run = coalesce(() => {
    runs += 1;
    return new Promise((resolve) => (release = resolve));
  });
  const first = run();
  const second = run();
  expect(run()).toBe(second);
  expect(runs).toBe(1);
  release();
  await first;
  await expect.poll(() => runs).toBe(2);
  release();
  await second;
  expect(runs).toBe(2);
});

test('a failure doesn’t stop the next run', async () => {
  let runs = 0;
  const run = coalesce(() => {
    runs += 1;
    return runs === 1 ? Promise.reject(new Error('once')) : Promise.resolve();
  });
  const first = run();
  const second = run();
  await expect(first).rejects.toThrow('once');
  await expect(second).resolves.toBeUndefined();
});
