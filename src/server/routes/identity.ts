import type { Routes } from '../backend.ts';
import { access, reachedRepos } from '../backend.ts';
import { heldScopes, reaches } from '../auth/principal.ts';

/** `GET /whoami` and `GET /{org}`. */
export const identityRoutes: Routes = (router, backend) => {
  const { storage } = backend;

  router.get('/whoami', (context) => {
    const principal = context.get('principal');
    return context.json({
      org: { id: principal.orgId, slug: principal.orgSlug, name: principal.orgName },
      key_id: principal.keyId,
      key_name: principal.keyName,
      scopes: heldScopes(principal),
    });
  });

  router.get('/:org', async (context) => {
    const principal = access(context, 'read');
    const org = await storage.org(principal.orgId);
    const reached = await reachedRepos(backend, principal);
    const repos = reached && (await Promise.all([...reached].map((id) => storage.repo(id))));
    const count = repos === null ? await storage.countRepos(principal.orgId) : repos.filter((repo) => repo !== null && reaches(principal, repo)).length;
    return context.json({ created_at: new Date(org?.createdAt ?? 0).toISOString(), num_repos: count });
  });
};
