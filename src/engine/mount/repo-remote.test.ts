import { expect, test } from 'vitest';
import type { Env } from '../../base/env.ts';
import type { Remote } from '../remote/interface.ts';
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
