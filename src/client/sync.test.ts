import { expect, test } from 'vitest';
import type { EngineContract } from '../rpc/contract.ts';
import type { SyncStatus } from '../rpc/types.ts';
import { Calls } from './calls.ts';
import { SyncView } from './sync.ts';

const STATUS: SyncStatus = { state: 'live', online: true, pending: 1, pendingBytes: 2, lastAcceptedSeq: 3, storage: 'memory' };

test('a listener that throws is reported, and stops neither the others nor who tells them', async () => {
  const runners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  const reported = new Promise((resolve) => process.once('unhandledRejection', resolve));
  try {
    const sync = new SyncView(new Calls({} as EngineContract, 1));
    const seen: SyncStatus[] = [];
    sync.subscribe(() => {
      throw new Error('broken');
    });
    const stop = sync.subscribe((status) => seen.push(status));
    sync.update(STATUS);
    expect(seen).toEqual([STATUS]);
    expect(String(await reported)).toBe('Error: broken');
    stop();
    stop();
    sync.update({ ...STATUS, pending: 0 });
    expect(seen).toHaveLength(1);
    expect(sync.status.pending).toBe(0);
    await new Promise((resolve) => process.once('unhandledRejection', resolve));
  } finally {
    for (const runner of runners) process.on('unhandledRejection', runner);
  }
});

test('whoever listens anew while it is told hears of the next status, not of this one for ever', () => {
  const sync = new SyncView(new Calls({} as EngineContract, 1));
  const seen: number[] = [];
  let stop = (): void => undefined;
  const again = ({ pending }: SyncStatus): void => {
    seen.push(pending);
    stop();
    if (seen.length < 20) stop = sync.subscribe(again);
  };
  stop = sync.subscribe(again);
  sync.update(STATUS);
  expect(seen).toEqual([1]);
  sync.update({ ...STATUS, pending: 0 });
  expect(seen).toEqual([1, 0]);
});

test('a function that listens twice is told twice, and each of the two ends for itself', () => {
  const sync = new SyncView(new Calls({} as EngineContract, 1));
  const seen: number[] = [];
  const listener = ({ pending }: SyncStatus): void => void seen.push(pending);
  const [stop] = [sync.subscribe(listener), sync.subscribe(listener)];
  sync.update(STATUS);
  stop();
  sync.update({ ...STATUS, pending: 0 });
  expect(seen).toEqual([1, 1, 0]);
});
