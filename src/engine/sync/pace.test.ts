import { expect, test } from 'vitest';
import { TimeLimitError } from '../remote/time-limit.ts';
import { Pace } from './pace.ts';

const MiB = 1024 * 1024;

test('what took too long is halved and given more time, what failed otherwise is not', () => {
  const pace = new Pace();
  expect([pace.room, pace.limit(0), pace.limit(16 * MiB)]).toEqual([16 * MiB, 120_000, 376_000]);
  pace.failed(new TypeError('fetch failed'));
  expect(pace.room).toBe(16 * MiB);
  pace.failed(new TimeLimitError(1));
  expect([pace.room, pace.limit(0)]).toEqual([8 * MiB, 240_000]);
  for (let tries = 0; tries < 20; tries += 1) pace.failed(new TimeLimitError(1));
  expect([pace.room, pace.limit(0)]).toEqual([MiB / 4, 240_000]);
});

test('it grows again step by step, and only when there was much time left', () => {
  const pace = new Pace();
  for (let tries = 0; tries < 3; tries += 1) pace.failed(new TimeLimitError(1));
  pace.answered(2 * MiB, 200_000);
  expect(pace.room).toBe(2 * MiB);
  pace.answered(2 * MiB, 10_000);
  expect(pace.room).toBe(4 * MiB);
  pace.reset();
  expect(pace.room).toBe(16 * MiB);
});
