import { createHash, createHmac } from 'node:crypto';
import { EMPTY_TREE_OID, MODE, VIRTUAL_ROOT_CHANGE_ID } from '../../src/base/ids.ts';
import type { Core } from '../../src/core/load.ts';
import type { StoredObject } from '../../src/core/resolve.ts';
import { versionOf } from '../../src/engine/mount/version.ts';
import type { Credential } from '../../src/rpc/types.ts';
import { createKey, createOrg } from '../../src/server/bootstrap.ts';
import type { Handler } from '../../src/server/handler.ts';
import { createHandler } from '../../src/server/handler.ts';
import type { RepoCommit, Storage } from '../../src/server/storage/interface.ts';
import type { KeyRecord } from '../../src/server/storage/records.ts';
import { memoryStorage } from '../../src/server/storage/memory.ts';
import { ApiError } from '../../src/wire/errors.ts';
import { idle } from './clock.ts';
import type { VirtualClock } from './clock.ts';
import type { Destination } from './network.ts';
import type { Random } from './random.ts';
import type { Tally, Trace } from './trace.ts';

/** What a {@link SimServer} is made of. */
export interface ServerParts {
  core: Core;
  clock: VirtualClock;
  random: Random;
  trace: Trace;
  tally: Tally;
  /** Hears of each commit once it stands. */
  committed: (batch: RepoCommit) => void;
}

/** Milliseconds a token is good for. */
export const TOKEN_LIFE = 3_600_000;

/** The real backend over memory that outlives it: it can be stopped, killed at any moment, and started again. */
export class SimServer implements Destination {
  readonly storage: Storage;
  /** Every object that was stored, by id. */
  readonly objects: Map<string, StoredObject> = new Map();
  /** Changes there are, oldest first. */
  readonly changes: string[] = [];
  /** Tokens that are no longer good, before their time. */
  readonly expired: Set<string> = new Set();
  /** Errors nobody expected. */
  readonly logged: unknown[] = [];
  /** Milliseconds a commit to storage takes at most, and the share of commits that fail. */
  storageDelay = 0;
  storageFaults = 0;
  readonly #parts: ServerParts;
  readonly #listeners = new Set<() => void>();
  #handler: Handler | null = null;
  #generation = 0;
  #epoch = 'epoch0';
  /** Events up to here are no longer kept. */
  #compacted = 0;
  #keys: KeyRecord[] = [];
  /** Tokens that were signed, by when they begin and end. */
  readonly #tokens = new Map<string, string>();

  private constructor(parts: ServerParts) {
    this.#parts = parts;
    this.storage = memoryStorage('epoch0');
  }

  static async start(parts: ServerParts): Promise<SimServer> {
    const server = new SimServer(parts);
    const { storage } = server;
    const env = { clock: parts.clock, random: (bytes: Uint8Array) => parts.random.bytes(bytes) };
    const org = await createOrg(storage, env, 'acme');
    const { record } = await createKey(storage, env, org.id, { name: 'writer', scopes: ['write'] });
    server.#keys = [record];
    await storage.createRepo({ id: 'repo_app', orgId: org.id, name: 'app', defaultBookmark: 'main', tags: {}, createdAt: parts.clock.now() });
    await server.up();
    return server;
  }

