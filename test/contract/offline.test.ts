import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { IDBFactory } from 'fake-indexeddb';
import { test } from 'vitest';
import { systemClock } from '../../src/base/env.ts';
import { openIdbCache } from '../../src/engine/cache/idb.ts';
import type { OpenDiskCache } from '../../src/engine/cache/interface.ts';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { InProcess } from './in-process.ts';
import { onLaptop } from './laptop.ts';
import { bookmarksSuite } from './offline-bookmarks.ts';
import { changesSuite } from './offline-changes.ts';
import { filesSuite } from './offline-files.ts';
import { mergedSuite } from './offline-merged.ts';
import { metadataSuite } from './offline-metadata.ts';
import { offlineSuite } from './offline.ts';

InProcess.jitter = Number(process.env['MESAFS_JITTER'] ?? 0);

const start = async (): Promise<InProcess> => InProcess.start(await loadNodeCore(), () => import('just-bash'));
const cache = (): OpenDiskCache => openIdbCache(new IDBFactory(), systemClock());

offlineSuite(test, start, cache, memoryInUse);

const run = onLaptop(test, start, cache);
changesSuite(run);
bookmarksSuite(run);
filesSuite(run);
mergedSuite(run);
metadataSuite(run);

/** Bytes in use, of the journal's storage and the cache's too: both are in memory here. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
