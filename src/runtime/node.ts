import { MesaClient } from '../client/mesa.ts';
import type { MesaOptions } from '../client/mesa.ts';
import { localPlatform } from './local.ts';
import { loadNodeCore } from './node-core.ts';
import { requireNode } from './node-version.ts';

export * from '../index.ts';
requireNode();
const platform = localPlatform({
  core: loadNodeCore,
  bash: () => import('just-bash'),
  wasi: async () => (await import('./wasi-node.ts')).runInThread,
  variables: process.env,
});
/** A client of the Mesa API, in Node. */
export class Mesa extends MesaClient {
  constructor(options: MesaOptions = {}) {
    super(options, platform);
  }
}
