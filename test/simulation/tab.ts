import type { Clock } from '../../src/base/env.ts';
import { FsError } from '../../src/base/errors.ts';
import type { ObjectPool } from '../../src/core/generated/mesa_core.js';
import type { Core } from '../../src/core/load.ts';
import type { StoredObject } from '../../src/core/resolve.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { Device } from '../../src/engine/journal/device.ts';
import type { FsArgs, FsMethod, FsResult, MountPorts } from '../../src/rpc/contract.ts';
import type { MountSpec, SyncStatus } from '../../src/rpc/types.ts';
import type { Entry, VirtualClock } from './clock.ts';
import type { Access } from './device.ts';
import type { Link } from './network.ts';
import type { Random } from './random.ts';

/** What a {@link Tab} is made of. */
export interface TabParts {
  core: Core;
  clock: VirtualClock;
  random: Random;
  link: Link;
  access: Access | null;
  /** Takes in the objects that its engine makes for itself. */
  made: Map<string, StoredObject>;
}

/** One engine with one mount, as in a browser's tab: it ends by being closed, or at any moment. */
export class Tab {
  readonly #engine: Engine;
  readonly #access: Access | null;
  readonly #link: Link;
  /** Calls that have not settled. */
  busy = 0;
  #alive = true;
  #mount: number | null = null;
  /** Until when nothing reaches it: pages in the background are frozen. */
  #frozen: Promise<void> | null = null;

  constructor(parts: TabParts) {
    const { core, clock, random, link, access, made } = parts;
    this.#access = access;
    this.#link = link;
    const gate = (): Promise<void> | null => this.#frozen;
    link.gate = gate;
    const fetch = async (request: Request): Promise<Response> => {
      if (!this.#alive) await new Promise<never>(() => {});
      const answer = link.fetch(request);
      await answer.catch(() => undefined);
      await this.#frozen;
      return answer;
    };
    this.#engine = new Engine({
      env: { clock: this.#clock(clock), random: (bytes) => random.bytes(bytes), fetch },
      core: async () => listening(core, made),
      bash: () => Promise.reject(new Error('there is no shell here')),
      ...(access === null ? {} : { device: frozenWith(access.device, gate), disk: access.disk }),
    });
  }

  /** It was neither closed nor killed. */
  get isAlive(): boolean {
    return this.#alive;
  }

  get isOpen(): boolean {
    return this.#alive && this.#mount !== null;
  }

  /** Stops it for a while: neither time nor what arrives reaches it. */
  freeze(clock: VirtualClock, ms: number): void {
    if (this.#frozen !== null) return;
    this.#frozen = new Promise((resolve) => {
      clock.set(() => {
        this.#frozen = null;
        resolve();
      }, ms);
    });
  }

  get isFrozen(): boolean {
    return this.#frozen !== null;
  }

  async open(spec: MountSpec, ports: MountPorts): Promise<SyncStatus> {
    const mine =
      <A extends unknown[]>(port: (...args: A) => void | Promise<void>) =>
      (...args: A) =>
        this.#alive ? port(...args) : undefined;
    const { credential, events, status, log } = ports;
    const mount = await this.#engine.openMount(spec, { credential, events: mine(events), status: mine(status), log: mine(log) });
    this.#mount = mount;
    return this.#engine.status(mount);
  }

  /** Closes the mount; answers what is pending. */
  async close(): Promise<number> {
    const mount = this.#mount;
    this.#mount = null;
    const closed = mount === null ? { pending: 0 } : await this.#engine.closeMount(mount);
    this.#alive = false;
    return closed.pending;
  }

  /** Ends it as it is; `landed`: what was being written to storage is there. */
  kill(landed: boolean): void {
    this.#alive = false;
    this.#mount = null;
    this.#access?.crash(landed);
    this.#link.drop();
  }

  network(online: boolean): void {
    this.#engine.network(online);
  }

  async call<M extends FsMethod>(method: M, args: FsArgs<M>): Promise<FsResult<M>> {
    if (this.#mount === null) throw new FsError('ECANCELED', method, '/');
    return this.#engine.call(this.#mount, method, args);
  }

  /** Time as it passes for the tab: no longer, once it is gone. */
  #clock(clock: VirtualClock): Clock {
    const set = (callback: () => void, ms: number): Entry => {
      const timer = clock.set(() => void due(timer, callback), ms);
      return timer;
    };
    const due = async (timer: Entry, task: () => void): Promise<void> => {
      if (this.#frozen !== null) {
        // It may be cleared while it is held back.
        timer.callback = task;
        await this.#frozen;
        if (timer.callback === null) return;
      }
      if (this.#alive) task();
    };
    return { now: () => clock.now(), set, clear: (handle) => clock.clear(handle) };
  }
}

/** The core, with an ear to the objects that are made. */
function listening(core: Core, made: Map<string, StoredObject>): Core {
  const pool = (): ObjectPool => {
    const own = core.pool();
    const take = own.takeCreated.bind(own);
    const heard = (): ReturnType<typeof take> => {
      const created = take();
      for (const object of created) made.set(object.oid, object as StoredObject);
      return created;
    };
    Object.defineProperty(own, 'takeCreated', { value: heard });
    return own;
  };
  return { ...core, pool };
}

/** The device as an engine that can be frozen sees it: what it hears and is answered waits. */
function frozenWith(device: Device, gate: () => Promise<void> | null): Device {
  const late = async <T>(answer: Promise<T>): Promise<T> => {
    await answer.catch(() => undefined);
    await gate();
    return answer;
  };
  return {
    persist: () => late(device.persist()),
    logs: (name) => late(device.logs(name)),
    locks: {
      tryHold: (name) => late(device.locks.tryHold(name)),
      hold: (name, signal) => late(device.locks.hold(name, signal)),
      steal: (name) => late(device.locks.steal(name)),
    },
    channel: (name) => {
      const channel = device.channel(name);
      const listen = (listener: (message: unknown) => void): (() => void) => {
        const hear = async (message: unknown): Promise<void> => {
          await gate();
          listener(message);
        };
        return channel.listen((message) => (gate() === null ? listener(message) : void hear(message)));
      };
      return { post: (message) => channel.post(message), listen, close: () => channel.close() };
    },
  };
}
