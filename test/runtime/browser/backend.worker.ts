/** An engine in a worker, with a backend in memory beside it: what crosses to the page is what crosses in earnest. */
import type { Endpoint } from 'comlink';
import { loadCore } from '../../../src/core/load.ts';
import { openIdbCache } from '../../../src/engine/cache/idb.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { serveEngine } from '../../../src/rpc/client.ts';
import { tellLife } from '../../../src/rpc/life.ts';
import { InProcess } from '../../contract/in-process.ts';

const bash = (): Promise<typeof import('just-bash/browser')> => import('just-bash/browser');
const core = await loadCore();
const backend = await InProcess.start(core, bash);
await backend.client().repos.create({ name: 'app' });
const { env } = backend;
serveEngine(
  new Engine({ env, core: async () => core, bash, disk: { open: openIdbCache(indexedDB, env.clock), byDefault: true } }),
  globalThis as unknown as Endpoint,
);
postMessage({ ready: true, key: backend.adminKey, count: 0 });
addEventListener('message', (event: MessageEvent<unknown>) => {
  const { data } = event;
  if (typeof data !== 'object' || data === null) return;
  if ('requests' in data) postMessage({ counted: backend.takeRequests() });
  if ('live' in data) tellLife(navigator, postMessage);
});
