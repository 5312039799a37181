import { beforeAll, test } from 'vitest';
import { loadCore } from '../../../src/core/load.ts';
import { runInWorker } from '../../../src/runtime/wasi-worker.ts';
import { assemble } from '../../contract/assemble.ts';
import { InProcess } from '../../contract/in-process.ts';
import { wasiSuite } from '../../contract/wasi.ts';

// The assembler is large: it is not to count as a test's time.
beforeAll(async () => void (await assemble('(module)')));

wasiSuite(
  test,
  async () => {
    const backend = await InProcess.start(await loadCore(), () => import('just-bash/browser'));
    backend.wasi = async () => runInWorker;
    return backend;
  },
  assemble,
);
