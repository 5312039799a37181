import { IDBFactory } from 'fake-indexeddb';
import { test } from 'vitest';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { boundariesSuite } from './boundaries.ts';
import { InProcess, noBash } from './in-process.ts';

boundariesSuite(
  test,
  (live) => async () => InProcess.start(await loadNodeCore(), noBash, null, live),
  () => new IDBFactory(),
);
