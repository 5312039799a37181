import { InvalidOptionsError } from './errors.ts';

const SCOPES = ['read', 'write', 'admin'] as const;
/** What a token may do. */
export type Scope = (typeof SCOPES)[number];

/** What to sign. */
export interface TokenRequest {
  /** `read` and `write` unless given. */
  scopes?: Scope[] | undefined;
  /** `org/name` each; all repos the key may see unless given. */
  repos?: string[] | undefined;
  /** 1 to 86,400; an hour unless given. */
  ttl_seconds?: number | undefined;
}

/** A signed token. */
export interface AccessToken {
  token: string;
  /** ISO 8601. */
  expires_at: string;
  scopes: Scope[];
  repos: string[] | null;
}

const NAMES = ['scopes', 'repos', 'ttl_seconds'];
const MAX_TTL = 86_400;
const DEFAULT_TTL = 3_600;
const ORG_AND_NAME = /^[^/]+\/[^/]+$/;

/**
 * Signs an access token with an API key (HS256). Nothing is sent anywhere: the backend keeps the key's hash, which is the signing secret.
 *
 * @param keyId the key's id, as `GET /whoami` answers it
 * @param now milliseconds since the Unix epoch
 * @throws InvalidOptionsError for an option that there is not, a lifetime out of range, a scope there is none of, and a repo without its org
 */
export async function signAccessToken(apiKey: string, keyId: string, request: TokenRequest, now: number): Promise<AccessToken> {
  checkNames(request);
  const ttl = request.ttl_seconds ?? DEFAULT_TTL;
  if (!Number.isInteger(ttl) || ttl < 1 || ttl > MAX_TTL) {
    throw new InvalidOptionsError(`ttl_seconds is a whole number from 1 to ${MAX_TTL}, not ${ttl}`);
  }
  const scopes = request.scopes ?? ['read', 'write'];
  const repos = request.repos ?? null;
  checkEach(
    'scope',
    scopes,
    '"read" and "write"',
    (scope) => SCOPES.includes(scope as Scope),
    `no scope; there are ${SCOPES.map((scope) => `"${scope}"`).join(', ')}`,
  );
  if (repos !== null)
    checkEach(
      'repo',
      repos,
      'all that the key may see',
      (repo) => typeof repo === 'string' && ORG_AND_NAME.test(repo),
      'no repo with its org; write each as "acme/app"',
    );
  const iat = Math.floor(now / 1000);
  const exp = iat + ttl;
  const header = { alg: 'HS256', typ: 'mesa-at+jwt', kid: `${keyId}.v1` };
  const claims = { iss: keyId, aud: 'mesa-api', scopes, repos, iat, exp, jti: crypto.randomUUID() };
  const text = `${base64UrlJson(header)}.${base64UrlJson(claims)}`;
  const token = `${text}.${base64Url(await sign(text, await secretOf(apiKey)))}`;
  return { token, expires_at: new Date(exp * 1000).toISOString(), scopes, repos };
}

/** Checks a list that goes into a token: what no server takes is told before it is signed, not by a refusal later. */
function checkEach(what: string, values: unknown, unless: string, fits: (value: unknown) => boolean, problem: string): void {
  if (!Array.isArray(values) || values.length === 0) {
    throw new InvalidOptionsError(`${what}s is a list with at least one ${what}, not ${JSON.stringify(values)}; leave it out for ${unless}`);
  }
  const wrong = values.findIndex((value) => !fits(value));
  if (wrong !== -1) throw new InvalidOptionsError(`${what}s holds ${JSON.stringify(values[wrong])}, which is ${problem}`);
}

/** The text whose UTF-8 bytes are the HMAC key. */
async function secretOf(apiKey: string): Promise<string> {
  return base64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(apiKey))));
}

async function sign(text: string, secret: string): Promise<Uint8Array> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text)));
}

function base64UrlJson(value: unknown): string {
  return base64Url(new TextEncoder().encode(JSON.stringify(value)));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** What is misspelt would leave the token with all the rights of its key. */
function checkNames(request: TokenRequest): void {
  const stray = Object.keys(request).find((name) => !NAMES.includes(name));
  if (stray !== undefined) throw new InvalidOptionsError(`tokens.create has no option "${stray}"; there are ${NAMES.join(', ')}`);
}
