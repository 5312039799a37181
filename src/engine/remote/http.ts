import type { Env } from '../../base/env.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { MountPorts } from '../../rpc/contract.ts';
import type { Credential, MountSpec } from '../../rpc/types.ts';
import { reach } from '../../rpc/reach.ts';
import { unlessAborted } from './time-limit.ts';

/** Milliseconds before its end at which a token is replaced. */
const REFRESH_BEFORE = 60_000;
/** Milliseconds the page is given for a token; it is asked again after that. */
const ASK_LIMIT = 120_000;

/** What an {@link Http} is made of. */
export interface HttpOptions {
  env: Env;
  apiUrl: string;
  credential: MountPorts['credential'];
  userAgent: MountSpec['userAgent'];
}

/** Requests to the API: the address, the token (asked for once, renewed before its end and when it is refused), and errors as `MesaApiError`. */
export class Http {
  readonly #options: HttpOptions;
  #asking: Promise<Credential> | null = null;
  #latest: Credential | null = null;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /** Sends a request; `path` begins with `/`. A refused token is renewed once and the request sent again. @throws MesaApiError */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const signal = init.signal ?? null;
    const used = await unlessAborted(this.#usable(), signal);
    const response = await this.#send(path, init, used.token);
    if (response.ok) return response;
    const error = await readError(response);
    if (response.status !== 401) throw error;
    const fresh = await unlessAborted(this.#renewed(used), signal);
    if (fresh === null || fresh.token === used.token) throw error;
    const second = await this.#send(path, init, fresh.token);
    if (second.ok) return second;
    throw await readError(second);
  }

  /** Sends a request and reads its JSON. */
  async json(path: string, init: RequestInit = {}): Promise<unknown> {
    const response = await this.request(path, withHeader(init, 'Accept', 'application/json'));
    return (await response.json()) as unknown;
  }

  /** Sends `body` as JSON. */
  post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
    return this.request(path, withHeader({ ...init, method: 'POST', body: JSON.stringify(body) }, 'Content-Type', 'application/json'));
  }

  /** The token in use; another when it is about to end and one is to be had. */
  async #usable(): Promise<Credential> {
    const credential = this.#latest ?? (await this.#ask('first'));
    const ends = credential.expiresAt;
    if (ends === undefined || ends - this.#options.env.clock.now() > REFRESH_BEFORE) return credential;
    return (await this.#renewed(credential)) ?? credential;
  }

  /** A credential other than `stale`, or `null` when none is to be had. */
  async #renewed(stale: Credential): Promise<Credential | null> {
    if (this.#latest !== null && this.#latest !== stale) return this.#latest;
    return this.#ask('refresh').catch(() => null);
  }

  /** Asks the page; requests that need a token at the same time ask once. */
  #ask(reason: 'first' | 'refresh'): Promise<Credential> {
    if (this.#asking !== null) return this.#asking;
    const { clock } = this.#options.env;
    const { promise, resolve, reject } = Promise.withResolvers<Credential>();
    const timer = clock.set(() => reject(new Error(`The page gave no token in ${ASK_LIMIT / 1000} s`)), ASK_LIMIT);
    const ask = async (): Promise<Credential> => (this.#latest = await this.#options.credential(reason));
    ask().then(resolve, reject);
    const over = (): void => {
      clock.clear(timer);
      this.#asking = null;
    };
    promise.then(over, over);
    this.#asking = promise;
    return promise;
  }

  #send(path: string, init: RequestInit, token: string): Promise<Response> {
    const { userAgent, apiUrl, env } = this.#options;
    const headers = new Headers(init.headers);
    headers.set('Authorization', `Bearer ${token}`);
    headers.set(userAgent.header, userAgent.value);
    return unlessAborted(reach(apiUrl, env.fetch(new Request(apiUrl + path, { ...init, headers }))), init.signal ?? null);
  }
}

function withHeader(init: RequestInit, name: string, value: string): RequestInit {
  const headers = new Headers(init.headers);
  headers.set(name, value);
  return { ...init, headers };
}

async function readError(response: Response): Promise<MesaApiError> {
  const text = await response.text().catch(() => '');
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // Not JSON: the text is the body.
  }
  return MesaApiError.from(response.status, body, response.headers);
}
