import { beforeAll, test } from 'vitest';
import { loadNodeCore } from '../../../src/runtime/node-core.ts';
import { runInThread } from '../../../src/runtime/wasi-node.ts';
import { assemble } from '../../contract/assemble.ts';
import { InProcess } from '../../contract/in-process.ts';
import { wasiSuite } from '../../contract/wasi.ts';

// The assembler is large: it is not to count as a test's time.
beforeAll(async () => void (await assemble('(module)')));

wasiSuite(
  test,
  async () => {
    const backend = await InProcess.start(await loadNodeCore(), () => import('just-bash'));
    backend.wasi = async () => runInThread;
    return backend;
  },
  assemble,
);
