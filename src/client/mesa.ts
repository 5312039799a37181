import { MesaApiError } from '../rpc/api-error.ts';
import type { EngineContract } from '../rpc/contract.ts';
import type { Credential } from '../rpc/types.ts';
import type { AccessToken, TokenRequest } from './access-token.ts';
import { Api } from './api.ts';
import { aboutRepo } from './arguments.ts';
import { Calls } from './calls.ts';
import { InvalidApiUrlError, InvalidOptionsError, MissingCredentialError, OrgResolutionError } from './errors.ts';
import { MesaFileSystem } from './file-system.ts';
import { checkToken, digestOf, Login } from './login.ts';
import type { Owner } from './login.ts';
import { LEVELS, readMountOptions } from './mount-options.ts';
import type { FsMountOptions } from './mount-options.ts';
import { checkNames } from './option-names.ts';
import type { Platform } from './platform.ts';
import { makeResources } from './resources.ts';
import type { Resources } from './resources.ts';
import { expiryOf } from './token-claims.ts';

/** The version this client names itself with. */
const VERSION = '0.1.0';
const DEFAULT_API_URL = 'https://api.mesa.dev/v1';
const DEFAULT_VCS_URL = 'https://vcs.mesa.dev';

/** Options of a client. Either `apiKey` or `accessToken`; the key may come from `MESA_API_KEY`, the address from `MESA_API_URL`. */
export interface MesaOptions {
  apiKey?: string;
  /** A token, or what gets one: it is asked again when the last is about to end. For pages that must not hold a key. */
  accessToken?: string | (() => string | Promise<string>);
  apiUrl?: string;
  /** Accepted and not used: the native mount's address. */
  vcsUrl?: string;
  /** The org; found out with `GET /whoami` unless given. */
  org?: string;
  /**
   * Names whose work this is on this device: what is kept there of one is neither shown to another nor sent with another's token. Unless given it is told by
   * the key, or by whom a token was issued to (`iss` and `sub`); while no token is to be had, as offline, it is who had the last one.
   */
  principal?: string;
  /** Sends requests in the platform's stead, as a backend's handler in this process does; the engine then runs in this process too. */
  fetch?: (request: Request) => Promise<Response>;
  /** Appended to how the client names itself. */
  userAgent?: string;
  webhookSecret?: string;
  /** The engine that runs the mounts, or what makes it; the runtime's own unless given. */
  engine?: EngineContract | (() => EngineContract | Promise<EngineContract>);
}

/** Who the credential belongs to. */
export interface Identity {
  org: { id: string; slug: string; name: string };
  key_id: string | null;
  key_name?: string | null;
  scopes: string[];
}

/** A client of the Mesa API. Import it from the package: the entry for each runtime binds it to its platform. */
export class MesaClient {
  readonly apiUrl: string;
  readonly vcsUrl: string;
  readonly org: Resources['org'];
  readonly tokens: Resources['tokens'];
  readonly apiKeys: Resources['apiKeys'];
  readonly repos: Resources['repos'];
  readonly content: Resources['content'];
  readonly bookmarks: Resources['bookmarks'];
  readonly changes: Resources['changes'];
  readonly diffs: Resources['diffs'];
  readonly webhookTargets: Resources['webhookTargets'];
  readonly fs: {
    /** Mounts repos as one filesystem: one request for each. @throws InvalidOptionsError, OrgResolutionError, MesaApiError */
    mount: (options: FsMountOptions) => Promise<MesaFileSystem>;
  };
  /** Private, so that whoever prints or stores a client does not give it away. */
  readonly #apiKey: string | undefined;
  readonly #options: MesaOptions;
  readonly #platform: Platform;
  readonly #login: Login;
  readonly #api: Api;
  #identity: Promise<Identity> | undefined;
  #engine: Promise<EngineContract> | undefined;

