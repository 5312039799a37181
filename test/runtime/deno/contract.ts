// The filesystem's contract in Deno: deno run -A test/runtime/deno/contract.ts
import { loadChecked } from '../../../src/core/checked.ts';
import { loadCore } from '../../../src/core/load.ts';
import { checkedSuite } from '../../contract/checked.ts';
import { filesystemSuite } from '../../contract/filesystem.ts';
import { InProcess } from '../../contract/in-process.ts';
import { restSuite } from '../../contract/rest.ts';
import { runSuite, summary } from '../../contract/run-suite.ts';

declare const Deno: { exit(code: number): never };

const core = await loadCore();
const start = (live: boolean) => (): Promise<InProcess> => InProcess.start(core, () => import('just-bash'), null, live);
const result = await runSuite((test) => {
  filesystemSuite(test, start(true));
  restSuite(test, start);
  checkedSuite(test, async () => ({ core, checked: await loadChecked() }));
});
console.log(summary(result));
Deno.exit(result.failed === 0 ? 0 : 1);
