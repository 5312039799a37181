import type { Env } from '../base/env.ts';
import { browserEngine } from './browser-engine.ts';
import type { PageEngine } from './watched.ts';

/** An engine in the page, as one in a worker is seen from there. */
export function pageEngine(env: Env): PageEngine {
  const engine = browserEngine(env);
  return {
    openMount: (spec, ports) => engine.openMount(spec, ports),
    closeMount: (mount) => engine.closeMount(mount),
    call: (mount, method, args, callId) => engine.call(mount, method, args, callId),
    cancel: (mount, callId) => engine.cancel(mount, callId),
    status: (mount) => engine.status(mount),
    resume: () => engine.resume(),
    forget: (repo) => engine.forget(repo),
    network: (online) => engine.network(online),
  };
}
