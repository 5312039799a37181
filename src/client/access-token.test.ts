import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { TokenRequest } from './access-token.ts';
import { signAccessToken } from './access-token.ts';
import { expiryOf } from './token-claims.ts';
import { InvalidOptionsError } from './errors.ts';

const NOW = Date.UTC(2026, 0, 1);
const parse = (part: string | undefined): unknown => JSON.parse(Buffer.from(part ?? '', 'base64url').toString());

test('signs with the hash of the key, as the backend stores it', async () => {
  const { token, expires_at, scopes, repos } = await signAccessToken('mesa_secret', 'key_1', { repos: ['acme/app'], ttl_seconds: 60 }, NOW);
  const [header, claims, signature] = token.split('.');
  expect(parse(header)).toEqual({ alg: 'HS256', typ: 'mesa-at+jwt', kid: 'key_1.v1' });
  const said = parse(claims) as Record<string, unknown>;
  expect(said).toMatchObject({ iss: 'key_1', aud: 'mesa-api', scopes: ['read', 'write'], repos: ['acme/app'], iat: NOW / 1000, exp: NOW / 1000 + 60 });
  expect(said['jti']).toMatch(/^[0-9a-f-]{36}$/);
  const secret = createHash('sha256').update('mesa_secret').digest('base64url');
  expect(signature).toBe(createHmac('sha256', secret).update(`${header}.${claims}`).digest('base64url'));
  expect({ expires_at, scopes, repos }).toEqual({ expires_at: '2026-01-01T00:01:00.000Z', scopes: ['read', 'write'], repos: ['acme/app'] });
  expect(expiryOf(token)).toBe(NOW + 60_000);
});

test('lives an hour, for all repos, unless it is said', async () => {
  const { token, repos } = await signAccessToken('mesa_secret', 'key_1', {}, NOW);
  expect(expiryOf(token)).toBe(NOW + 3_600_000);
  expect(repos).toBeNull();
});

test.each([0, -1, 1.5, 86_401, Number.NaN])('refuses a lifetime of %d', async (ttl) => {
  await expect(signAccessToken('mesa_secret', 'key_1', { ttl_seconds: ttl }, NOW)).rejects.toBeInstanceOf(InvalidOptionsError);
});

test('refuses what is misspelt: the token would have all the rights of its key', async () => {
  const misspelt = { repo: ['acme/app'], ttl_seconds: 60 } as object;
  await expect(signAccessToken('mesa_secret', 'key_1', misspelt, NOW)).rejects.toThrow(
    'tokens.create has no option "repo"; there are scopes, repos, ttl_seconds',
  );
});

test.each([
  [{ repos: ['app'] }, 'repos holds "app", which is no repo with its org; write each as "acme/app"'],
  [{ repos: ['acme/app', 'acme/'] }, 'repos holds "acme/"'],
  [{ repos: ['acme/app/main'] }, 'repos holds "acme/app/main"'],
  [{ repos: [5] }, 'repos holds 5'],
  [{ repos: [['acme/app']] }, 'repos holds ["acme/app"]'],
  [{ repos: 'acme/app' }, 'repos is a list with at least one repo, not "acme/app"; leave it out for all that the key may see'],
  [{ repos: [] }, 'repos is a list with at least one repo, not []'],
  [{ scopes: ['read', 'wirte'] }, 'scopes holds "wirte", which is no scope; there are "read", "write", "admin"'],
  [{ scopes: [] }, 'scopes is a list with at least one scope, not []; leave it out for "read" and "write"'],
  [{ scopes: 'read' }, 'scopes is a list with at least one scope, not "read"'],
])('refuses to sign %j, which every server would refuse', async (request, message) => {
  const signing = signAccessToken('mesa_secret', 'key_1', request as TokenRequest, NOW);
  await expect(signing).rejects.toBeInstanceOf(InvalidOptionsError);
  await expect(signing).rejects.toThrow(message);
});

test('knows no end of what is no JWT', () => {
  expect(['mesa_key', 'a.b.c', `a.${btoa('{}')}.c`].map(expiryOf)).toEqual([undefined, undefined, undefined]);
});
