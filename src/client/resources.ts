import type * as Rest from '@mesadev/rest';
import type { AccessToken, TokenRequest } from './access-token.ts';
import type { Api } from './api.ts';

/** Takes the org of a call, or the client's own. */
type OrgOption = { org?: string };
/** The parts of an operation's request, laid out flat: path, query and body side by side, as the wire names them. */
type Flat<D> = Part<D, 'path', 'org'> & Part<D, 'query'> & Part<D, 'body'> & OrgOption;
type Part<D, K extends string, Left extends string = never> = D extends { [P in K]?: infer V }
  ? NonNullable<V> extends never
    ? unknown
    : Omit<NonNullable<V>, Left>
  : unknown;
/** One call of a resource. */
type Call<D, R> = (args: Flat<D>) => Promise<R>;
type OptionalCall<D, R> = (args?: Flat<D>) => Promise<R>;

/** What resources are made of. */
export interface ResourceContext {
  api: Api;
  resolveOrg: (org?: string) => Promise<string>;
  sign: (request: TokenRequest) => Promise<AccessToken>;
}

type Values = Record<string, unknown>;

/** Sorts flat arguments into an operation's path, query and body. */
class Caller {
  readonly #context: ResourceContext;

  constructor(context: ResourceContext) {
    this.#context = context;
  }

  async call<R>(name: keyof typeof Rest, args: object | undefined, path: string[], query: string[] = []): Promise<R> {
    const { org, ...given } = (args ?? {}) as Values & OrgOption;
    const pick = (names: string[]): Values => Object.fromEntries(Object.entries(given).filter(([key, value]) => names.includes(key) && value !== undefined));
    const body = Object.fromEntries(Object.entries(given).filter(([key, value]) => !path.includes(key) && !query.includes(key) && value !== undefined));
    const slug = await this.#context.resolveOrg(org);
    return this.#context.api.run<R>((rest, options) => {
      const operation = rest[name] as (request: unknown) => Promise<{ data?: R; error?: unknown; response?: Response }>;
      const content = WITHOUT_BODY.test(name) ? {} : { body };
      return operation({ ...options, path: { org: slug, ...pick(path) }, query: pick(query), ...content });
    });
  }
}

/** Operations that send no body. */
const WITHOUT_BODY = /^(get|list|delete|revoke)/;

/** The REST API's resources. Arguments are named as on the wire; every call takes an `org` of its own. Results are the API's JSON. */
export interface Resources {
  org: { get: OptionalCall<Rest.GetOrgData, Rest.GetOrgResponse> };
  tokens: {
    /** Signs an access token with the client's key; nothing is sent but, once, `GET /whoami`. */
    create: (request?: TokenRequest) => Promise<AccessToken>;
  };
  apiKeys: {
    list: OptionalCall<Rest.ListApiKeysData, Rest.ListApiKeysResponse>;
    create: Call<Rest.CreateApiKeyData, Rest.CreateApiKeyResponse>;
    revoke: Call<Rest.RevokeApiKeyData, Rest.RevokeApiKeyResponse>;
  };
  repos: {
    list: OptionalCall<Rest.ListReposData, Rest.ListReposResponse>;
    create: Call<Rest.CreateRepoData, Rest.CreateRepoResponse>;
    get: Call<Rest.GetRepoData, Rest.GetRepoResponse>;
    update: Call<Rest.UpdateRepoData, Rest.UpdateRepoResponse>;
    delete: Call<Rest.DeleteRepoData, Rest.DeleteRepoResponse>;
    syncUpstream: Call<Rest.SyncUpstreamData, Rest.SyncUpstreamResponse>;
    getUpstreamSync: Call<Rest.GetRepoUpstreamSyncData, Rest.GetRepoUpstreamSyncResponse>;
    listUpstreamSyncs: Call<Rest.ListRepoUpstreamSyncsData, Rest.ListRepoUpstreamSyncsResponse>;
  };
  content: { get: Call<Rest.GetContentData, Rest.GetContentResponse> };
  bookmarks: {
    list: Call<Rest.ListBookmarksData, Rest.ListBookmarksResponse>;
    get: Call<Rest.GetBookmarkData, Rest.GetBookmarkResponse>;
    create: Call<Rest.CreateBookmarkData, Rest.CreateBookmarkResponse>;
    delete: Call<Rest.DeleteBookmarkData, Rest.DeleteBookmarkResponse>;
    move: (args: Flat<Rest.MoveBookmarkData> & { allow_backwards?: boolean }) => Promise<Rest.MoveBookmarkResponse>;
    merge: Call<Rest.MergeBookmarkData, Rest.MergeBookmarkResponse>;
  };
  changes: {
    list: Call<Rest.ListChangesData, Rest.ListChangesResponse>;
    get: Call<Rest.GetChangeData, Rest.GetChangeResponse>;
    create: Call<Rest.CreateChangeData, Rest.CreateChangeResponse>;
    patch: Call<Rest.UpdateChangeData, Rest.UpdateChangeResponse>;
  };
  diffs: { get: Call<Rest.GetDiffData, Rest.GetDiffResponse> };
  webhookTargets: {
    list: OptionalCall<Rest.ListWebhookTargetsData, Rest.ListWebhookTargetsResponse>;
    create: Call<Rest.CreateWebhookTargetData, Rest.CreateWebhookTargetResponse>;
    update: Call<Rest.UpdateWebhookTargetData, Rest.UpdateWebhookTargetResponse>;
    delete: Call<Rest.DeleteWebhookTargetData, Rest.DeleteWebhookTargetResponse>;
  };
}

