import { MesaClient } from '../../src/client/mesa.ts';
import type { MesaOptions } from '../../src/client/mesa.ts';
import type { Platform } from '../../src/client/platform.ts';
import type { Clock, Env } from '../../src/base/env.ts';
import { systemEnv } from '../../src/base/env.ts';
import type { Core } from '../../src/core/load.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { EngineDeps } from '../../src/engine/engine.ts';
import type { PollTimes } from '../../src/engine/remote/rest-poll.ts';
import type { EngineContract } from '../../src/rpc/contract.ts';
import { bootstrapOrg } from '../../src/server/bootstrap.ts';
import { createHandler } from '../../src/server/handler.ts';
import type { Handler } from '../../src/server/handler.ts';
import type { HandlerOptions } from '../../src/server/handler-options.ts';
import { memoryStorage } from '../../src/server/storage/memory.ts';
import { undocumented } from './rest-api.ts';

/** A clock that runs by itself and can be set forward; timers run as always. */
export class SettableClock implements Clock {
  readonly #system = systemEnv().clock;
  #ahead = 0;
  /** Hears of every step forward. */
  onAdvance: ((ms: number) => void) | null = null;

  now(): number {
    return this.#system.now() + this.#ahead;
  }

  set(callback: () => void, ms: number): unknown {
    return this.#system.set(callback, ms);
  }

  clear(handle: unknown): void {
    this.#system.clear(handle);
  }

  /** Lets `ms` milliseconds pass at once. */
  advance(ms: number): void {
    this.#ahead += ms;
    this.onAdvance?.(ms);
  }
}

/** How often mounts of a backend without events look for others' writes here, so that tests need not wait. */
const TEST_POLL: PollTimes = { fastest: 20, slowest: 60 };

/** Makes the engine of a client elsewhere, as in a worker; `close` lets go of all it made. */
export interface EngineMaker {
  engine: (backend: InProcess) => EngineContract;
  close: () => void;
}

/** One request that was made. */
export interface Seen {
  method: string;
  /** Path and query below `/v1`. */
  path: string;
}

interface Parts {
  core: Core;
  clock: SettableClock;
  handler: Handler;
  adminKey: string;
  bash: EngineDeps['bash'];
  maker: EngineMaker | null;
  logged: unknown[];
  live: boolean;
}

/** For clients that run no shell. */
export const noBash = (): never => {
  throw new Error('there is no shell here');
};

/** A backend in memory and clients of it, without a network between them. */
export class InProcess {
  /** Milliseconds that a request and its answer may each take, every one another time: some overtake others then. */
  static jitter = 0;
  readonly core: Core;
  readonly clock: SettableClock;
  readonly handler: Handler;
  readonly adminKey: string;
  readonly requests: Seen[] = [];
  /** Errors of the backend that nobody expected. */
  readonly logged: unknown[];
  /** How often mounts look for others' writes where there are no events. */
  poll: PollTimes = TEST_POLL;
  /** Where mounts take from what nobody can guess, such as their names: they come first whose names sort so. */
  random: Env['random'] = systemEnv().random;
  /** Runs WASI programs for the shells of clients, where there is such a thing. */
  wasi: EngineDeps['wasi'];
  /** Whether the backend has live endpoints. */
  readonly live: boolean;
  readonly #bash: EngineDeps['bash'];
  readonly #maker: EngineMaker | null;
  /** Answers a request in the backend's place, or lets it through with `null`. */
  intercept: ((request: Request) => Promise<Response | null> | Response | null) | null = null;

  private constructor(parts: Parts) {
    this.core = parts.core;
    this.clock = parts.clock;
    this.handler = parts.handler;
    this.adminKey = parts.adminKey;
    this.#bash = parts.bash;
    this.#maker = parts.maker;
    this.logged = parts.logged;
    this.live = parts.live;
  }

  /** `server`: what is the backend's alone. */
  static async start(
    core: Core,
    bash: EngineDeps['bash'],
    maker: EngineMaker | null = null,
    live = true,
    server: Partial<Pick<HandlerOptions, 'core' | 'checked'>> = {},
  ): Promise<InProcess> {
    const clock = new SettableClock();
    const env = { ...systemEnv(), clock };
    const storage = memoryStorage('epoch');
    const logged: unknown[] = [];
    const { adminKey } = await bootstrapOrg(storage, env, 'acme');
    const handler = await createHandler({ core, storage, env, live, log: ({ error }) => logged.push(error), ...server });
    return new InProcess({ core, clock, handler, adminKey: adminKey ?? '', bash, maker, logged, live });
  }

  /** What engines and clients take from their surroundings. */
  get env(): Env {
    return { ...systemEnv(), random: (bytes) => this.random(bytes), clock: this.clock, fetch: (request) => this.fetch(request) };
  }

  /** Makes a request of the backend, and notes it. */
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    this.requests.push({ method: request.method, path: `${url.pathname.replace(/^\/v1/, '')}${url.search}` });
    // What mounts of a plain API ask for has to be in the published one.
    const unknown = this.live ? null : await undocumented(request);
    if (unknown !== null) this.logged.push(new Error(unknown));
    if (InProcess.jitter > 0) await travel();
    const answer = await this.intercept?.(request);
    if (answer !== null && answer !== undefined) return answer;
    // As on any network, the answer never comes in the turn of the question.
    await travel();
    const answered = await this.handler(request);
    if (InProcess.jitter > 0) await travel();
    return answered;
  }

  /** A client with an engine of its own, as on another machine. */
  client(options: MesaOptions & Pick<EngineDeps, 'disk' | 'device'> & Pick<Platform, 'memory'> = {}): MesaClient {
    const { disk, device, memory, ...rest } = options;
    const env = rest.fetch === undefined ? this.env : { ...this.env, fetch: rest.fetch };
    const engine =
      disk === undefined && device === undefined && this.#maker !== null
        ? this.#maker.engine(this)
        : new Engine({
            env,
            core: async () => this.core,
            bash: this.#bash,
            poll: this.poll,
            ...(this.wasi === undefined ? {} : { wasi: this.wasi }),
            ...(disk === undefined ? {} : { disk }),
            ...(device === undefined ? {} : { device }),
          });
    const platform = {
      variables: {},
      userAgentHeader: 'X-Mesa-User-Agent' as const,
      fetch: (request: Request) => env.fetch(request),
      clock: env.clock,
      engine: () => engine,
      bash: this.#bash,
      ...(memory === undefined ? {} : { memory }),
    };
    const credential = rest.accessToken === undefined ? { apiKey: this.adminKey } : {};
    return new MesaClient({ org: 'acme', apiUrl: 'http://backend.test/v1', ...credential, ...rest }, platform);
  }

  /** Whether a request writes content, as a mount does. */
  isWrite({ method, url }: Request): boolean {
    return this.live ? url.endsWith('/-/ops') : method === 'PATCH' && /\/changes\/[k-z]{32}$/.test(url);
  }

  /** The requests made since the last call of this, as `METHOD path`, of those that match. */
  takeRequests(pattern: RegExp = /./): string[] {
    const taken = this.requests.map(({ method, path }) => `${method} ${path}`).filter((line) => pattern.test(line));
    this.requests.length = 0;
    return taken;
  }

  async close(): Promise<void> {
    await this.handler.close();
    this.#maker?.close();
  }
}

/** A way over the network: mostly short, now and then long. */
function travel(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, InProcess.jitter * Math.random() ** 4));
}
