import type { Env } from '../base/env.ts';
import { FsError } from '../base/errors.ts';
import type { Core } from '../core/load.ts';
import type { EngineContract, FsArgs, FsMethod, FsResult, MountPorts } from '../rpc/contract.ts';
import { InvalidOptionsError } from '../rpc/mesa-error.ts';
import type { MountSpec, RepoName, RepoSpec, SyncStatus } from '../rpc/types.ts';
import type { ObjectCache, OpenDiskCache } from './cache/interface.ts';
import { MemoryCache } from './cache/memory.ts';
import { toFsError } from './mount/api-to-fs.ts';
import type { CheckoutOptions } from './mount/checkout.ts';
import { Mount } from './mount/mount.ts';
import { tell } from './mount/tell.ts';
import type { Device } from './journal/device.ts';
import { Journals } from './journal/journals.ts';
import { Http } from './remote/http.ts';
import type { Remote } from './remote/interface.ts';
import { LiveRemote } from './remote/live.ts';
import { DetectingRemote } from './remote/rest-detect.ts';
import type { PollTimes } from './remote/rest-poll.ts';
import { shareEvents } from './sync/shared-events.ts';
import { Shells } from './shell/shells.ts';
import type { LoadBash, LoadWasi } from './shell/shells.ts';
import { LIMITS } from '../wire/limits.ts';

/** Repos of one mount: the stream of events that it has holds two rooms for each, a change's and a bookmark's. */
const MAX_REPOS = LIMITS.maxRooms / 2;

/** What an engine takes from its surroundings. */
export interface EngineDeps {
  env: Env;
  core: () => Promise<Core>;
  /** The shell's interpreter, loaded when the first shell is opened. */
  bash: LoadBash;
  /** Runs WASI programs for the shell, where there are threads for them. */
  wasi?: LoadWasi;
  /**
   * A cache that outlives the page, where there is one; `byDefault` when a mount need not ask for it. `names` lists all that there are, others' too, where
   * that can be told.
   */
  disk?: { open: OpenDiskCache; names?: () => Promise<string[]>; byDefault: boolean };
  /** What engines of this device share, where there is such a thing: what is not sent is kept there. */
  device?: Device;
  /** How often others' writes are looked for where the backend has no events. */
  poll?: PollTimes;
}

/** Bytes of objects a mount keeps in memory, and on disk, unless it says otherwise. */
const MEMORY_BYTES = 64 * 1024 * 1024;
/** Repos whose objects stay in memory after their mounts are closed. */
const MEMORY_CACHES = 8;
const DISK_BYTES = 512 * 1024 * 1024;

/** The name of the cache of mounts that give it none. */
const CACHE = 'mesafs';

interface Opened {
  mount: Mount;
  shells: Shells;
  /** Ends the calls that can be cancelled. */
  calls: Map<number, AbortController>;
}