const PAGE = ['cursor', 'limit'];
const REPO = ['repo'];

/** Makes the resources of a client. */
export function makeResources(context: ResourceContext): Resources {
  const caller = new Caller(context);
  return {
    org: { get: (args) => caller.call('getOrg', args, []) },
    tokens: { create: (request) => context.sign(request ?? {}) },
    apiKeys: {
      // The official client sends no query here either.
      list: (args) => caller.call('listApiKeys', args === undefined ? {} : { org: args.org }, []),
      create: (args) => caller.call('createApiKey', args, []),
      revoke: (args) => caller.call('revokeApiKey', args, ['id']),
    },
    repos: {
      list: (args) => caller.call('listRepos', args, [], [...PAGE, 'tags']),
      create: (args) => caller.call('createRepo', args, []),
      get: (args) => caller.call('getRepo', args, REPO),
      update: (args) => caller.call('updateRepo', args, REPO),
      delete: (args) => caller.call('deleteRepo', args, REPO),
      syncUpstream: (args) => caller.call('syncUpstream', args, REPO),
      getUpstreamSync: (args) => caller.call('getRepoUpstreamSync', args, ['repo', 'syncId']),
      listUpstreamSyncs: (args) => caller.call('listRepoUpstreamSyncs', args, REPO, PAGE),
    },
    content: { get: (args) => caller.call('getContent', args, REPO, ['path', 'change_id', 'depth', 'metadata']) },
    bookmarks: {
      list: (args) => caller.call('listBookmarks', args, REPO, [...PAGE, 'glob']),
      get: (args) => caller.call('getBookmark', args, ['repo', 'bookmark']),
      create: (args) => caller.call('createBookmark', args, REPO),
      delete: (args) => caller.call('deleteBookmark', args, ['repo', 'bookmark']),
      move: (args) => caller.call('moveBookmark', args, ['repo', 'bookmark']),
      merge: (args) => caller.call('mergeBookmark', args, REPO),
    },
    changes: {
      list: (args) => caller.call('listChanges', args, REPO, [...PAGE, 'bookmark']),
      get: (args) => caller.call('getChange', args, ['repo', 'change_id']),
      create: (args) => caller.call('createChange', args, REPO),
      patch: (args) => caller.call('updateChange', args, ['repo', 'change_id']),
    },
    diffs: { get: (args) => caller.call('getDiff', args, REPO, ['base_change_id', 'head_change_id', 'conflicts']) },
    webhookTargets: {
      list: (args) => caller.call('listWebhookTargets', args, []),
      create: (args) => caller.call('createWebhookTarget', args, []),
      update: (args) => caller.call('updateWebhookTarget', args, ['webhookTargetId']),
      delete: (args) => caller.call('deleteWebhookTarget', args, ['webhookTargetId']),
    },
  };
}
