import type { Clock } from '../../base/env.ts';
import { ApiError } from '../../wire/errors.ts';
import { Lru } from '../lru.ts';
import type { Storage } from '../storage/interface.ts';
import type { KeyRecord, OrgRecord, Scope } from '../storage/records.ts';
import { hashKey } from './keys.ts';
import type { Principal } from './principal.ts';
import { strongest, weaker } from './principal.ts';
import { looksLikeToken, tokenExpired, verifyToken } from './token.ts';

/** How often a key's last use is written down, in milliseconds. */
const TOUCH_EVERY = 60_000;

/** What was proved about a credential once; whether its key still stands is looked up each time. */
type Proof = { keyId: string; scope: Scope | null; repoNames: ReadonlySet<string> | null; expiresAt: number | null };

/** Tells who a request comes from. Signatures that were checked are remembered, a bounded number of them; rights are read anew each time. */
export class Authenticator {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #proofs = new Lru<string, Proof>(2_000);
  readonly #orgs = new Lru<string, OrgRecord>(200);

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /**
   * Reads `Authorization: Bearer <key or token>`.
   *
   * @throws ApiError UNAUTHORIZED, TOKEN_EXPIRED
   */
  async authenticate(request: Request): Promise<Principal> {
    const header = request.headers.get('authorization');
    const credential = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
    if (credential === undefined)
      throw new ApiError('UNAUTHORIZED', 'A credential is missing; send the header "Authorization: Bearer <API key or access token>".');
    const now = this.#clock.now();
    const proof = this.#proofs.get(credential) ?? (await this.#prove(credential, now));
    if (proof.expiresAt !== null && proof.expiresAt <= now) throw tokenExpired(proof.expiresAt);
    const key = this.#standing(await this.#storage.key(proof.keyId), now);
    // Noted as far as it can be: whoever reads has to be let in where nothing can be written.
    if (key.lastUsedAt === null || now - key.lastUsedAt > TOUCH_EVERY) await this.#storage.updateKey(key.id, { lastUsedAt: now }).catch(() => undefined);
    return this.#principal(key, proof);
  }

  async #prove(credential: string, now: number): Promise<Proof> {
    const proof = looksLikeToken(credential) ? await this.#proveToken(credential, now) : await this.#proveKey(credential);
    this.#proofs.set(credential, proof);
    return proof;
  }

  async #proveKey(credential: string): Promise<Proof> {
    const key = await this.#storage.keyByHash(await hashKey(credential));
    if (key === null) {
      const what = credential.startsWith('mesa_') ? 'API key' : 'access token or API key';
      throw new ApiError('UNAUTHORIZED', `The ${what} is not known here; check that it was copied whole and belongs to this server.`);
    }
    return { keyId: key.id, scope: null, repoNames: null, expiresAt: null };
  }

  async #proveToken(credential: string, now: number): Promise<Proof> {
    const claims = await verifyToken(credential, async (id) => (await this.#storage.key(id))?.hash ?? null, now);
    const repoNames = claims.repos === null ? null : new Set(claims.repos);
    return { keyId: claims.iss, scope: strongest(claims.scopes), repoNames, expiresAt: claims.exp * 1000 };
  }

  #standing(key: KeyRecord | null, now: number): KeyRecord {
    if (key === null || key.revokedAt !== null) throw new ApiError('UNAUTHORIZED', 'The API key was revoked; use another one.');
    if (key.expiresAt !== null && key.expiresAt <= now) {
      throw new ApiError('UNAUTHORIZED', `The API key ran out at ${new Date(key.expiresAt).toISOString()}; use another one.`);
    }
    return key;
  }

  async #principal(key: KeyRecord, proof: Proof): Promise<Principal> {
    const org = this.#orgs.get(key.orgId) ?? (await this.#storage.org(key.orgId));
    if (org === null) throw new ApiError('UNAUTHORIZED', 'The org of this API key is gone.');
    this.#orgs.set(org.id, org);
    const held = strongest(key.scopes);
    const ends = [proof.expiresAt, key.expiresAt].filter((time) => time !== null);
    return {
      keyId: key.id,
      keyName: key.name,
      orgId: org.id,
      orgSlug: org.slug,
      orgName: org.name,
      scope: proof.scope === null ? held : weaker(held, proof.scope),
      repoIds: key.repoIds === null ? null : new Set(key.repoIds),
      repoNames: proof.repoNames,
      expiresAt: ends.length === 0 ? null : Math.min(...ends),
      viaToken: proof.scope !== null,
    };
  }
}
