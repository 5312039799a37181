import type { Clock } from '../../base/env.ts';
import type { DriverPorts } from './driver.ts';

/** What a driver of a test needs of a checkout: nothing happens, but for what the test is about. */
export function quietPorts(clock: Clock, about: Partial<DriverPorts> = {}): DriverPorts {
  return {
    env: { clock, fetch: () => Promise.reject(new Error('unused')), random: (bytes) => void bytes.fill(0) },
    before: () => null,
    send: () => new Promise(() => undefined),
    settled: async (_reply, _batch, remove) => remove(),
    reopen: async () => undefined,
    refused: () => undefined,
    ready: () => true,
    held: () => false,
    patient: () => false,
    reached: () => undefined,
    changed: () => undefined,
    ...about,
  };
}
