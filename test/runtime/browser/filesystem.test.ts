import { test } from 'vitest';
import { loadCore } from '../../../src/core/load.ts';
import { filesystemSuite } from '../../contract/filesystem.ts';
import { InProcess } from '../../contract/in-process.ts';
import { restSuite } from '../../contract/rest.ts';
import { workerEngines } from './worker-engines.ts';

const bash = (): Promise<typeof import('just-bash/browser')> => import('just-bash/browser');

filesystemSuite(
  test,
  async () => InProcess.start(await loadCore(), bash, workerEngines()),
  async () => InProcess.start(await loadCore(), bash),
);

restSuite(
  (name, body) => test.concurrent(name, body),
  (live) => async () => InProcess.start(await loadCore(), bash, null, live),
);
