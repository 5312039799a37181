/** An engine in a worker of its own, as in a page that is served; its requests go to a backend in the page, and its clock follows the page's. */
import type { Endpoint } from 'comlink';
import { systemEnv } from '../../../src/base/env.ts';
import { loadCore } from '../../../src/core/load.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { Device } from '../../../src/engine/journal/device.ts';
import { browserDevice } from '../../../src/runtime/browser-device.ts';
import { serveEngine } from '../../../src/rpc/client.ts';
import type { MountPorts } from '../../../src/rpc/contract.ts';
import type { MountSpec } from '../../../src/rpc/types.ts';
import { SettableClock } from '../../contract/in-process.ts';
import type { Answer } from './worker-engines.ts';

const clock = new SettableClock();
const waiting = new Map<number, { resolve: (response: Response) => void; reject: (error: unknown) => void }>();
let last = 0;

addEventListener('message', ({ data }: MessageEvent<{ advance?: number; answer?: Answer }>) => {
  if (data.advance !== undefined) clock.advance(data.advance);
  if (data.answer === undefined) return;
  const { id, error, status, headers, body } = data.answer;
  const asked = waiting.get(id);
  waiting.delete(id);
  if (error !== undefined) asked?.reject(new TypeError(error));
  else asked?.resolve(new Response(body, { status: status ?? 200, headers: headers ?? [] }));
});

async function askPage(request: Request): Promise<Response> {
  const id = (last += 1);
  const body = await request.arrayBuffer();
  request.signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  waiting.set(id, { resolve, reject });
  request.signal.addEventListener('abort', () => {
    postMessage({ abort: id });
    reject(request.signal.reason);
  });
  postMessage({ request: { id, url: request.url, method: request.method, headers: [...request.headers], body } });
  return promise;
}

const core = loadCore();
/** Each engine is as on a device of its own: what it keeps and says is under a name that no other has. */
function apart(shared: Device): Device {
  const own = crypto.randomUUID();
  const { locks } = shared;
  return {
    logs: (name) => shared.logs(`${own}-${name}`),
    channel: (name) => shared.channel(`${own} ${name}`),
    persist: () => shared.persist(),
    locks: {
      tryHold: (name) => locks.tryHold(`${own} ${name}`),
      hold: (name, signal) => locks.hold(`${own} ${name}`, signal),
      steal: (name) => locks.steal(`${own} ${name}`),
    },
  };
}

const shared = browserDevice();
const device = shared === null ? null : apart(shared);
const env = { ...systemEnv(), clock, fetch: askPage };
const bash = (): Promise<typeof import('just-bash/browser')> => import('just-bash/browser');
/** With a journal, and yet a write resolves when the server has it: that is what the suite is about. */
class RemoteEngine extends Engine {
  override openMount(spec: MountSpec, ports: MountPorts): Promise<number> {
    return super.openMount({ durability: 'remote', ...spec }, ports);
  }
}
serveEngine(new RemoteEngine({ env, core: () => core, bash, ...(device === null ? {} : { device }) }), globalThis as unknown as Endpoint);
postMessage({ ready: true });
