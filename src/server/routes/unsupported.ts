import { ApiError } from '../../wire/errors.ts';
import type { Routes } from '../backend.ts';
import { access, accessRepo } from '../backend.ts';

/** Parts of the API this backend does not have: webhook targets and upstream syncs. */
export const unsupportedRoutes: Routes = (router, backend) => {
  router.all('/:org/webhook-targets/:id?', (context) => {
    access(context, 'admin');
    throw notImplemented('Webhook targets are');
  });
  router.all('/:org/:repo/upstream/syncs/:id?', async (context) => {
    await accessRepo(context, backend, 'read');
    throw notImplemented('Upstream remotes are');
  });
};

/** @param what the beginning of a sentence, with its verb */
export function notImplemented(what: string): ApiError {
  return new ApiError('NOT_IMPLEMENTED', `${what} not part of this backend; follow changes with the event stream at /v1/{org}/-/events instead.`);
}
