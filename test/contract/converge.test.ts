import { test } from 'vitest';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { convergeSuite } from './converge.ts';
import { InProcess } from './in-process.ts';

/** More seeds than every runtime runs; `MESAFS_SEEDS=1-300` names others. */
const [first, last] = (process.env['MESAFS_SEEDS'] ?? '7-12').split('-').map(Number);

convergeSuite(test, async () => InProcess.start(await loadNodeCore(), () => import('just-bash')), seedsBetween(first ?? 7, last ?? first ?? 7));

function seedsBetween(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
