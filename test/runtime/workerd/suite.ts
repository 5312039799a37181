// The filesystem's contract as a Worker: every request runs the suite and answers its summary.
import { loadCore } from '../../../src/core/load.ts';
import { filesystemSuite } from '../../contract/filesystem.ts';
import { InProcess } from '../../contract/in-process.ts';
import { runSuite, summary } from '../../contract/run-suite.ts';
// workerd gives a compiled module for this import; no bundler sees it
import module from 'mesa_core_bg.wasm';

const worker: { fetch(): Promise<Response> } = {
  async fetch() {
    const core = await loadCore(module as WebAssembly.Module);
    const result = await runSuite((test) => filesystemSuite(test, () => InProcess.start(core, () => import('just-bash/browser'))));
    return new Response(summary(result));
  },
};

export { worker as default };
