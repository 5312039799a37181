import type { Routes } from '../backend.ts';
import { access } from '../backend.ts';
import { heldScopes } from '../auth/principal.ts';

/** `GET /whoami` and `GET /{org}`. */
export const identityRoutes: Routes = (router, { storage }) => {
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
    return context.json({ created_at: new Date(org?.createdAt ?? 0).toISOString(), num_repos: await storage.countRepos(principal.orgId) });
  });
};
