/** What Mesa's published REST API takes: paths, query parameters, and the fields of bodies. */
interface Endpoint {
  method: string;
  path: RegExp;
  query?: readonly string[];
  body?: Shape;
}

/** The fields a body may have; `true` for a value, a shape for an object, a list of one shape for a list of objects. */
interface Shape {
  [field: string]: true | Shape | [Shape];
}

const PAGE = ['cursor', 'limit'];
const REPO = '/[^/]+/[^/]+';
const PERSON: Shape = { name: true, email: true, date: true };
const FILES: [Shape] = [{ path: true, content: true, encoding: true, action: true, mode: true }];
const RESOLUTIONS: [Shape] = [{ path: true, content: true, encoding: true, take: true, hunks: [{ hunk_id: true, content: true, take: true, encoding: true }] }];
const CHANGE: Shape = { message: true, author: PERSON, committer: PERSON, files: FILES };

const ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: /^\/whoami$/ },
  { method: 'POST', path: /^\/[^/]+\/repos$/, body: { name: true, default_bookmark: true, tags: true, upstream: true } },
  { method: 'GET', path: new RegExp(`^${REPO}$`) },
  { method: 'GET', path: new RegExp(`^${REPO}/content$`), query: ['change_id', 'path', 'depth', 'metadata'] },
  { method: 'GET', path: new RegExp(`^${REPO}/bookmarks$`), query: [...PAGE, 'glob'] },
  { method: 'POST', path: new RegExp(`^${REPO}/bookmarks$`), body: { name: true, change_id: true } },
  { method: 'GET', path: new RegExp(`^${REPO}/bookmarks/[^/]+$`) },
  { method: 'PATCH', path: new RegExp(`^${REPO}/bookmarks/[^/]+$`), body: { change_id: true, allow_backwards: true } },
  { method: 'GET', path: new RegExp(`^${REPO}/changes$`), query: [...PAGE, 'bookmark'] },
  { method: 'POST', path: new RegExp(`^${REPO}/changes$`), body: { ...CHANGE, base_change_id: true } },
  { method: 'GET', path: new RegExp(`^${REPO}/changes/[k-z]{32}$`) },
  { method: 'PATCH', path: new RegExp(`^${REPO}/changes/[k-z]{32}$`), body: { ...CHANGE, base_commit_oid: true, resolutions: RESOLUTIONS } },
];

/** How a client finds out that there are no live endpoints: they answer 404. */
const PROBES = /^\/[^/]+\/[^/]+\/-\/(open|capabilities)$/;

/** Says what of a request the published API does not have; `null` when it has all of it. */
export async function undocumented(request: Request): Promise<string | null> {
  const url = new URL(request.url);
  const path = url.pathname.replace(/^\/v1/, '');
  if (PROBES.test(path)) return null;
  const endpoint = ENDPOINTS.find((one) => one.method === request.method && one.path.test(path));
  const name = `${request.method} ${path}`;
  if (endpoint === undefined) return `${name} is not in the published API`;
  const parameter = [...url.searchParams.keys()].find((key) => !(endpoint.query ?? []).includes(key));
  if (parameter !== undefined) return `${name} takes no parameter "${parameter}"`;
  if (request.method === 'GET') return null;
  const field = unknownField(await request.clone().json(), endpoint.body ?? {});
  return field === null ? null : `${name} takes no field "${field}"`;
}

function unknownField(value: unknown, shape: Shape): string | null {
  for (const [name, part] of Object.entries(value as Record<string, unknown>)) {
    const inner = shape[name];
    if (inner === undefined) return name;
    if (inner === true || part === undefined) continue;
    const values = Array.isArray(inner) ? (part as unknown[]) : [part];
    const found = values.map((one) => unknownField(one, Array.isArray(inner) ? inner[0] : inner)).find((field) => field !== null);
    if (found !== undefined) return `${name}.${found ?? ''}`;
  }
  return null;
}
