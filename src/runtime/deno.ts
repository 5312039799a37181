import process from 'node:process';
import { MesaClient } from '../client/mesa.ts';
import type { MesaOptions } from '../client/mesa.ts';
import { loadCore } from '../core/load.ts';
import { localPlatform } from './local.ts';

export * from '../index.ts';
const platform = localPlatform({ core: () => loadCore(), bash: () => import('just-bash/browser'), variables: process.env });
/** A client of the Mesa API, in Deno. */
export class Mesa extends MesaClient {
  constructor(options: MesaOptions = {}) {
    super(options, platform);
  }
}
