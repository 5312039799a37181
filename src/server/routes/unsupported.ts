import { ApiError } from '../../wire/errors.ts';
import type { Routes } from '../backend.ts';
import { access, accessRepo } from '../backend.ts';

/** Parts of the API this backend does not have: webhook targets and upstream syncs. */
export const unsupportedRoutes: Routes = (router, backend) => {
  for (const path of ['/:org/webhook-targets', '/:org/webhook-targets/:id']) {
    router.all(path, (context) => {
      access(context, 'admin');
      throw notImplemented('Webhook targets are');
    });
  }
  for (const path of ['/:org/:repo/upstream/syncs', '/:org/:repo/upstream/syncs/:id']) {
    router.all(path, async (context) => {
      await accessRepo(context, backend, 'read');
      throw notImplemented('Upstream remotes are');
    });
  }
};

/** @param what the beginning of a sentence, with its verb */
export function notImplemented(what: string): ApiError {
  return new ApiError('NOT_IMPLEMENTED', `${what} not part of this backend; follow changes with the event stream at /v1/{org}/-/events instead.`);
}
