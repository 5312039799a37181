import { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { systemEnv } from '../base/env.ts';
import type { CheckedSha1 } from '../core/checked.ts';
import { CoreTrapError } from '../core/trap-error.ts';
import { ApiError } from '../wire/errors.ts';
import { Authenticator } from './auth/authenticator.ts';
import { newId } from './auth/keys.ts';
import { Authorities } from './authority/registry.ts';
import type { Backend, RouterEnv, Routes } from './backend.ts';
import { checkedCore } from './checked-core.ts';
import { EventStreams, STREAM_LIMITS } from './events/streams.ts';
import { Hub } from './events/hub.ts';
import { checkOptions } from './handler-options.ts';
import type { HandlerOptions } from './handler-options.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { bookmarkRoutes } from './routes/bookmarks.ts';
import { changeRoutes } from './routes/changes.ts';
import { contentRoutes } from './routes/content.ts';
import { diffRoutes } from './routes/diff.ts';
import { eventRoutes } from './routes/events.ts';
import { identityRoutes } from './routes/identity.ts';
import { liveRoutes } from './routes/live.ts';
import { objectRoutes } from './routes/objects.ts';
import { repoRoutes } from './routes/repos.ts';
import { unsupportedRoutes } from './routes/unsupported.ts';

/** Answers requests under `/v1`. */
export interface Handler {
  (request: Request): Promise<Response>;
  /** Ends event streams and finishes the writes under way. The storage stays open: who made it closes it. */
  close(): Promise<void>;
}

// Fixed paths come before those with a repo's name in their place.
const LIVE_ROUTES: readonly Routes[] = [eventRoutes, liveRoutes, objectRoutes];
const REST_ROUTES: readonly Routes[] = [identityRoutes, apiKeyRoutes, unsupportedRoutes, repoRoutes, contentRoutes, bookmarkRoutes, changeRoutes, diffRoutes];

const CORS = {
  origin: '*',
  allowMethods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'OPTIONS'],
  allowHeaders: ['Authorization', 'Content-Type', 'Accept', 'Last-Event-ID', 'X-Mesa-User-Agent'],
  exposeHeaders: ['Retry-After', 'ETag'],
  maxAge: 86_400,
};

/**
 * Makes the backend: a function from request to response that runs wherever fetch does.
 *
 * @example
 * ```ts
 * import { loadCore } from 'mesafs-web/core';
 * import { createHandler } from 'mesafs-web/server';
 * import { memoryStorage } from 'mesafs-web/server/memory';
 * const handler = await createHandler({ core: await loadCore(), storage: memoryStorage('epoch') });
 * Deno.serve(handler);
 * ```
 *
 * @throws TypeError for an option that there is not, or without `core` or `storage`
 */
export async function createHandler(options: HandlerOptions): Promise<Handler> {
  checkOptions(options);
  const { storage, env = systemEnv(), gather = () => Promise.resolve() } = options;
  const core = checkedCore(options.core, await checkedSha1(options.checked));
  const epoch = await storage.epoch();
  const hub = new Hub(storage, epoch);
  const { clock, random } = env;
  const publish = hub.publish.bind(hub);
  const backend: Backend = {
    core,
    storage,
    env,
    epoch,
    authenticator: new Authenticator(storage, clock),
    authorities: new Authorities({ core, storage, clock, random: (bytes) => random(bytes), epoch, publish, gather }),
    hub,
    streams: new EventStreams(hub, clock, { ...STREAM_LIMITS, ...options.streams }),
    strictBookmarkMoves: options.strictBookmarkMoves ?? false,
  };
  const router = makeRouter(backend, options);
  const handler = async (request: Request): Promise<Response> => {
    if (request.method !== 'HEAD') return router.fetch(request);
    const response = await router.fetch(new Request(request, { method: 'GET' }));
    // A body that nobody reads would hold what it is made of: a stream of events its place in the rooms.
    await response.body?.cancel();
    return new Response(null, response);
  };
  const close = async (): Promise<void> => {
    backend.streams.close();
    await backend.authorities.close();
  };
  return Object.assign(handler, { close });
}

async function checkedSha1(given: HandlerOptions['checked']): Promise<CheckedSha1> {
  if (typeof given === 'function') return given as CheckedSha1;
  const { loadChecked } = await import('../core/checked.ts');
  return loadChecked(given);
}

function makeRouter(backend: Backend, { log, live = true }: HandlerOptions): Hono<RouterEnv> {
  const router = new Hono<RouterEnv>().basePath('/v1');
  router.use(cors(CORS));
  router.use(async (context, next) => {
    context.set('principal', await backend.authenticator.authenticate(context.req.raw));
    await next();
  });
  if (live) for (const routes of LIVE_ROUTES) routes(router, backend);
  for (const routes of REST_ROUTES) routes(router, backend);
  router.notFound((context) => {
    const { error } = new ApiError('NOT_FOUND', `There is nothing at ${context.req.method} ${context.req.path}.`).toBody();
    return context.json({ error }, 404);
  });
  router.onError((thrown, context) => {
    const error = tooDeep(thrown) ?? thrown;
    const tell = (): string => {
      const traceId = newId('trace', (bytes) => backend.env.random(bytes));
      log?.({ traceId, method: context.req.method, path: context.req.path, error });
      return traceId;
    };
    if (error instanceof ApiError && error.status !== 500) {
      if (error.status === 503) context.header('Retry-After', '1');
      // Whoever runs a server that cannot do its work has to hear of it, too.
      if (error.status === 503 && error.cause !== undefined) tell();
      return context.json(error.toBody(), error.status as ContentfulStatusCode);
    }
    const trapped = error instanceof CoreTrapError;
    const what = trapped ? 'The server ran short of memory' : 'Something went wrong in the server';
    const then = trapped ? 'Try again in a moment, with less at once should it stay so.' : 'Report the trace id should it stay so.';
    if (trapped) context.header('Retry-After', '1');
    const code = trapped ? 'UNAVAILABLE' : 'INTERNAL_ERROR';
    return context.json({ error: { code, message: `${what}; nothing was changed by this request. ${then}`, trace_id: tell() } }, trapped ? 503 : 500);
  });
  return router;
}

/** A directory may be moved to where what is in it is too deep to be read as a whole: that is no fault of the server's. */
function tooDeep(error: Error): ApiError | null {
  if (error.name !== 'CoreError' || !('code' in error) || error.code !== 'TOO_DEEP') return null;
  const message = 'Directories are nested too deep here to be read as a whole (1,000 levels); read it path by path, and move or remove what is that deep.';
  return new ApiError('INVALID_PATH', message, undefined, error);
}
