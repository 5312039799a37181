import { systemClock } from '../../src/base/env.ts';
import { openIdbCache } from '../../src/engine/cache/idb.ts';
import type { OpenDiskCache } from '../../src/engine/cache/interface.ts';
import type { Device } from '../../src/engine/journal/device.ts';
import { memoryDevice } from '../../src/engine/journal/memory.ts';
import { concatBytes } from '../../src/wire/bytes.ts';
import { encodeFrames, FRAMES_TYPE, readFrames } from '../../src/wire/frames.ts';
import type { Frame } from '../../src/wire/frames.ts';
import { equal, ok, until } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';
import { inWorld } from './world.ts';
import type { World } from './world.ts';

const [RIGHT, WRONG] = ['what was written', 'what was writteN'];

/** What comes from outside is held against its id: one byte is altered on each way that objects come to a client. */
export function boundariesSuite(test: TestFunction, starting: (live: boolean) => () => Promise<InProcess>, idb: () => IDBFactory): void {
  const run = inWorld((name, body) => test(`altered ${name}`, body), starting(true));
  const plain = inWorld((name, body) => test(`altered ${name}`, body), starting(false));

  run('by the server or on the way: it is asked for again, and never shown', async (world) => {
    const { backend, fs } = world;
    await fs.writeFile(world.at('f'), RIGHT);
    let times = 1;
    backend.intercept = (request) => (/\/-\/(open|objects\/batch)$/.test(request.url) ? alteredFrames(backend, request, () => (times -= 1) >= 0) : null);
    equal(await (await world.peer()).readFile(world.at('f')), RIGHT);
    ok(times < 0, 'nothing was altered');
    times = Infinity;
    const shown = await (await world.peer()).readFile(world.at('f')).catch((error: unknown) => error);
    ok(shown instanceof Error, `it was read as ${String(shown)}`);
  });

  run('trees by the server or on the way: no other file is shown', async (world) => {
    const { backend, fs } = world;
    await fs.mkdir(world.at('d'));
    await fs.writeFile(world.at('d/f'), RIGHT);
    const peer = await world.peer();
    backend.intercept = (request) => (/\/-\/(open|objects\/batch|trees)/.test(request.url) ? alteredFrames(backend, request, () => true, 'tree') : null);
    const listed = await peer.readdir(world.at('d')).catch((error: unknown) => error);
    ok(listed instanceof Error, `it was listed as ${String(listed)}`);
    backend.intercept = null;
    equal(await peer.readdir(world.at('d')), ['f']);
  });

  plain('by a plain REST API or on the way: it is never shown', async (world) => {
    const { backend, fs } = world;
    await fs.writeFile(world.at('f'), RIGHT);
    const peer = await world.peer();
    let altered = 0;
    backend.intercept = async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (!pathname.endsWith('/content') || searchParams.get('path') !== 'f') return null;
      const response = await backend.handler(request);
      const text = await response.text();
      altered += 1;
      return new Response(text.replace(RIGHT, WRONG).replace(btoa(RIGHT), btoa(WRONG)), response);
    };
    const shown = await peer.readFile(world.at('f')).catch((error: unknown) => error);
    ok(shown instanceof Error && altered > 0, `it was read as ${String(shown)}`);
  });

  run('in IndexedDB: it counts as not there, is fetched again and takes the place of the bad one', async (world) => {
    const { backend } = world;
    const factory = idb();
    const names = new Set<string>();
    const cache = openIdbCache(factory, systemClock());
    const open: OpenDiskCache = (name, maxBytes) => {
      names.add(name);
      return cache(name, maxBytes);
    };
    const large = 'x'.repeat(100_000);
    await world.fs.writeFile(world.at('f'), RIGHT);
    await world.fs.writeFile(world.at('large'), large);
    const visit = async (): Promise<{ texts: string[]; fetched: number }> => {
      const mesa = backend.client({ disk: { open, byDefault: true } });
      const fs = await mesa.fs.mount({ repos: [{ name: 'app', bookmark: 'main' }] });
      backend.takeRequests();
      const texts = [await fs.readFile(world.at('f')), await fs.readFile(world.at('large'))];
      const fetched = backend.takeRequests(/-\/(open|objects)/).length;
      await fs.close();
      return { texts, fetched };
    };
    await visit();
    equal(await visit(), { texts: [RIGHT, large], fetched: 0 }, 'all is kept');
    for (const name of names) await alterStored(factory, name);
    const { texts, fetched } = await visit();
    equal(texts, [RIGHT, large]);
    ok(fetched > 0, 'nothing was fetched');
    equal(await visit(), { texts: [RIGHT, large], fetched: 0 }, 'the right ones are kept now');
  });

  run('by another tab: it is not shown, and what follows is', async (world) => {
    const shared = memoryDevice({ durable: true, schedule: (callback) => queueMicrotask(callback) });
    let alter: (record: Uint8Array) => Uint8Array = (record) => record;
    // What the second tab hears was altered on its way.
    const hearing = (device: Device): Device =>
      Object.assign(Object.create(device) as Device, {
        locks: device.locks,
        logs: (name: string) => device.logs(name),
        persist: () => device.persist(),
        channel(name: string) {
          const channel = device.channel(name);
          const listen = (listener: (message: unknown) => void): (() => void) =>
            channel.listen((message) => {
              const { record, ...rest } = message as { record?: Uint8Array };
              listener(record === undefined ? rest : { ...rest, record: alter(record) });
            });
          return { post: (message: unknown) => channel.post(message), listen, close: () => channel.close() };
        },
      });
    let offline = false;
    const fetch = async (request: Request): Promise<Response> => {
      if (offline) throw new TypeError('fetch failed');
      return world.backend.fetch(request);
    };
    const mount = (device: Device): Promise<World['fs']> => world.backend.client({ device, fetch }).fs.mount({ repos: [{ name: 'app', bookmark: 'main' }] });
    const [one, other] = [await mount(shared.engine()), await mount(hearing(shared.engine()))];
    await one.writeFile(world.at('before'), 'before');
    await world.seen(other, world.at('before'), 'before');
    offline = true;
    alter = (record) => {
      const at = new TextDecoder('ascii').decode(record).indexOf(RIGHT);
      return at < 0 ? record : record.with(at + RIGHT.length - 1, 0x4e);
    };
    await one.writeFile(world.at('f'), RIGHT);
    await until(() => other.exists(world.at('f')), 'the other tab heard of it');
    const shown = await other.readFile(world.at('f')).catch((error: unknown) => error);
    ok(shown instanceof Error, `it was read as ${String(shown)}`);
    // Nor does what can't be read at all end anything.
    alter = (record) => concatBytes([record.subarray(0, 10), record.subarray(12)]);
    await one.writeFile(world.at('g'), 'never heard of');
    alter = (record) => record;
    await one.writeFile(world.at('h'), 'heard');
    await until(() => other.exists(world.at('h')), 'what follows is heard');
    equal([await other.readFile(world.at('h')), await other.exists(world.at('g'))], ['heard', false]);
    offline = false;
    await until(() => one.sync.status.pending === 0, 'all is sent');
    await until(async () => (await other.readFile(world.at('f')).catch(() => '')) === RIGHT, 'the server has the right one');
    await Promise.all([one.close(), other.close()]);
  });
}

/** The backend's answer with the last byte altered of each object of a kind, while `more` says so. */
async function alteredFrames(backend: InProcess, request: Request, more: () => boolean, kind = 'blob'): Promise<Response> {
  const response = await backend.handler(request);
  if (!response.ok || response.body === null) return response;
  const frames: Frame[] = [];
  for await (const frame of readFrames(response.body)) {
    const alters = frame.type === 'object' && frame.kind === kind && frame.bytes.length > 0 && more();
    frames.push(alters ? { ...frame, bytes: flipped(frame.bytes) } : frame);
  }
  return new Response(encodeFrames(frames) as Uint8Array<ArrayBuffer>, { headers: { 'Content-Type': FRAMES_TYPE } });
}

const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));

/** Alters a byte of each object that is stored. */
async function alterStored(factory: IDBFactory, name: string): Promise<void> {
  const done = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB failed')));
    });
  const database = await done(factory.open(name));
  const store = (): IDBObjectStore => database.transaction('objects', 'readwrite').objectStore('objects');
  for (const key of await done(store().getAllKeys())) {
    const row = (await done(store().get(key))) as { bytes: Uint8Array };
    await done(store().put({ ...row, bytes: flipped(row.bytes) }, key));
  }
  database.close();
}