  onBreak(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async answer(request: Request): Promise<Response> {
    if (this.#handler === null) throw new TypeError('fetch failed: connection refused');
    if (this.expired.has(request.headers.get('authorization')?.slice(7) ?? '')) {
      this.#parts.tally.add('fault: token expired');
      return Response.json({ error: { code: 'TOKEN_EXPIRED', message: 'The access token ran out.' } }, { status: 401 });
    }
    return this.#handler(request);
  }

  get running(): boolean {
    return this.#handler !== null;
  }

  /** Starts the backend anew over what is stored. */
  async up(): Promise<void> {
    if (this.#handler !== null) return;
    const { core, clock, random } = this.#parts;
    const env = { clock, random: (bytes: Uint8Array) => random.bytes(bytes) };
    const log = ({ error }: { error: unknown }): void => void (isPlanned(error) || this.logged.push(error));
    this.#handler = await createHandler({ core, storage: this.#watched(), env, log });
    this.#parts.trace.add('server', 'up');
  }

  /** Stops it: as it should be, or in the middle of whatever it is doing. */
  async down(how: 'stop' | 'kill'): Promise<void> {
    const handler = this.#handler;
    if (handler === null) return;
    this.#handler = null;
    this.#parts.tally.add(`fault: server ${how}`);
    this.#parts.trace.add('server', how);
    if (how === 'kill') {
      this.#generation += 1;
      for (const listener of [...this.#listeners]) listener();
    }
    handler.close().catch(() => undefined);
    await idle();
  }

  /** Forgets events: from the next start on, streams that are behind are told to begin anew. */
  async compact(how: 'log' | 'epoch'): Promise<void> {
    this.#parts.tally.add(`fault: events lost (${how})`);
    if (how === 'epoch') this.#epoch = `epoch${Number(this.#epoch.slice(5)) + 1}`;
    else this.#compacted = (await this.storage.state('repo_app'))?.seq ?? 0;
  }

  /** The root trees of a change, as `stat` of a mount's root names them. */
  async rootOf(change: string): Promise<string> {
    const [found] = await this.storage.changes('repo_app', [change]);
    const trees = change === VIRTUAL_ROOT_CHANGE_ID ? [EMPTY_TREE_OID] : (found?.trees ?? []);
    return versionOf(trees.map((oid) => ({ oid, mode: MODE.tree })));
  }

  /** Lets a token run out now. The next one that is asked for is another. */
  expire(token: string): void {
    this.expired.add(token);
    this.#tokens.clear();
  }

  /** A token of the writers' key that is good for `life` milliseconds. */
  token(life: number): Credential {
    const [key] = this.#keys;
    if (key === undefined) throw new Error('there is no key');
    const iat = Math.floor(this.#parts.clock.now() / 1000);
    const exp = Math.floor((this.#parts.clock.now() + life) / 1000);
    const known = this.#tokens.get(`${iat} ${exp}`);
    if (known !== undefined) return { token: known, expiresAt: exp * 1000 };
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const head = part({ alg: 'HS256', typ: 'mesa-at+jwt', kid: `${key.id}.v1` });
    const jti = createHash('sha256').update(`${iat} ${exp} ${this.#parts.random.next()}`).digest('base64url').slice(0, 12);
    const claims = part({ iss: key.id, aud: 'mesa-api', scopes: ['write'], repos: null, iat, exp, jti });
    const signature = createHmac('sha256', key.hash).update(`${head}.${claims}`).digest('base64url');
    const token = `${head}.${claims}.${signature}`;
    if (!this.expired.has(token)) this.#tokens.set(`${iat} ${exp}`, token);
    return { token, expiresAt: exp * 1000 };
  }

  /** The storage as one start of the backend sees it: slow, failing, and gone for it once it was killed. */
  #watched(): Storage {
    const generation = this.#generation;
    const { storage, objects } = this;
    const { clock, random, tally, committed } = this.#parts;
    const dead = (): boolean => generation !== this.#generation;
    const pause = async (): Promise<void> => {
      if (this.storageDelay > 0) await new Promise<void>((resolve) => void clock.set(resolve, random.fraction() * this.storageDelay));
      if (dead()) throw new ApiError('UNAVAILABLE', PLANNED);
    };
    const own: Partial<Storage> = {
      epoch: async () => this.#epoch,
      close: async () => {},
      events: async (repo, seq, limit) => (seq < this.#compacted ? { events: [], complete: false } : storage.events(repo, seq, limit)),
      putObjects: async (repo, added) => {
        if (dead()) throw new ApiError('UNAVAILABLE', PLANNED);
        for (const object of added) objects.set(object.oid, object);
        return storage.putObjects(repo, added);
      },
      commit: async (batch) => {
        await pause();
        if (random.chance(this.storageFaults)) {
          tally.add('fault: commit failed');
          throw new ApiError('UNAVAILABLE', PLANNED);
        }
        await storage.commit(batch);
        for (const object of batch.objects) objects.set(object.oid, object);
        for (const { id } of batch.changes) if (!this.changes.includes(id)) this.changes.push(id);
        committed(batch);
        await pause();
      },
    };
    const bound = new Map<PropertyKey, unknown>(Object.entries(own));
    return new Proxy(storage, {
      get: (target, name) => {
        const known = bound.get(name);
        if (known !== undefined) return known;
        const value: unknown = Reflect.get(target, name);
        const method: unknown = typeof value === 'function' ? value.bind(target) : value;
        bound.set(name, method);
        return method;
      },
    });
  }
}

const PLANNED = 'The storage failed, as it was told to.';

function isPlanned(error: unknown): boolean {
  return error instanceof Error && error.message === PLANNED;
}
