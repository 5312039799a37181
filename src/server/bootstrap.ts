import type { Env } from '../base/env.ts';
import { ApiError } from '../wire/errors.ts';
import type { KeyRights } from './auth/keys.ts';
import { makeApiKey, newId } from './auth/keys.ts';
import type { Storage } from './storage/interface.ts';
import type { KeyRecord, OrgRecord } from './storage/records.ts';

/** What making an org or key takes from its surroundings. */
export type BootstrapEnv = Pick<Env, 'clock' | 'random'>;

/**
 * Makes an org with its first key, which may do everything. Where the org exists already nothing is done and the key is `null`.
 *
 * @returns the key's text: it is shown nowhere again
 */
export async function bootstrapOrg(storage: Storage, env: BootstrapEnv, slug: string): Promise<{ org: OrgRecord; adminKey: string | null }> {
  const known = await storage.orgBySlug(slug);
  if (known !== null) return { org: known, adminKey: null };
  const org = await createOrg(storage, env, slug);
  const { key } = await createKey(storage, env, org.id, { name: 'admin', scopes: ['admin'] });
  return { org, adminKey: key };
}

/** Makes an org. @throws ApiError INVALID_REQUEST, ALREADY_EXISTS */
export async function createOrg(storage: Storage, env: BootstrapEnv, slug: string, name: string = slug): Promise<OrgRecord> {
  if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(slug) || slug.length > 100) {
    throw new ApiError('INVALID_REQUEST', `"${slug}" cannot name an org: use lower-case letters, digits and inner hyphens, at most 100.`);
  }
  const org = { id: newId('org', (bytes) => env.random(bytes)), slug, name, createdAt: env.clock.now() };
  await storage.createOrg(org);
  return org;
}

/** Makes a key of an org; rights not given are `write`, all repos and no end. */
export async function createKey(storage: Storage, env: BootstrapEnv, orgId: string, rights: Partial<KeyRights>): Promise<{ key: string; record: KeyRecord }> {
  const full: KeyRights = { name: null, scopes: ['write'], repoIds: null, tags: {}, expiresAt: null, ...rights };
  const made = await makeApiKey(orgId, full, env.clock.now(), (bytes) => env.random(bytes));
  await storage.createKey(made.record);
  return made;
}
