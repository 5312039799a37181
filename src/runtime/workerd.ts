import { MesaClient } from '../client/mesa.ts';
import type { MesaOptions } from '../client/mesa.ts';
import wasm from '../core/generated/mesa_core_bg.wasm';
import { loadCore } from '../core/load.ts';
import { localPlatform } from './local.ts';

export * from '../index.ts';
const platform = localPlatform({ core: () => loadCore(wasm), bash: () => import('just-bash/browser'), variables: {}, userAgentHeader: 'User-Agent' });
/** A client of the Mesa API, in Cloudflare Workers. */
export class Mesa extends MesaClient {
  constructor(options: MesaOptions = {}) {
    super(options, platform);
  }
}
