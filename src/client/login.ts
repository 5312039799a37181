import { delay } from '../base/env.ts';
import { MesaApiError } from '../rpc/api-error.ts';
import { InvalidOptionsError, MesaError, MissingCredentialError } from './errors.ts';
import type { MesaOptions } from './mesa.ts';
import type { Platform } from './platform.ts';
import { issuedTo } from './token-claims.ts';

/** Milliseconds that an answer is waited for where one from before is known: as long as a mount waits for its first. */
const PATIENCE = 4_000;

/** Whose work it is, as what is kept on a device is named. */
export interface Owner {
  /** As secret as the token where that does not say whom it was issued to. */
  name: string;
  /** The token that says so, where one was asked for. */
  token?: string;
  /** It is who had the last token: none is to be had now. */
  remembered?: boolean;
}

/** What a {@link Login} is made of. */
export interface LoginOptions {
  platform: Platform;
  apiUrl: string;
  org: string | undefined;
  apiKey: string | undefined;
  accessToken: MesaOptions['accessToken'] | undefined;
  principal: string | undefined;
}

/** The credential of a client, and whose it is: what was found out of that once is known when the network is gone. */
export class Login {
  readonly #options: LoginOptions;
  /** Who had the last token. */
  #last: string | null = null;
  /** Times a token was asked for: answers overtake each other, and the last login is that of the last question. */
  #asked = 0;
  /** The page is being asked for a token that says whose it is, since then. */
  #asking: { owner: Promise<Owner>; since: number } | null = null;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /** The key, or a token. @throws MissingCredentialError, InvalidOptionsError, what the page's callback throws */
  async bearer(): Promise<string> {
    const { apiKey, accessToken, principal } = this.#options;
    if (apiKey !== undefined) return apiKey;
    const asked = (this.#asked += 1);
    const token = typeof accessToken === 'function' ? await accessToken() : accessToken;
    if (typeof token !== 'string' || token.trim() === '') throw new MissingCredentialError('accessToken answered no token');
    checkToken('accessToken', token);
    const name = issuedTo(token);
    if (principal === undefined && name !== null && name !== this.#last && asked === this.#asked) this.remember(this.#lastKey, (this.#last = name));
    return token;
  }

  /**
   * A token of the owner's: who logs out and in again as another while a mount is open must not send the work of the one before. Where a name was given, or
   * the tokens do not say whose they are, that is for the page to see to.
   *
   * @throws MesaApiError 401 when it is another's
   */
  async tokenOf({ name, remembered }: Owner): Promise<string> {
    const token = await this.bearer();
    const to = issuedTo(token);
    const { apiKey, principal } = this.#options;
    if (apiKey !== undefined || principal !== undefined || to === name || (to === null && remembered !== true)) return token;
    throw new MesaApiError('The token is another login’s than this mount’s; mount again', { status: 401, code: 'UNAUTHORIZED' });
  }

  /** Whose work it is: as it was given, by the key, or by a token; where there is none to be had now, who had the last. */
  async owner(): Promise<Owner> {
    const { apiKey, principal } = this.#options;
    if (principal !== undefined) return { name: `as ${principal}` };
    if (apiKey !== undefined) return { name: await digestOf(apiKey) };
    const ask = async (): Promise<Owner> => {
      const token = await this.bearer();
      return { name: issuedTo(token) ?? token, token };
    };
    this.#asking ??= { owner: ask().finally(() => (this.#asking = null)), since: this.#options.platform.clock.now() };
    const recall = async (): Promise<Owner | undefined> => {
      const name = await this.recall<string>(this.#lastKey);
      return name === undefined ? undefined : { name, remembered: true };
    };
    return { ...(await this.orKnown(this.#asking.owner, recall, this.#asking.since)) };
  }

  /** What is asked for `since` then; where there is no answer, or none in time, what is known from before. What was refused is an answer. */
  async orKnown<T>(asking: Promise<T>, recall: () => Promise<T | undefined>, since: number = this.#options.platform.clock.now()): Promise<T> {
    const { clock, memory } = this.#options.platform;
    if (memory === undefined) return asking;
    const answered = new AbortController();
    const late = delay(clock, since + PATIENCE - clock.now(), answered.signal);
    try {
      return (await Promise.race([asking, late.then(recall)])) ?? (await asking);
    } catch (error) {
      const known = error instanceof MesaError || error instanceof MesaApiError ? undefined : await recall();
      if (known === undefined) throw error;
      return known;
    } finally {
      answered.abort();
    }
  }

  /** Keeps a small value for when the network is gone. */
  remember(key: string | null, value: unknown): void {
    if (key !== null) void this.#options.platform.memory?.set(key, value).catch(() => undefined);
  }

  async recall<T>(key: string | null): Promise<T | undefined> {
    return key === null ? undefined : ((await this.#options.platform.memory?.get(key).catch(() => undefined)) as T | undefined);
  }

  get #lastKey(): string {
    return `login ${this.#options.apiUrl} ${this.#options.org ?? ''}`;
  }
}

/** @throws InvalidOptionsError for what is a header's value, not a token */
export function checkToken(option: string, value: string): string {
  if (/^Bearer /i.test(value)) throw new InvalidOptionsError(`${option} begins with "Bearer "; pass the text after it`);
  return value;
}

/** Tells one key, token or name from another, and gives away nothing of it. */
export async function digestOf(secret: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`mesafs ${secret}`)));
  return `key-${Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
