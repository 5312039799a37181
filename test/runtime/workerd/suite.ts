// The filesystem's contract as a Worker: every request runs the suite and answers its summary.
import { loadChecked } from '../../../src/core/checked.ts';
import { loadCore } from '../../../src/core/load.ts';
import { equal } from '../../contract/assert.ts';
import { checkedSuite } from '../../contract/checked.ts';
import { filesystemSuite } from '../../contract/filesystem.ts';
import { InProcess } from '../../contract/in-process.ts';
import { restSuite } from '../../contract/rest.ts';
import { runSuite, summary } from '../../contract/run-suite.ts';
// workerd gives compiled modules for these imports; no bundler sees them
import checkedModule from 'checked.wasm';
import module from 'mesa_core_bg.wasm';

const worker: { fetch(): Promise<Response> } = {
  async fetch() {
    const core = await loadCore(module as WebAssembly.Module);
    const checked = await loadChecked(checkedModule as WebAssembly.Module);
    const start = (live: boolean) => (): Promise<InProcess> => InProcess.start(core, () => import('just-bash/browser'), null, live, { checked });
    const result = await runSuite((test) => {
      filesystemSuite(test, start(true));
      restSuite(test, start);
      checkedSuite(test, async () => ({ core, checked }));
      test('attacks on SHA-1: a backend that is not handed what tells them says how', async () => {
        const error = await loadChecked().then(
          () => null,
          (reason: unknown) => reason,
        );
        equal(error instanceof Error && error.message.includes('as `checked`'), true);
      });
    });
    return new Response(summary(result));
  },
};

export { worker as default };
