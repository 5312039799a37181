import { MesaClient } from '../client/mesa.ts';
import type { MesaOptions } from '../client/mesa.ts';
import { pagePlatform } from './spawn.ts';

export * from '../index.ts';
const platform = pagePlatform(() => new Worker(new URL('../../worker/mesa.worker.ts', import.meta.url), { type: 'module' }));
/** A client of the Mesa API, in a page: its engine runs in a worker. */
export class Mesa extends MesaClient {
  constructor(options: MesaOptions = {}) {
    super(options, platform);
  }
}
