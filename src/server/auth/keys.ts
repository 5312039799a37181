import { toBase64Url } from '../base64.ts';
import type { KeyRecord, Scope, Tags } from '../storage/records.ts';

/** Fills bytes with strong randomness. */
export type Random = (bytes: Uint8Array) => void;

/** What a new key may. */
export interface KeyRights {
  name: string | null;
  scopes: Scope[];
  repoIds: string[] | null;
  tags: Tags;
  expiresAt: number | null;
}

/** Makes an API key: its text, which is shown once, and the record that is kept. */
export async function makeApiKey(orgId: string, rights: KeyRights, now: number, random: Random): Promise<{ key: string; record: KeyRecord }> {
  const key = `mesa_${randomText(32, random)}`;
  const record = { id: newId('key', random), orgId, hash: await hashKey(key), ...rights, createdAt: now, revokedAt: null, lastUsedAt: null };
  return { key, record };
}

/** What is stored of a key and signs its tokens: base64url(SHA-256(key)). */
export async function hashKey(key: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key))));
}

/** A random id: `prefix_` and 16 bytes in url-safe base64. */
export function newId(prefix: string, random: Random): string {
  return `${prefix}_${randomText(16, random)}`;
}

function randomText(count: number, random: Random): string {
  const bytes = new Uint8Array(count);
  random(bytes);
  return toBase64Url(bytes);
}
