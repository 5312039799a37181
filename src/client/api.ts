import { MesaApiError } from '../rpc/api-error.ts';
import { reach } from '../rpc/reach.ts';

/** The REST client, loaded when it is first used. */
export type Rest = typeof import('@mesadev/rest');

/** What an operation of the REST client takes from us; its types check the rest where it is called. */
export interface RestOptions {
  baseUrl: string;
  fetch: typeof fetch;
  headers: Record<string, string>;
}

interface RestAnswer<T> {
  data?: T | undefined;
  error?: unknown;
  response?: Response;
}

/** What {@link Api} is made of. */
export interface ApiOptions {
  apiUrl: string;
  fetch: (request: Request) => Promise<Response>;
  userAgent: { header: string; value: string };
  token: () => Promise<string>;
}

/** Calls the REST API through its published client; every refusal is a `MesaApiError`. */
export class Api {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /**
   * Makes one request, with a token of its own if it is given one.
   *
   * @throws MesaApiError for what the API refuses; TypeError where it can't be reached; what else fetch throws is passed on as it is
   */
  async run<T>(call: (rest: Rest, options: RestOptions) => Promise<RestAnswer<T>>, given?: string): Promise<T> {
    const { apiUrl, userAgent } = this.#options;
    const [rest, token] = await Promise.all([import('@mesadev/rest'), given ?? this.#options.token()]);
    const headers = { Authorization: `Bearer ${token}`, [userAgent.header]: userAgent.value };
    // The client calls fetch with one Request.
    const send = ((request: Request) => reach(apiUrl, this.#options.fetch(request))) as typeof fetch;
    const { data, error, response } = await call(rest, { baseUrl: apiUrl, fetch: send, headers });
    if (error === undefined) return data as T;
    if (response === undefined || (response.ok && error instanceof Error)) throw error;
    throw MesaApiError.from(response.status, error, response.headers);
  }
}