/** Runs mounts: in a worker beside the page, or in the process of the one who mounted. */
export class Engine implements EngineContract {
  readonly #deps: EngineDeps;
  readonly #mounts = new Map<number, Opened>();
  /** Objects in memory, by cache name: a second mount of a repo finds what the first has read. */
  readonly #memory = new Map<string, MemoryCache>();
  /** Addresses of APIs without live endpoints. */
  readonly #plain = new Set<string>();
  #next = 1;
  #online = true;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  async openMount(spec: MountSpec, ports: MountPorts): Promise<number> {
    const { env, bash, wasi } = this.#deps;
    if (spec.repos.length > MAX_REPOS) throw new InvalidOptionsError(`repos are ${MAX_REPOS} at most, not ${spec.repos.length}; mount the others on their own`);
    const core = await this.#deps.core();
    const http = new Http({ env, apiUrl: spec.apiUrl, credential: (reason) => ports.credential(reason), userAgent: spec.userAgent });
    const remote = this.#remote(core, http, spec);
    const stores = async (repo: RepoSpec): Promise<Pick<CheckoutOptions, 'caches' | 'journals' | 'mayNote'>> => {
      const name = storeName(core, { ...spec, repo: repo.name });
      const caches = this.#caches(spec, name);
      if (!repo.readOnly) return { caches, journals: await this.#journals(name, ports) };
      // It asks about nobody's operations, and what it notes would hold what others' journals have, untold.
      return { caches, journals: null, mayNote: async () => !(await this.#hasJournals(name)) };
    };
    const events = this.#events(core, remote, spec);
    const mount = await Mount.open({ env, core, remote, spec, ports, stores, events });
    const id = this.#next;
    this.#next += 1;
    if (!this.#online) mount.network(false);
    this.#mounts.set(id, { mount, shells: new Shells(mount, env, bash, wasi), calls: new Map() });
    return id;
  }

  async closeMount(id: number): Promise<{ pending: number }> {
    const opened = this.#mounts.get(id);
    if (opened === undefined) return { pending: 0 };
    // Command lines under way end first.
    await opened.shells.end();
    const closed = await opened.mount.close();
    this.#mounts.delete(id);
    return closed;
  }

  async call<M extends FsMethod>(id: number, method: M, args: FsArgs<M>, callId?: number): Promise<FsResult<M>> {
    const opened = this.#mounts.get(id);
    if (opened === undefined) throw new FsError('ECANCELED', method, '/', { hint: 'the mount is closed' });
    if (callId === undefined) return own(await this.#answer(opened, method, args, undefined)) as FsResult<M>;
    const controller = new AbortController();
    opened.calls.set(callId, controller);
    try {
      return own(await cancellable(this.#answer(opened, method, args, controller.signal), method, controller.signal)) as FsResult<M>;
    } finally {
      opened.calls.delete(callId);
    }
  }

  async cancel(id: number, callId: number): Promise<void> {
    this.#mounts.get(id)?.calls.get(callId)?.abort();
  }

  async status(id: number): Promise<SyncStatus> {
    const opened = this.#mounts.get(id);
    if (opened !== undefined) return opened.mount.status;
    return { state: 'closed', online: false, pending: 0, pendingBytes: 0, lastAcceptedSeq: 0, storage: 'memory' };
  }

  async forget(repo: RepoName): Promise<void> {
    const { device, disk } = this.#deps;
    const name = storeName(await this.#deps.core(), repo);
    const journals = device === undefined ? null : await Journals.open(device, name);
    try {
      await journals?.clear(repo.repo);
    } finally {
      await journals?.close();
    }
    this.#memory.delete(name);
    if (disk === undefined) return;
    // Mounts may have given their caches other names.
    const named = ((await disk.names?.()) ?? []).filter((each) => each.endsWith(diskName({ name: '' }, name)));
    for (const each of new Set([diskName({ name: CACHE }, name), ...named])) {
      const cache = disk.open(each, DISK_BYTES);
      await cache.clear();
      await cache.close();
    }
  }

  async resume(): Promise<void> {
    for (const { mount } of this.#mounts.values()) mount.resume();
  }

  /** The platform says that the network is there or gone. */
  network(online: boolean): void {
    this.#online = online;
    for (const { mount } of this.#mounts.values()) mount.network(online);
  }

  async #answer(opened: Opened, method: FsMethod, args: unknown[], signal: AbortSignal | undefined): Promise<unknown> {
    const { mount, shells } = opened;
    try {
      if (method === 'shellOpen') return await shells.open(...(args as FsArgs<'shellOpen'>));
      if (method === 'shellExec') return await shells.exec(...(args as FsArgs<'shellExec'>), signal);
      if (method === 'shellClose') return shells.close(...(args as FsArgs<'shellClose'>));
      return await mount.call(method, args as FsArgs<typeof method>);
    } catch (error) {
      throw toFsError(method, args, error);
    }
  }

  #remote(core: Core, http: Http, { apiUrl, org }: MountSpec): DetectingRemote {
    const { env, poll } = this.#deps;
    // Only who meets a plain API loads what speaks it.
    const rest = async (): Promise<Remote> => {
      const { RestRemote } = await import('./remote/rest.ts');
      return new RestRemote({ env, core, http, org, ...(poll === undefined ? {} : { poll }) });
    };
    return new DetectingRemote({ http, org, apiUrl, live: new LiveRemote(http, org, env.clock), rest, plain: this.#plain });
  }

  /**
   * The stream of events: one for all engines of the device that have the same repos mounted. A plain REST API is asked by each for itself, since what one
   * has read there another can't.
   */
  #events(core: Core, remote: DetectingRemote, spec: MountSpec): Remote['events'] {
    const upstream: Remote['events'] = (rooms, cursors, signal, alive) => remote.events(rooms, cursors, signal, alive);
    const { device, env } = this.#deps;
    if (device === undefined) return upstream;
    const repos = [...new Set(spec.repos.map((repo) => repo.name))].toSorted().join(' ');
    const shared = shareEvents({ env, device, name: storeName(core, { ...spec, repo: repos }), upstream });
    return async function* events(rooms, cursors, signal, alive) {
      const kind = rooms[0] === undefined ? 'live' : await remote.speaks(rooms[0].repo, signal);
      yield* (kind === 'rest' ? upstream : shared)(rooms, cursors, signal, alive);
    };
  }

  /** The journals of a repo on this device, where it keeps any. */
  async #journals(name: string, ports: MountPorts): Promise<Journals | null> {
    const { device, env } = this.#deps;
    if (device === undefined) return null;
    try {
      return await Journals.open(device, name);
    } catch (error) {
      const fields = { error: error instanceof Error ? error.message : String(error) };
      const message = 'This device keeps nothing: what is not sent is lost with the page';
      tell(() => ports.log({ level: 'warn', target: 'mesafs::journal', message, timestamp: env.clock.now(), fields }));
      return null;
    }
  }

  /** Whether this device keeps operations of a repo. */
  async #hasJournals(name: string): Promise<boolean> {
    const { device } = this.#deps;
    if (device === undefined) return false;
    const journals = await Journals.open(device, name).catch(() => null);
    try {
      return ((await journals?.others('')) ?? []).length > 0;
    } catch {
      return true;
    } finally {
      await journals?.close();
    }
  }

  /** The caches of a repo's objects. */
  #caches(spec: MountSpec, name: string): CheckoutOptions['caches'] {
    const memory = this.#memory.get(name) ?? new MemoryCache(spec.cache.memoryBytes ?? MEMORY_BYTES);
    this.#memory.delete(name);
    this.#memory.set(name, memory);
    const [oldest] = this.#memory.keys();
    if (this.#memory.size > MEMORY_CACHES && oldest !== undefined) this.#memory.delete(oldest);
    return { memory, disk: this.#disk(spec, name) };
  }

  #disk(spec: MountSpec, name: string): ObjectCache | null {
    const { disk } = this.#deps;
    const wanted = spec.cache.disk ?? (disk?.byDefault === true ? { name: CACHE, maxBytes: DISK_BYTES } : false);
    return disk === undefined || wanted === false ? null : disk.open(diskName(wanted, name), wanted.maxBytes);
  }
}

/** Names what is kept of a repo by where it is and who reads it, so that another login never finds it. */
function storeName(core: Core, { apiUrl, principal, org, repo }: RepoName): string {
  const key = JSON.stringify([apiUrl, principal, org, repo]);
  return core.hashObject('blob', new TextEncoder().encode(key));
}

function diskName({ name }: { name: string }, repo: string): string {
  return `${name}-${repo}`;
}

/** Copies the bytes of an answer, which may be the cache's, so that the caller may change them or hand them over. */
function own<T>(result: T): T {
  if (result instanceof Uint8Array) return result.slice() as T;
  if (typeof result !== 'object' || result === null || !('bytes' in result) || !(result.bytes instanceof Uint8Array)) return result;
  return { ...result, bytes: result.bytes.slice() };
}

/** Rejects as soon as the signal fires; what the call goes on to answer is then dropped. */
function cancellable<T>(answer: Promise<T>, method: string, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new FsError('ECANCELED', method, '/')), { once: true });
    answer.then(resolve, reject);
  });
}
