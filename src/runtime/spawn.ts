import { createStore, get, set } from 'idb-keyval';
import { systemEnv } from '../base/env.ts';
import { connectEngine } from '../rpc/client.ts';
import type { EngineContract } from '../rpc/contract.ts';
import type { Platform } from '../client/platform.ts';
import { watched } from './watched.ts';

/** Milliseconds that the first mount waits for what makes its worker's end known. */
const PATIENCE = 10_000;

/** The platform of a page that runs the engine in a worker of its own. A client with a `fetch` of its own runs it here: a function can't go there. */
export function pagePlatform(spawn: () => Worker): Platform {
  const env = systemEnv();
  const bash = (): ReturnType<Platform['bash']> => import('just-bash/browser');
  return {
    variables: {},
    userAgentHeader: 'X-Mesa-User-Agent',
    fetch: (request) => env.fetch(request),
    clock: env.clock,
    ...(typeof indexedDB === 'undefined' ? {} : { memory: pageMemory() }),
    engine: async ({ fetch }) => watched(fetch === undefined ? await connectWorker(spawn()) : (await import('./page-engine.ts')).pageEngine({ ...env, fetch })),
    bash,
  };
}

/** Small values in IndexedDB; where a page may not have any, asking for them fails, and no sooner. */
function pageMemory(): NonNullable<Platform['memory']> {
  const store = createStore('mesafs-page', 'values');
  return { get: async (key) => get(key, store), set: async (key, value) => set(key, value, store) };
}

/**
 * Connects to the engine in a worker, once it answers.
 *
 * @throws Error when the worker can't be loaded: without this, calls would wait for it for ever
 */
async function connectWorker(worker: Worker): Promise<EngineContract> {
  const engine = connectEngine(worker);
  const life = new Promise<string>((resolve) =>
    worker.addEventListener('message', ({ data }) => typeof data?.life === 'string' && resolve(data.life as string)),
  );
  // Pages without it, as one that is offline and was not cached whole, do as well.
  const late = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE, null));
  const loading = Promise.race([import('../rpc/mortal.ts').catch(() => null), late]);
  const stop = new AbortController();
  const failed = new Promise<never>((_, reject) => {
    const fail = (event: Event): void => {
      const why = event instanceof ErrorEvent && event.message !== '' ? `: ${event.message}` : '';
      reject(new Error(`The engine's worker could not be loaded${why}; see that its script is served as JavaScript and that the page may run module workers`));
    };
    worker.addEventListener('error', fail, { signal: stop.signal });
  });
  try {
    await Promise.race([engine.resume(), failed]);
    const loaded = await loading;
    if (loaded === null) return engine;
    const mortal = loaded.mortal(engine);
    // A browser does not say that a worker has ended, but its locks are free then.
    void life.then((lock) => navigator.locks.request(lock, mortal.end));
    return mortal.engine;
  } catch (error) {
    worker.terminate();
    throw error;
  } finally {
    stop.abort();
  }
}
