import { expect, test } from 'vitest';
import type { WatchEvent } from '../rpc/types.ts';
import { MesaFileSystemSubscription } from './subscription.ts';

const event = (path: string, recursive = false): WatchEvent => ({ path, recursive });
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

test('the handler gets one event at a time, and none twice that waits', async () => {
  const seen: string[] = [];
  const done: (() => void)[] = [];
  const subscription = new MesaFileSystemSubscription(
    ({ path, recursive }) => {
      seen.push(`${path}${recursive ? '/**' : ''}`);
      return new Promise((resolve) => done.push(resolve));
    },
    () => undefined,
  );
  subscription.deliver([event('/a'), event('/b'), event('/b', true)]);
  subscription.deliver([event('/b')]);
  expect(seen).toEqual(['/a']);
  for (let count = 0; count < 5; count += 1) {
    done.shift()?.();
    await turns();
  }
  expect(seen).toEqual(['/a', '/b/**', '/b']);
  subscription.deliver([event('/a')]);
  expect(seen.at(-1)).toBe('/a');
});

test('ends when asked, and tells once', async () => {
  const seen: string[] = [];
  let ended = 0;
  const subscription = new MesaFileSystemSubscription(
    ({ path }) => void seen.push(path),
    () => (ended += 1),
  );
  subscription.deliver([event('/a'), event('/b')]);
  subscription.unsubscribe();
  subscription.unsubscribe();
  subscription.deliver([event('/c')]);
  await turns();
  expect(seen).toEqual(['/a']);
  expect(ended).toBe(1);
});
