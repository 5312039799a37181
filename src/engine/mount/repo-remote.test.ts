import { expect, test } from 'vitest';
import type { Env } from '../../base/env.ts';
import type { Remote } from '../remote/interface.ts';
import { ManualClock } from '../../server/test-support.ts';
import { RepoRemote } from './repo-remote.ts';

test('a read on a connection that is half closed is made again', async () => {
  const timers: { callback: () => void; ms: number }[] = [];
  const clock = {
    now: () => 0,
    set: (callback: () => void, ms: number) => timers[timers.push({ callback, ms }) - 1],
    clear: (timer: unknown) => void timers.splice(timers.indexOf(timer as (typeof timers)[0]), 1),
  };
  const env: Env = { clock, random: () => undefined, fetch: () => Promise.reject(new Error('nothing is fetched here')) };
  let tries = 0;
  const bookmarks: Remote['bookmarks'] = (_, signal) => {
    tries += 1;
    return tries > 1 ? Promise.resolve(['main']) : new Promise((__, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
  };
  const remote = new RepoRemote({ bookmarks } as Remote, 'app', env, new AbortController().signal);
  const asking = remote.bookmarks();
  // First the limit of the try, then the wait before the next one.
  for (let fired = 0; fired < 2; fired += 1) {
    await expect.poll(() => timers.length).toBe(1);
    timers.shift()?.callback();
  }
  expect(await asking).toEqual(['main']);
  expect(timers).toEqual([]);
});

test('a try for which the time was too short is given more, one that failed otherwise is not', async () => {
  const clock = new ManualClock(0);
  const env: Env = { clock, random: (bytes) => void bytes.fill(0), fetch: () => Promise.reject(new Error('nothing is fetched here')) };
  const began: number[] = [];
  const bookmarks: Remote['bookmarks'] = (_, signal) => {
    began.push(clock.now());
    if (began.length === 1) return Promise.reject(new TypeError('fetch failed'));
    // What is aborted fails with an error of the platform's own.
    return new Promise((__, reject) => signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError'))));
  };
  const remote = new RepoRemote({ bookmarks } as Remote, 'app', env, new AbortController().signal);
  const asking = remote.bookmarks().catch((error: unknown) => error);
  for (let second = 0; second < 600; second += 1) {
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await asking).toMatchObject({ name: 'TimeLimitError' });
  const [, second = 0, third = 0, fourth = 0] = began;
  expect([third - second, fourth - third].map((ms) => Math.round(ms / 10_000) * 10)).toEqual([60, 120]);
});
