import { test } from 'vitest';
import { loadCore } from '../../../src/core/load.ts';
import { boundariesSuite } from '../../contract/boundaries.ts';
import { InProcess, noBash } from '../../contract/in-process.ts';

boundariesSuite(
  test,
  (live) => async () => InProcess.start(await loadCore(), noBash, null, live),
  () => indexedDB,
);
