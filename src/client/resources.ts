import type * as Rest from '@mesadev/rest';
import type { AccessToken, TokenRequest } from './access-token.ts';
import type { Api } from './api.ts';
import type { checkNames } from './option-names.ts';

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
  /** The page has it already: a chunk that both load would be one more request. */
  checkNames: typeof checkNames;
}

/**
 * The REST API's resources. Arguments are named as on the wire; every call takes an `org` of its own. Results are the API's JSON.
 *
 * @throws InvalidOptionsError for a name there is not, or one that the address takes and is not given; MesaApiError for what the API refuses
 */
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

/** Resources of which every call is a request. */
export type ResourceName = Exclude<keyof Resources, 'tokens'>;

/** What can be called, by resource. What each sends is loaded when one is: many pages only mount. */
const CALLS: { [R in ResourceName]: (keyof Resources[R])[] } = {
  org: ['get'],
  apiKeys: ['list', 'create', 'revoke'],
  repos: ['list', 'create', 'get', 'update', 'delete', 'syncUpstream', 'getUpstreamSync', 'listUpstreamSyncs'],
  content: ['get'],
  bookmarks: ['list', 'get', 'create', 'delete', 'move', 'merge'],
  changes: ['list', 'get', 'create', 'patch'],
  diffs: ['get'],
  webhookTargets: ['list', 'create', 'update', 'delete'],
};

/** Makes the resources of a client. */
export function makeResources(context: ResourceContext): Resources {
  const call =
    (resource: ResourceName, method: string) =>
    async (args?: object): Promise<unknown> =>
      (await import('./resource-calls.ts')).callResource(context, resource, method, args);
  const made = Object.entries(CALLS).map(([resource, methods]) => [
    resource,
    Object.fromEntries(methods.map((method) => [method, call(resource as ResourceName, method)])),
  ]);
  return { ...(Object.fromEntries(made) as Omit<Resources, 'tokens'>), tokens: { create: (request) => context.sign(request ?? {}) } };
}
