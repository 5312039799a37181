import type { Core } from '../../src/core/load.ts';
import { loadCore } from '../../src/core/load.ts';
import type { Host } from './harness.ts';

/** The core as the runtime loads it. */
export async function loadBenchCore(host: Host): Promise<Core> {
  return host.runtime === 'node' ? (await import('../../src/runtime/node-core.ts')).loadNodeCore() : loadCore();
}
