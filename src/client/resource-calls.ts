import type * as Rest from '@mesadev/rest';
import { InvalidOptionsError } from './errors.ts';
import type { ResourceContext, ResourceName, Resources } from './resources.ts';

type Values = Record<string, unknown>;

/** The request that a call makes: which arguments are parts of its path, and which of its query; the others are its body. */
interface Route {
  operation: keyof typeof Rest;
  path: string[];
  query: string[];
  /** Arguments that have no place in the path are sent as JSON. */
  hasBody: boolean;
}

const PAGE = ['cursor', 'limit'];
const REPO = ['repo'];

const ROUTES: { [R in ResourceName]: { [M in keyof Resources[R]]: Route } } = {
  org: { get: asks('getOrg', []) },
  apiKeys: {
    list: asks('listApiKeys', [], [...PAGE, 'query', 'status', 'scope', 'repo_id']),
    create: sends('createApiKey', []),
    revoke: asks('revokeApiKey', ['id']),
  },
  repos: {
    list: asks('listRepos', [], [...PAGE, 'tags']),
    create: sends('createRepo', []),
    get: asks('getRepo', REPO),
    update: sends('updateRepo', REPO),
    delete: asks('deleteRepo', REPO),
    syncUpstream: sends('syncUpstream', REPO),
    getUpstreamSync: asks('getRepoUpstreamSync', ['repo', 'syncId']),
    listUpstreamSyncs: asks('listRepoUpstreamSyncs', REPO, PAGE),
  },
  content: { get: asks('getContent', REPO, ['path', 'change_id', 'depth', 'metadata']) },
  bookmarks: {
    list: asks('listBookmarks', REPO, [...PAGE, 'glob']),
    get: asks('getBookmark', ['repo', 'bookmark']),
    create: sends('createBookmark', REPO),
    delete: asks('deleteBookmark', ['repo', 'bookmark']),
    move: sends('moveBookmark', ['repo', 'bookmark']),
    merge: sends('mergeBookmark', REPO),
  },
  changes: {
    list: asks('listChanges', REPO, [...PAGE, 'bookmark']),
    get: asks('getChange', ['repo', 'change_id']),
    create: sends('createChange', REPO),
    patch: sends('updateChange', ['repo', 'change_id']),
  },
  diffs: { get: asks('getDiff', REPO, ['base_change_id', 'head_change_id', 'conflicts']) },
  webhookTargets: {
    list: asks('listWebhookTargets', [], PAGE),
    create: sends('createWebhookTarget', []),
    update: sends('updateWebhookTarget', ['webhookTargetId']),
    delete: asks('deleteWebhookTarget', ['webhookTargetId']),
  },
};

/**
 * Makes the request of a call such as `repos.get`.
 *
 * @throws InvalidOptionsError for a name there is not, or one that the path takes and is not given; MesaApiError for what the API refuses
 */
export async function callResource(
  { api, resolveOrg, checkNames }: ResourceContext,
  resource: ResourceName,
  method: string,
  args: object | undefined,
): Promise<unknown> {
  const routes: Record<string, Route> = ROUTES[resource];
  const { operation, path, query, hasBody } = routes[method] as Route;
  const call = `${resource}.${method}`;
  // What a body may hold the API knows best.
  if (!hasBody) checkNames<Values>(call, args as Values | undefined, [...path, ...query, 'org']);
  const { org, ...given } = (args ?? {}) as Values & { org?: string };
  const missing = path.find((name) => typeof given[name] !== 'string' || given[name] === '');
  if (missing !== undefined)
    throw new InvalidOptionsError(`${call} takes { ${path.join(', ')} }, and ${missing} is a text that is not empty, not ${JSON.stringify(given[missing])}`);
  const slug = await resolveOrg(org);
  const pick = (isWanted: (name: string) => boolean): Values =>
    Object.fromEntries(Object.entries(given).filter(([name, value]) => isWanted(name) && value !== undefined));
  const body = pick((name) => !path.includes(name) && !query.includes(name));
  return api.run((rest, options) => {
    const send = rest[operation] as (request: unknown) => Promise<{ data?: unknown; error?: unknown; response?: Response }>;
    const request = { path: { org: slug, ...pick((name) => path.includes(name)) }, query: pick((name) => query.includes(name)) };
    return send({ ...options, ...request, ...(hasBody ? { body } : {}) });
  });
}

/** A call that sends no body. */
function asks(operation: Route['operation'], path: string[], query: string[] = []): Route {
  return { operation, path, query, hasBody: false };
}

function sends(operation: Route['operation'], path: string[]): Route {
  return { operation, path, query: [], hasBody: true };
}
