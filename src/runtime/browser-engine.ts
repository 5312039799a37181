import { systemEnv } from '../base/env.ts';
import type { Env } from '../base/env.ts';
import { loadCore } from '../core/load.ts';
import { Engine } from '../engine/engine.ts';
import type { RunWasi } from '../engine/shell/wasi/program.ts';
import { browserDevice } from './browser-device.ts';
import { browserDisk } from './browser-disk.ts';

/** An engine with what a browser has: the core beside the bundle, the shell's browser build, IndexedDB, and a journal where there is room for one. */
export function browserEngine(env: Env = systemEnv()): Engine {
  const bash = (): Promise<typeof import('just-bash/browser')> => import('just-bash/browser');
  const disk = typeof indexedDB === 'undefined' ? {} : { disk: browserDisk(indexedDB, env.clock) };
  const device = browserDevice();
  const wasi = async (): Promise<RunWasi> => (await import('./wasi-worker.ts')).runInWorker;
  return new Engine({ env, core: () => loadCore(), bash, wasi, ...disk, ...(device === null ? {} : { device }) });
}
