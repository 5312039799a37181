import type { MesaClient } from '../../src/client/mesa.ts';
import type { MesaFileSystem } from '../../src/client/file-system.ts';
import type { FsMountOptions } from '../../src/client/mount-options.ts';
import type { ObjectCache, OpenDiskCache } from '../../src/engine/cache/interface.ts';
import type { MemoryDevice, MemoryDeviceOptions } from '../../src/engine/journal/memory.ts';
import { memoryDevice } from '../../src/engine/journal/memory.ts';
import { ok, until } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';

/** One tab of the device: its mount, and the end of its engine as a crash would have it. */
export interface Tab {
  fs: MesaFileSystem;
  mesa: MesaClient;
  crash: () => void;
  /** It notes nothing on the device any more of where things stand. */
  stopNoting: () => void;
}

/** A device in front of a backend, with a network that can be switched off. */
export class Laptop {
  readonly backend: InProcess;
  readonly #device: MemoryDevice;
  readonly #cache: OpenDiskCache;
  readonly #tabs = new Set<MesaFileSystem>();
  /** Requests fail before they arrive. */
  offline = false;
  /** Requests are never answered, and do not fail. */
  silent = false;
  /** Answers are lost: what was asked for is done. */
  deaf = false;
  /** What the answers to writes wait for. */
  answer: () => Promise<void> = async () => undefined;
  /** Milliseconds that events take, answers being faster. */
  eventsTake = 0;
  /** The cache writes nothing any more. */
  stuck = false;
  apiKey: string;

  constructor(backend: InProcess, cache: OpenDiskCache, options: MemoryDeviceOptions = {}) {
    this.backend = backend;
    this.#cache = cache;
    this.#device = memoryDevice({ durable: true, ...options });
    this.apiKey = backend.adminKey;
  }

  /** Opens a tab. */
  async tab(options: Partial<FsMountOptions> = {}): Promise<Tab> {
    const device = this.#device.engine();
    let dead = false;
    let notes = true;
    const fetch = async (request: Request): Promise<Response> => {
      if (this.offline || dead) throw new TypeError('fetch failed');
      if (this.silent) return new Promise(() => undefined);
      const isWrite = this.backend.isWrite(request);
      const response = await this.backend.fetch(request);
      if (isWrite) await this.answer();
      if (this.deaf || dead) throw new TypeError('the connection was lost');
      return cutOff(response, {
        gone: () => this.offline || dead,
        eventsTake: () => this.eventsTake,
      });
    };
    const mesa = this.backend.client({
      apiKey: this.apiKey,
      device,
      disk: { open: (name, maxBytes) => this.#sticky(this.#cache(name, maxBytes), () => notes), byDefault: true },
      fetch,
    });
    const fs = await mesa.fs.mount({ repos: [{ name: 'app', bookmark: 'main' }], ...options });
    this.#tabs.add(fs);
    const crash = (): void => {
      dead = true;
      device.crash();
      this.#tabs.delete(fs);
    };
    return { fs, mesa, crash, stopNoting: () => void (notes = false) };
  }

  #sticky(cache: ObjectCache, notes: () => boolean): ObjectCache {
    return {
      get: (oids) => cache.get(oids),
      put: (objects) => (this.stuck ? undefined : cache.put(objects)),
      retain: (name, oids) => cache.retain(name, oids),
      lacking: (oids) => cache.lacking(oids),
      retained: () => cache.retained(),
      recover: (load) => cache.recover(load),
      note: (key, over) => (this.stuck || !notes() ? undefined : cache.note(key, over)),
      noted: (key) => cache.noted(key),
      flush: () => (this.stuck ? new Promise(() => undefined) : cache.flush()),
      shrink: (recent) => cache.shrink(recent),
      clear: () => cache.clear(),
      close: () => cache.close(),
    };
  }

  /** What is stored is cleared away, but for the cache. */
  clear(): void {
    this.#device.destroy();
  }

  /** Puts the network back, and waits until all that waited is sent. */
  async online(fs: MesaFileSystem): Promise<void> {
    this.offline = false;
    await until(() => fs.sync.status.pending === 0, 'all is sent');
  }

  async close(): Promise<void> {
    this.offline = true;
    await Promise.all([...this.#tabs].map((fs) => fs.close()));
    await this.backend.close();
  }
}

/** Runs a test of a name on a device, beside a peer elsewhere; both follow the bookmark main. */
export type RunOnLaptop = (name: string, body: (laptop: Laptop, peer: MesaFileSystem) => Promise<void>, options?: MemoryDeviceOptions) => void;

/** Names tests that run on a device of their own, in front of a backend with a repo of two files. `cache` makes caches that outlive engines. */
export function onLaptop(test: TestFunction, start: () => Promise<InProcess>, cache: () => OpenDiskCache): RunOnLaptop {
  return (name, body, options = {}) =>
    test(`offline: ${name}`, async () => {
      const backend = await start();
      await backend.client().repos.create({ name: 'app' });
      const peer = await backend.client().fs.mount({ repos: [{ name: 'app', bookmark: 'main' }] });
      await peer.mkdir('/acme/app/src');
      await peer.writeFile('/acme/app/src/a.txt', 'one\ntwo\nthree\n');
      await peer.writeFile('/acme/app/README.md', '# app\n');
      const laptop = new Laptop(backend, cache(), options);
      try {
        await body(laptop, peer);
      } finally {
        await peer.close();
        await laptop.close();
      }
    });
}

/** A response whose body ends with an error once the network is gone, and is that much late. */
function cutOff(response: Response, { gone, eventsTake }: { gone: () => boolean; eventsTake: () => number }): Response {
  if (response.body === null || !response.headers.get('Content-Type')?.includes('event-stream')) return response;
  const reader = response.body.getReader();
  const timers: ReturnType<typeof setInterval>[] = [];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      timers.push(
        setInterval(() => {
          if (!gone()) return;
          clearInterval(timers[0]);
          controller.error(new TypeError('network lost'));
          void reader.cancel().catch(() => undefined);
        }, 5),
      );
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (eventsTake() > 0) await new Promise((resolve) => setTimeout(resolve, eventsTake()));
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => {
      clearInterval(timers[0]);
      return reader.cancel();
    },
  });
  return new Response(body, { status: response.status, headers: response.headers });
}

/** Lets a head that has come to rest be noted. */
export async function rest(times = 1): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 400 * times));
}

/** The id of the change that a mount looks at. */
export async function current(fs: MesaFileSystem): Promise<string> {
  const { changeId } = await fs.change.current({ repo: 'app' });
  ok(changeId !== '');
  return changeId;
}

/** From here on nothing that is written may be. */
export function refuseWrites({ backend }: Laptop): void {
  const refusal = { error: { code: 'FORBIDDEN', message: 'You may not.' } };
  // A plain REST API makes changes by a request of their own.
  const isRefused = (request: Request): boolean =>
    backend.isWrite(request) || (request.method === 'POST' && new URL(request.url).pathname.endsWith('/changes'));
  backend.intercept = (request): Response | null => (isRefused(request) ? Response.json(refusal, { status: 403 }) : null);
}
