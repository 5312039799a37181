import * as v from 'valibot';
import { ApiError } from '../../wire/errors.ts';
import { validate } from '../../wire/validation.ts';
import { fromBase64Url } from '../base64.ts';

const DAY = 24 * 60 * 60;
/** How far ahead of ours a signer's clock may be, in seconds. */
const LEEWAY = 60;

/** The last second a date can name. */
const LAST_SECOND = 8.64e12;

/** What an access token says. */
export interface TokenClaims {
  iss: string;
  scopes: ('read' | 'write' | 'admin')[];
  repos: string[] | null;
  /** Seconds since the Unix epoch. */
  exp: number;
}

const headerSchema = v.object({ alg: v.literal('HS256'), typ: v.literal('mesa-at+jwt'), kid: v.string() });
const seconds = v.pipe(v.number(), v.minValue(0), v.maxValue(LAST_SECOND));
const claimsSchema = v.object({
  iss: v.string(),
  aud: v.literal('mesa-api'),
  scopes: v.pipe(v.array(v.picklist(['read', 'write', 'admin'])), v.minLength(1, 'a token has at least one scope')),
  repos: v.optional(v.nullable(v.array(v.string())), null),
  iat: seconds,
  exp: seconds,
  jti: v.string(),
});

/** Tells whether a credential is written like a signed token rather than a key. */
export function looksLikeToken(credential: string): boolean {
  return !credential.startsWith('mesa_') && credential.split('.').length === 3;
}

/**
 * Checks an access token (HS256, type `mesa-at+jwt`) that a client has signed with its key.
 *
 * @param secretOf the stored hash of a key by its id: the HMAC key is that text's bytes
 * @param now milliseconds since the Unix epoch
 * @throws ApiError UNAUTHORIZED or TOKEN_EXPIRED
 */
export async function verifyToken(token: string, secretOf: (keyId: string) => Promise<string | null>, now: number): Promise<TokenClaims> {
  const [head = '', body = '', signature = ''] = token.split('.');
  const header = parse(head, headerSchema, 'header');
  const claims = parse(body, claimsSchema, 'claims');
  if (header.kid !== `${claims.iss}.v1`) throw invalid(`its key id "${header.kid}" does not belong to its issuer "${claims.iss}"`);
  const secret = await secretOf(claims.iss);
  if (secret === null || !(await isSigned(`${head}.${body}`, signature, secret))) throw invalid('its signature does not verify, or its key is gone');
  const at = now / 1000;
  if (claims.exp <= at) throw tokenExpired(claims.exp * 1000);
  if (claims.iat > at + LEEWAY) throw invalid('it was signed in the future; check the clock of the signer');
  if (claims.exp - claims.iat > DAY) throw invalid('it lives longer than 24 hours; sign one with ttl_seconds of at most 86400');
  return claims;
}

/** @param at milliseconds since the Unix epoch */
export function tokenExpired(at: number): ApiError {
  return new ApiError('TOKEN_EXPIRED', `The access token ran out at ${new Date(at).toISOString()}; sign a new one.`);
}

async function isSigned(text: string, signature: string, secret: string): Promise<boolean> {
  const bytes = fromBase64Url(signature);
  if (bytes === null) return false;
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  return crypto.subtle.verify('HMAC', key, bytes, new TextEncoder().encode(text));
}

function parse<T>(segment: string, schema: v.GenericSchema<unknown, T>, what: string): T {
  const bytes = fromBase64Url(segment);
  let value: unknown;
  try {
    value = bytes === null ? undefined : JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    value = undefined;
  }
  if (value === undefined) throw invalid(`its ${what} cannot be read`);
  return validate(schema, value, (problem) => invalid(`its ${what} cannot be used: ${problem}`));
}

function invalid(problem: string): ApiError {
  return new ApiError('UNAUTHORIZED', `The access token is not valid: ${problem.replace(/\.$/, '')}.`);
}
