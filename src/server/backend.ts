import type { Hono, Context } from 'hono';
import type { Env } from '../base/env.ts';
import type { Core } from '../core/load.ts';
import { ApiError, quote } from '../wire/errors.ts';
import type { Authenticator } from './auth/authenticator.ts';
import type { Principal } from './auth/principal.ts';
import { isLimited, reaches, requireScope } from './auth/principal.ts';
import type { Authority } from './authority/authority.ts';
import type { Authorities } from './authority/registry.ts';
import type { EventStreams } from './events/streams.ts';
import type { Hub } from './events/hub.ts';
import type { Storage } from './storage/interface.ts';
import type { RepoRecord, Scope } from './storage/records.ts';

/** What routes are made of. */
export interface Backend {
  core: Core;
  storage: Storage;
  env: Pick<Env, 'clock' | 'random'>;
  epoch: string;
  authenticator: Authenticator;
  authorities: Authorities;
  hub: Hub;
  streams: EventStreams;
  /** Refuse to move a bookmark backwards unless the request says `allow_backwards: true`. */
  strictBookmarkMoves: boolean;
}

/** The router's types: every route finds who asks in `principal`. */
export interface RouterEnv {
  Variables: { principal: Principal };
}

/** The router. */
export type Router = Hono<RouterEnv>;

/** Adds routes to the router. */
export type Routes = (router: Router, backend: Backend) => void;

/** A repo somebody may use. */
export interface RepoAccess {
  principal: Principal;
  repo: RepoRecord;
  /** The one who decides its writes; asked for when there is something to write. */
  authority(this: void): Authority;
}

/** The caller, once the path's org is found to be theirs and their scope to suffice. @throws ApiError FORBIDDEN */
export function access(context: Context<RouterEnv>, needed: Scope): Principal {
  const principal = context.get('principal');
  const org = context.req.param('org');
  if (org !== principal.orgSlug) {
    throw new ApiError('FORBIDDEN', `This credential belongs to the org "${principal.orgSlug}"; it reaches nothing in ${quote(org)}.`);
  }
  requireScope(principal, needed);
  return principal;
}

/** The path's repo, once the caller is found to reach it. @throws ApiError REPO_NOT_FOUND, FORBIDDEN */
export async function accessRepo(context: Context<RouterEnv>, backend: Backend, needed: Scope): Promise<RepoAccess> {
  const principal = access(context, 'read');
  const repo = await findRepo(backend, principal, context.req.param('repo') ?? '');
  requireScope(principal, needed);
  return { principal, repo, authority: () => backend.authorities.of(repo, principal.orgSlug) };
}

/** The ids of the repos a credential is limited to by its key or its token, as far as they are there; `null` when it reaches the whole org. */
export async function reachedRepos({ storage }: Backend, principal: Principal): Promise<ReadonlySet<string> | null> {
  if (!isLimited(principal)) return null;
  const { repoIds, repoNames, orgId, orgSlug } = principal;
  if (repoNames === null) return repoIds;
  const own = [...repoNames].filter((name) => name.startsWith(`${orgSlug}/`)).map((name) => name.slice(orgSlug.length + 1));
  const repos = await Promise.all(own.map((name) => storage.repoByName(orgId, name)));
  return new Set(repos.flatMap((repo) => (repo !== null && reaches(principal, repo) ? [repo.id] : [])));
}

/** A repo the caller reaches, by name; `null` for one they don't reach, as for one that isn't there. */
export async function reachedRepo({ storage }: Backend, principal: Principal, name: string): Promise<RepoRecord | null> {
  const repo = await storage.repoByName(principal.orgId, name);
  return repo !== null && reaches(principal, repo) ? repo : null;
}

/** As {@link reachedRepo}. @throws ApiError REPO_NOT_FOUND */
export async function findRepo(backend: Backend, principal: Principal, name: string): Promise<RepoRecord> {
  const repo = await reachedRepo(backend, principal, name);
  if (repo !== null) return repo;
  throw new ApiError('REPO_NOT_FOUND', `There is no repo ${quote(name)} in ${principal.orgSlug} that this credential reaches; check the name.`, { repo: name });
}
