import { test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { memoryDevice } from '../../src/engine/journal/memory.ts';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { convergeSuite } from './converge.ts';
import { InProcess } from './in-process.ts';

/** More seeds than every runtime runs; `MESAFS_SEEDS=1-300` names others. */
const [first, last] = (process.env['MESAFS_SEEDS'] ?? '7-12').split('-').map(Number);

convergeSuite(test, async () => InProcess.start(await loadNodeCore(), () => import('just-bash')), seedsBetween(first ?? 7, last ?? first ?? 7));

/** The same with every mount a tab of one device: they have a journal each, show each other's unsent work, and share one stream of events. */
convergeSuite(
  (name, body) => test(`tabs of one device: ${name}`, body),
  async () => {
    const core = await loadNodeCore();
    const device = memoryDevice({ durable: true, schedule: (callback) => void setTimeout(callback, 0) });
    const bash = (): Promise<typeof import('just-bash')> => import('just-bash');
    const engine = ({ env }: InProcess): Engine => new Engine({ env, core: async () => core, bash, device: device.engine() });
    return InProcess.start(core, bash, { engine, close: () => undefined });
  },
  seedsBetween(first ?? 7, last ?? first ?? 7),
);

function seedsBetween(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