  /** @throws InvalidOptionsError, InvalidApiUrlError, MissingCredentialError */
  constructor(given: MesaOptions, platform: Platform) {
    const options = readOptions(given);
    this.#options = options;
    this.#platform = platform;
    this.#apiKey = readCredential(options, platform);
    this.apiUrl = readUrl('apiUrl', options.apiUrl ?? blankToUndefined(platform.variables['MESA_API_URL']) ?? DEFAULT_API_URL);
    this.vcsUrl = readUrl('vcsUrl', options.vcsUrl ?? DEFAULT_VCS_URL);
    const fetch = options.fetch ?? ((request: Request): Promise<Response> => platform.fetch(request));
    const { accessToken, principal } = options;
    const org = blankToUndefined(options.org);
    this.#login = new Login({ platform, apiUrl: this.apiUrl, apiKey: this.#apiKey, accessToken, principal, org });
    this.#api = new Api({ apiUrl: this.apiUrl, fetch, userAgent: this.#userAgent, token: () => this.#login.bearer() });
    const resources = makeResources({ api: this.#api, resolveOrg: (org) => this.resolveOrg(org), sign: (request) => this.#sign(request), checkNames });
    ({ org: this.org, tokens: this.tokens, apiKeys: this.apiKeys, repos: this.repos, content: this.content } = resources);
    ({ bookmarks: this.bookmarks, changes: this.changes, diffs: this.diffs, webhookTargets: this.webhookTargets } = resources);
    this.fs = { mount: (mount) => this.#mount(mount) };
    // Whoever needs the answer hears of its failure.
    if (org === undefined) this.whoami().catch(() => undefined);
  }

  /** The key it was given or found in `MESA_API_KEY`. */
  get apiKey(): string | undefined {
    return this.#apiKey;
  }

  /** Says who the credential belongs to. Asked once. @throws OrgResolutionError */
  async whoami(): Promise<Identity> {
    this.#identity ??= this.#identify();
    try {
      return await this.#identity;
    } catch (cause) {
      this.#identity = undefined;
      const why = cause instanceof Error ? `: ${cause.message}` : '';
      const where = cause instanceof MesaApiError ? ` (${this.apiUrl})` : '';
      throw new OrgResolutionError(`Unable to resolve caller identity from /whoami${why}${where}`, { cause });
    }
  }

  /** Asks who the credential belongs to; one that was asked about before is known even when the server can't be reached, or does not answer. */
  async #identify(): Promise<Identity> {
    const login = this.#login;
    const owner = await login.owner();
    const digest = await digestOf(this.#apiKey ?? owner.name).catch(() => null);
    const key = digest === null ? null : `whoami ${this.apiUrl} ${digest}`;
    const recall = (): Promise<Identity | undefined> => login.recall(key);
    if (owner.remembered === true) {
      // The next token may be another's.
      this.#identity = undefined;
      const known = await recall();
      if (known !== undefined) return known;
    }
    const ask = async (): Promise<Identity> => {
      const token = owner.token ?? (await login.tokenOf(owner));
      const identity = await this.#api.run<Identity>((rest, options) => rest.whoami(options), token);
      login.remember(key, identity);
      return identity;
    };
    return login.orKnown(ask(), recall);
  }

  /**
   * Removes all that this device keeps of a repo: its cached objects and its journals. Close its mounts first.
   *
   * @throws FsError EBUSY while there is work that the server has not accepted: mount it and flush, or save or discard what is parked
   */
  async forget(args: { repo: string; org?: string }): Promise<void> {
    const { repo, org } = aboutRepo('forget', args, 'org');
    const engine = await this.#startEngine();
    const slug = await this.resolveOrg(org);
    const { name } = await this.#login.owner();
    await engine.forget({ apiUrl: this.apiUrl, org: slug, repo, principal: name });
  }

  /** The org a call is about: the one given, the client's, or the credential's. @throws OrgResolutionError, InvalidOptionsError */
  async resolveOrg(org?: string): Promise<string> {
    checkType('org', org ?? undefined, ['string']);
    return blankToUndefined(org) ?? blankToUndefined(this.#options.org) ?? (await this.whoami()).org.slug;
  }

  async #mount(options: FsMountOptions): Promise<MesaFileSystem> {
    const org = await this.resolveOrg();
    const { ttl, ...spec } = readMountOptions(options, org);
    const engine = await this.#startEngine();
    const repos = [...new Set(spec.repos.map(({ name }) => `${org}/${name}`))];
    const readOnly = spec.repos.every((repo) => repo.readOnly);
    const { logLevel = 'warn', onLog } = options.telemetry ?? {};
    const owner = await this.#login.owner();
    const request: TokenRequest = { scopes: readOnly ? ['read'] : ['read', 'write'], repos, ttl_seconds: ttl };
    let fs: MesaFileSystem | null = null;
    const mount = await engine.openMount(
      { apiUrl: this.apiUrl, org, ...spec, userAgent: this.#userAgent, principal: owner.name },
      {
        credential: () => this.#credential(request, owner),
        events: (events) => fs?.deliver(events),
        status: (status) => fs?.sync.update(status),
        log: (record) => (LEVELS.indexOf(record.level) <= LEVELS.indexOf(logLevel) ? onLog?.(record) : undefined),
      },
    );
    fs = new MesaFileSystem(new Calls(engine, mount), this.#platform);
    fs.sync.update(await engine.status(mount));
    return fs;
  }

  #startEngine(): Promise<EngineContract> {
    const { engine, fetch } = this.#options;
    const start = async (): Promise<EngineContract> => {
      if (engine !== undefined) return typeof engine === 'function' ? engine() : engine;
      return this.#platform.engine(fetch === undefined ? {} : { fetch });
    };
    if (this.#engine !== undefined) return this.#engine;
    const starting = start();
    this.#engine = starting;
    // The next mount makes another.
    const forget = (): void => {
      if (this.#engine === starting) this.#engine = undefined;
    };
    starting.then((made) => made.ended?.then(forget), forget);
    return starting;
  }

  /** A token for a mount: signed here, or asked of whoever gave the client its tokens; the one that was asked for to name the owner is used once. */
  async #credential(request: TokenRequest, owner: Owner): Promise<Credential> {
    if (this.#apiKey === undefined) {
      const token = owner.token ?? (await this.#login.tokenOf(owner));
      delete owner.token;
      const expiresAt = expiryOf(token);
      return { token, ...(expiresAt === undefined ? {} : { expiresAt }) };
    }
    const { token, expires_at } = await this.#sign(request);
    return { token, expiresAt: Date.parse(expires_at) };
  }

  async #sign(request: TokenRequest): Promise<AccessToken> {
    if (this.#apiKey === undefined) throw new MissingCredentialError('Only a client with an apiKey can sign access tokens');
    const { key_id: keyId } = await this.whoami();
    if (keyId === null) throw new OrgResolutionError('The credential has no key id; an access token cannot be signed with it');
    // Pages seldom hold a key: what signs is loaded by those that do.
    const { signAccessToken } = await import('./access-token.ts');
    return signAccessToken(this.#apiKey, keyId, request, this.#platform.clock.now());
  }

  get #userAgent(): { header: Platform['userAgentHeader']; value: string } {
    const { userAgent } = this.#options;
    return { header: this.#platform.userAgentHeader, value: `mesafs-web/${VERSION}${userAgent === undefined ? '' : ` ${userAgent}`}` };
  }
}

/** The types of options; what `typeof` says of them. */
const TYPES: Record<keyof MesaOptions, string[]> = {
  apiKey: ['string'],
  accessToken: ['string', 'function'],
  apiUrl: ['string'],
  vcsUrl: ['string'],
  org: ['string'],
  principal: ['string'],
  fetch: ['function'],
  userAgent: ['string'],
  webhookSecret: ['string'],
  engine: ['object', 'function'],
};

/** What plain JavaScript may pass: `null` is as good as nothing. @throws InvalidOptionsError for other types */
function readOptions(given: MesaOptions | null): MesaOptions {
  checkNames('Mesa', given, Object.keys(TYPES) as (keyof MesaOptions)[]);
  const options: MesaOptions = Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== null));
  for (const [option, types] of Object.entries(TYPES)) checkType(option, options[option as keyof MesaOptions], types);
  // As good as nothing it would be the same for all.
  if (options.principal?.trim() === '') throw new InvalidOptionsError('principal is blank; name the user, or leave it out');
  return options;
}

/** Says the type alone: the value may be a secret. */
function checkType(option: string, value: unknown, types: string[]): void {
  if (value !== undefined && !types.includes(typeof value)) throw new InvalidOptionsError(`${option} is of type ${types.join(' or ')}, not ${typeof value}`);
}

function readCredential({ apiKey, accessToken }: MesaOptions, platform: Platform): string | undefined {
  const own = blankToUndefined(apiKey);
  if (own !== undefined && accessToken !== undefined) throw new InvalidOptionsError('Both apiKey and accessToken are given; pass one of them');
  if (accessToken !== undefined) {
    if (typeof accessToken === 'string') checkToken('accessToken', accessToken);
    return undefined;
  }
  const key = own ?? blankToUndefined(platform.variables['MESA_API_KEY']);
  if (key === undefined) throw new MissingCredentialError();
  return checkToken('apiKey', key.trim());
}

function readUrl(option: string, value: string): string {
  let url: URL;
  try {
    url = new URL(value);
  } catch (cause) {
    throw new InvalidApiUrlError(option, value, { cause });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new InvalidApiUrlError(option, value);
  return value.replace(/\/+$/, '');
}

function blankToUndefined(text: string | null | undefined): string | undefined {
  return text === undefined || text === null || text.trim() === '' ? undefined : text;
}
