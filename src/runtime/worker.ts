import type { Endpoint } from 'comlink';
import { serveEngine } from '../rpc/client.ts';
import { tellLife } from '../rpc/life.ts';
import { browserEngine } from './browser-engine.ts';

/** Runs the engine in a dedicated worker and answers the page. */
export function serveWorker(): void {
  const engine = browserEngine();
  addEventListener('online', () => engine.network(true));
  addEventListener('offline', () => engine.network(false));
  if (!navigator.onLine) engine.network(false);
  serveEngine(engine, globalThis as unknown as Endpoint);
  tellLife(navigator, postMessage);
}
