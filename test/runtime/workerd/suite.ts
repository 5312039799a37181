// The filesystem's contract as a Worker: every request runs the suite and answers its summary.
import { loadCore } from '../../../src/core/load.ts';
import { filesystemSuite } from '../../contract/filesystem.ts';
import { InProcess } from '../../contract/in-process.ts';
import { restSuite } from '../../contract/rest.ts';
import { runSuite, summary } from '../../contract/run-suite.ts';
// workerd gives a compiled module for this import; no bundler sees it
import module from 'mesa_core_bg.wasm';

const worker: { fetch(): Promise<Response> } = {
  async fetch() {
    const core = await loadCore(module as WebAssembly.Module);
    const start = (live: boolean) => (): Promise<InProcess> => InProcess.start(core, () => import('just-bash/browser'), null, live);
    const result = await runSuite((test) => {
      filesystemSuite(test, start(true));
      restSuite(test, start);
    });
    return new Response(summary(result));
  },
};

export { worker as default };
