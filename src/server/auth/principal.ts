import { ApiError } from '../../wire/errors.ts';
import type { Person, RepoRecord, Scope } from '../storage/records.ts';

const RANK: Record<Scope, number> = { read: 1, write: 2, admin: 3 };

/** Every scope, weakest first. */
export const SCOPES: readonly Scope[] = ['read', 'write', 'admin'];

/** Who asks, and what they may: what is left of a key's rights once a token has narrowed them. */
export interface Principal {
  keyId: string;
  keyName: string | null;
  orgId: string;
  orgSlug: string;
  orgName: string;
  scope: Scope;
  /** The repos the key is limited to, by id, or `null`. */
  repoIds: ReadonlySet<string> | null;
  /** The repos the token is limited to, as `org/name`, or `null`. */
  repoNames: ReadonlySet<string> | null;
  /** When the token or key runs out, or `null`. */
  expiresAt: number | null;
  /** Asks with a token a key has signed, not with the key itself. */
  viaToken: boolean;
}

/** The strongest scope of a list; none counts as `read`. */
export function strongest(scopes: readonly Scope[]): Scope {
  return scopes.reduce<Scope>((best, scope) => (RANK[scope] > RANK[best] ? scope : best), 'read');
}

/** The weaker of two scopes. */
export function weaker(a: Scope, b: Scope): Scope {
  return RANK[a] < RANK[b] ? a : b;
}

/** Tells whether `held` includes `needed`. */
export function includesScope(held: Scope, needed: Scope): boolean {
  return RANK[held] >= RANK[needed];
}

/** The scopes a principal holds, weakest first. */
export function heldScopes(principal: Principal): Scope[] {
  return SCOPES.filter((scope) => includesScope(principal.scope, scope));
}

/** @throws ApiError FORBIDDEN */
export function requireScope(principal: Principal, needed: Scope): void {
  if (includesScope(principal.scope, needed)) return;
  throw new ApiError('FORBIDDEN', `This needs the scope "${needed}", but the credential holds "${principal.scope}" only; use one with more rights.`, {
    needed,
    held: principal.scope,
  });
}

/** Tells whether the credential reaches a repo. */
export function reaches(principal: Principal, repo: RepoRecord): boolean {
  if (repo.orgId !== principal.orgId) return false;
  if (principal.repoIds !== null && !principal.repoIds.has(repo.id)) return false;
  return principal.repoNames === null || principal.repoNames.has(`${principal.orgSlug}/${repo.name}`);
}

/** Tells whether the credential is limited to some repos of its org. */
export function isLimited(principal: Principal): boolean {
  return principal.repoIds !== null || principal.repoNames !== null;
}

/** The author or committer a principal's writes carry when the request names none. */
export function personOf(principal: Principal, now: number): Person {
  const name = (principal.keyName ?? principal.keyId).replaceAll(/[<>\p{Cc}]/gu, '').trim() || principal.keyId;
  const local =
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9._-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || principal.keyId;
  return { name, email: `${local}@users.mesafs`, timestamp: now, tzOffset: 0 };
}
