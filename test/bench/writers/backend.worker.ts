// The backend in workerd: one Durable Object holds it, in memory. `/key` answers the admin key.
import { systemEnv } from '../../../src/base/env.ts';
import { loadCore } from '../../../src/core/load.ts';
import { bootstrapOrg } from '../../../src/server/bootstrap.ts';
import type { Handler } from '../../../src/server/handler.ts';
import { createHandler } from '../../../src/server/handler.ts';
import { memoryStorage } from '../../../src/server/storage/memory.ts';
// workerd gives compiled modules for these imports; no bundler sees them
import checked from 'checked.wasm';
import core from 'mesa_core_bg.wasm';

interface Bindings {
  BACKEND: { idFromName(name: string): unknown; get(id: unknown): { fetch(request: Request): Promise<Response> } };
}

/** Everything is decided in one place: requests of a plain Worker can't wait for one another. */
export class Backend {
  #started: Promise<{ handler: Handler; key: string }> | null = null;

  async fetch(request: Request): Promise<Response> {
    this.#started ??= start();
    const { handler, key } = await this.#started;
    return new URL(request.url).pathname === '/key' ? new Response(key) : handler(request);
  }
}

async function start(): Promise<{ handler: Handler; key: string }> {
  const storage = memoryStorage('epoch');
  const { adminKey } = await bootstrapOrg(storage, systemEnv(), 'acme');
  const handler = await createHandler({ core: await loadCore(core as WebAssembly.Module), storage, checked: checked as WebAssembly.Module });
  return { handler, key: adminKey ?? '' };
}

const worker: { fetch(request: Request, bindings: Bindings): Promise<Response> } = {
  fetch: (request, { BACKEND }) => BACKEND.get(BACKEND.idFromName('backend')).fetch(request),
};

export { worker as default };
