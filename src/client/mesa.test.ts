import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { ManualClock } from '../server/test-support.ts';
import { MesaApiError } from '../rpc/api-error.ts';
import type { EngineContract } from '../rpc/contract.ts';
import type { MountSpec } from '../rpc/types.ts';
import { InvalidApiUrlError, InvalidOptionsError, MissingCredentialError, OrgResolutionError } from './errors.ts';
import { MesaClient } from './mesa.ts';
import type { MesaOptions } from './mesa.ts';
import type { Platform } from './platform.ts';

interface Bench {
  make: (options?: MesaOptions) => MesaClient;
  requests: Request[];
  mounted: MountSpec[];
}

/** Clients on a platform where `answer` is the network. */
function bench(variables: Record<string, string> = {}, answer: (request: Request) => Response | Promise<Response> = whoami): Bench {
  const requests: Request[] = [];
  const mounted: MountSpec[] = [];
  const engine: EngineContract = {
    openMount: async (spec) => mounted.push(spec),
    forget: async () => undefined,
    resume: async () => undefined,
    closeMount: async () => ({ pending: 0 }),
    call: () => Promise.reject(new Error('unused')),
    cancel: async () => undefined,
    status: async () => ({ state: 'live', online: true, pending: 0, pendingBytes: 0, lastAcceptedSeq: 0, storage: 'memory' }),
  };
  const platform: Platform = {
    variables,
    userAgentHeader: 'X-Mesa-User-Agent',
    fetch: async (request) => {
      requests.push(request);
      return answer(request);
    },
    clock: new ManualClock(0),
    engine: () => engine,
    bash: () => Promise.reject(new Error('unused')),
  };
  return { make: (options = {}) => new MesaClient(options, platform), requests, mounted };
}

function whoami(): Response {
  return Response.json({ org: { id: 'org_1', slug: 'acme', name: 'Acme' }, key_id: 'key_1', key_name: null, scopes: ['write'] });
}

const called = ({ requests }: Bench): string[] => requests.map(({ method, url }) => `${method} ${url.replace('https://api.mesa.dev/v1', '')}`);

test('takes its key and address from options, else from the environment', () => {
  const { make } = bench({ MESA_API_KEY: ' mesa_env ', MESA_API_URL: 'http://localhost:1/v1/' });
  expect(make({ org: 'acme' })).toMatchObject({ apiKey: 'mesa_env', apiUrl: 'http://localhost:1/v1' });
  expect(make({ org: 'acme', apiKey: 'mesa_own', apiUrl: 'https://x.test/v1///' })).toMatchObject({ apiKey: 'mesa_own', apiUrl: 'https://x.test/v1' });
  expect(bench().make({ apiKey: 'k', org: 'acme' })).toMatchObject({ apiUrl: 'https://api.mesa.dev/v1', vcsUrl: 'https://vcs.mesa.dev' });
});

test('says what is wrong with its options', () => {
  const { make } = bench();
  expect(() => make()).toThrow(MissingCredentialError);
  expect(() => make({ apiKey: '  ' })).toThrow(MissingCredentialError);
  expect(() => make({ apiKey: 'k', accessToken: 't' })).toThrow(InvalidOptionsError);
  expect(() => make({ apiKey: 'Bearer k' })).toThrow(/pass the text after it/);
  expect(() => make({ apiKey: 'k', apiUrl: 'nowhere' })).toThrow(InvalidApiUrlError);
  expect(() => make({ apiKey: 'k', apiUrl: 'ftp://x' })).toThrow(/"ftp:\/\/x"/);
  expect(() => make({ apiKey: 'k', vcsUrl: 'x' })).toThrow(/vcsUrl/);
  try {
    make();
  } catch (error) {
    expect(error).toMatchObject({ code: 'MISSING_CREDENTIAL', name: 'MissingCredentialError' });
  }
});

test('takes null for what is not given, and names an option of another type, but not what it holds', async () => {
  const loose = (options: unknown): MesaClient => bench().make(options as MesaOptions);
  expect(() => loose(null)).toThrow(MissingCredentialError);
  expect(() => loose({ apiKey: null })).toThrow(MissingCredentialError);
  const nothing = { apiUrl: null, vcsUrl: null, org: null, principal: null, fetch: null, userAgent: null, engine: null };
  const mesa = loose({ apiKey: 'k', accessToken: null, ...nothing });
  expect(mesa).toMatchObject({ apiKey: 'k', apiUrl: 'https://api.mesa.dev/v1' });
  expect(await mesa.resolveOrg(null as never)).toBe('acme');
  await mesa.fs.mount({ repos: ['app'] });
  expect(loose({ apiKey: ' ', accessToken: 't' }).apiKey).toBeUndefined();
  expect(loose({ apiKey: null, accessToken: 't' }).apiKey).toBeUndefined();
  const wrong = [
    [{ apiKey: 5 }, 'apiKey is of type string, not number'],
    [{ apiKey: { key: 'secret' } }, 'apiKey is of type string, not object'],
    [{ accessToken: 5 }, 'accessToken is of type string or function, not number'],
    [{ apiKey: 'k', org: 5 }, 'org is of type string, not number'],
    [{ apiKey: 'k', apiUrl: new URL('https://x.test') }, 'apiUrl is of type string, not object'],
    [{ apiKey: 'k', fetch: 'f' }, 'fetch is of type function, not string'],
    [{ apiKey: 'k', userAgent: 5 }, 'userAgent is of type string, not number'],
    [{ apiKey: 'k', principal: 5 }, 'principal is of type string, not number'],
    [{ apiKey: 'k', principal: ' ' }, 'principal is blank'],
  ] as const;
  for (const [options, message] of wrong) {
    expect(() => loose(options), message).toThrow(InvalidOptionsError);
    expect(() => loose(options)).toThrow(message);
  }
  await expect(mesa.repos.get({ repo: 'app', org: 5 as never })).rejects.toThrow('org is of type string, not number');
});

test('names an option that there is not, and the nearest there is', async () => {
  const made = bench();
  const loose = (options: object): MesaClient => made.make({ apiKey: 'k', org: 'acme', ...options } as MesaOptions);
  expect(() => loose({ apiURL: 'https://x.test' })).toThrow(InvalidOptionsError);
  expect(() => loose({ apiURL: 'https://x.test' })).toThrow(/Mesa has no option "apiURL"; did you mean apiUrl\?/);
  expect(() => loose({ token: 't' })).toThrow(/did you mean accessToken\? There are apiKey, .*engine/);
  const mesa = loose({ vcsUrl: 'https://vcs.test', webhookSecret: 's', apiURL: undefined, later: null });
  const mount = (options: object): Promise<unknown> => mesa.fs.mount({ repos: ['app'], ...options } as Parameters<typeof mesa.fs.mount>[0]);
  const wrong = [
    [{ durabilty: 'remote' }, 'mount has no option "durabilty"; did you mean durability?'],
    [{ repos: [{ name: 'app', readonly: true }] }, 'a repo has no option "readonly"; did you mean readOnly?'],
    [{ cache: 'big' }, 'cache takes an object of options, such as { memoryBytes }, not a value of type string'],
    [{ cache: { disk: {} } }, 'cache has no option "disk"; did you mean diskCache?'],
    [{ cache: { diskCache: { name: 'files' } } }, 'cache.diskCache has no option "name"'],
    [{ telemetry: { loglevel: 'warn' } }, 'telemetry has no option "loglevel"; did you mean logLevel?'],
    [{ repos: 'app2' }, 'repos is a list of at least one repo, such as ["app"], not "app2"'],
    [{ repos: undefined }, 'repos is a list of at least one repo, such as ["app"], not undefined'],
    [{ mode: 'w' }, 'mode is "rw" or "ro", not "w"'],
  ] as const;
  for (const [options, message] of wrong) {
    await expect(mount(options), message).rejects.toThrow(InvalidOptionsError);
    await expect(mount(options)).rejects.toThrow(message);
  }
  expect(made.mounted).toEqual([]);
  await mount({ cache: { diskCache: false }, telemetry: undefined, durabilty: undefined });
  expect(made.mounted).toHaveLength(1);
});

test('does not give its key away to whoever prints or stores it', () => {
  const mesa = bench({ MESA_API_KEY: 'mesa_secret' }).make({ org: 'acme' });
  expect(mesa.apiKey).toBe('mesa_secret');
  expect(Object.keys(mesa)).not.toContain('apiKey');
  for (const text of [JSON.stringify(mesa), inspect(mesa, { depth: 9, showHidden: true })]) expect(text).not.toContain('secret');
});

test('names the address that cannot be reached', async () => {
  const { make } = bench({}, () => Promise.reject(new TypeError('fetch failed')));
  const mesa = make({ apiKey: 'k', apiUrl: 'http://127.0.0.1:4890/v1' });
  const why = 'http://127.0.0.1:4890/v1 cannot be reached (fetch failed); see that the address is right and a server runs there';
  await expect(mesa.whoami()).rejects.toThrow(`Unable to resolve caller identity from /whoami: ${why}`);
  await expect(make({ apiKey: 'k', org: 'acme' }).repos.list()).rejects.toThrow(/^https:\/\/api.mesa.dev\/v1 cannot be reached/);
});

test('finds out its org once, and only when it was not given one', async () => {
  const without = bench();
  const mesa = without.make({ apiKey: 'k' });
  expect(await Promise.all([mesa.resolveOrg(), mesa.resolveOrg(), mesa.resolveOrg('other')])).toEqual(['acme', 'acme', 'other']);
  expect(called(without)).toEqual(['GET /whoami']);
  const given = bench();
  expect(await given.make({ apiKey: 'k', org: 'acme' }).resolveOrg()).toBe('acme');
  expect(called(given)).toEqual([]);
});

test('wraps what kept it from finding out its org, and asks again the next time', async () => {
  let count = 0;
  const { make } = bench({}, () => ((count += 1) === 1 ? Response.json({ error: { code: 'UNAUTHORIZED', message: 'no' } }, { status: 401 }) : whoami()));
  const mesa = make({ apiKey: 'k' });
  const error: unknown = await mesa.resolveOrg().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(OrgResolutionError);
  expect(error).toMatchObject({ code: 'ORG_RESOLUTION_FAILED', cause: { code: 'UNAUTHORIZED', status: 401 } });
  expect(await mesa.resolveOrg()).toBe('acme');
});

test('names itself and sends its key', async () => {
  const made = bench();
  await made.make({ apiKey: 'k', userAgent: 'ide/2' }).whoami();
  const [request] = made.requests;
  expect(request?.headers.get('authorization')).toBe('Bearer k');
  expect(request?.headers.get('x-mesa-user-agent')).toMatch(/^mesafs-web\/\S+ ide\/2$/);
});

test('lays out arguments as the API takes them', async () => {
  const made = bench({}, () => Response.json({}));
  const mesa = made.make({ apiKey: 'k', org: 'acme' });
  await mesa.repos.list({ limit: 5, tags: 'env:prod' });
  await mesa.repos.get({ repo: 'app', org: 'other' });
  await mesa.bookmarks.get({ repo: 'app', bookmark: 'feature/x' });
  await mesa.bookmarks.move({ repo: 'app', bookmark: 'main', change_id: 'k'.repeat(32), allow_backwards: false });
  await mesa.bookmarks.merge({ repo: 'app', target: 'main', source: 'x', delete_source: true });
  await mesa.changes.patch({ repo: 'app', change_id: 'k'.repeat(32), message: 'm' });
  await mesa.content.get({ repo: 'app', path: 'a b/c', depth: 1 });
  await mesa.diffs.get({ repo: 'app', base_change_id: 'k'.repeat(32), head_change_id: 'l'.repeat(32) });
  await mesa.apiKeys.revoke({ id: 'key_2' });
  await mesa.webhookTargets.update({ webhookTargetId: 'wh_1', url: 'https://x.test' });
  await mesa.org.get();
  expect(called(made)).toEqual([
    'GET /acme/repos?limit=5&tags=env%3Aprod',
    'GET /other/app',
    'GET /acme/app/bookmarks/feature%2Fx',
    'PATCH /acme/app/bookmarks/main',
    'POST /acme/app/bookmarks/merge',
    `PATCH /acme/app/changes/${'k'.repeat(32)}`,
    'GET /acme/app/content?path=a%20b%2Fc&depth=1',
    `GET /acme/app/diff?base_change_id=${'k'.repeat(32)}&head_change_id=${'l'.repeat(32)}`,
    'DELETE /acme/api-keys/key_2',
    'PATCH /acme/webhook-targets/wh_1',
    'GET /acme',
  ]);
  const bodies = await Promise.all(made.requests.filter(({ method }) => method !== 'GET' && method !== 'DELETE').map((request) => request.json()));
  expect(bodies).toEqual([
    { change_id: 'k'.repeat(32), allow_backwards: false },
    { target: 'main', source: 'x', delete_source: true },
    { message: 'm' },
    { url: 'https://x.test' },
  ]);
});

test('names what a call lacks, and what it does not take, before anything is sent', async () => {
  const made = bench({}, () => Response.json({}));
  const mesa = made.make({ apiKey: 'k', org: 'acme' });
  const loose = mesa as unknown as Record<string, Record<string, (args?: unknown) => Promise<unknown>>>;
  const wrong: [string, string, unknown, string][] = [
    ['repos', 'get', undefined, 'repos.get takes { repo }, and repo is a text that is not empty, not undefined'],
    ['repos', 'delete', { repo: '' }, 'repos.delete takes { repo }, and repo is a text that is not empty, not ""'],
    ['bookmarks', 'get', { repo: 'app', name: 'main' }, 'bookmarks.get has no option "name"; did you mean'],
    ['bookmarks', 'move', { repo: 'app', change_id: 'k' }, 'bookmarks.move takes { repo, bookmark }, and bookmark is'],
    ['repos', 'list', { limt: 1 }, 'repos.list has no option "limt"; did you mean limit? There are cursor, limit, tags'],
    ['repos', 'list', 'app', 'repos.list takes an object of options'],
  ];
  for (const [resource, method, args, message] of wrong) {
    const call = loose[resource]?.[method]?.(args);
    await expect(call, message).rejects.toThrow(InvalidOptionsError);
    await expect(loose[resource]?.[method]?.(args)).rejects.toThrow(message);
  }
  await expect(mesa.forget(undefined as never)).rejects.toThrow('forget takes { repo }');
  expect(made.requests).toEqual([]);
  await mesa.apiKeys.list({ limit: 5, cursor: 'c', status: 'all' });
  await mesa.webhookTargets.list({ limit: 5 });
  expect(called(made)).toEqual(['GET /acme/api-keys?limit=5&cursor=c&status=all', 'GET /acme/webhook-targets?limit=5']);
});

test('takes options as an object, and repeats no key', () => {
  const { make } = bench();
  expect(() => make('mesa_secret' as never)).toThrow('Mesa takes an object of options, such as { apiKey }, not a value of type string');
  expect(() => make(['mesa_secret'] as never)).toThrow('of type array');
});

test('throws what the API refuses as its error, and what the network does as it is', async () => {
  const refused = bench({}, () => Response.json({ error: { code: 'REPO_NOT_FOUND', message: 'none' } }, { status: 404, headers: { 'Retry-After': '1' } }));
  const error = (await refused
    .make({ apiKey: 'k', org: 'acme' })
    .repos.get({ repo: 'x' })
    .catch((caught: unknown) => caught)) as MesaApiError;
  expect(error).toBeInstanceOf(MesaApiError);
  expect(error).toMatchObject({ status: 404, code: 'REPO_NOT_FOUND', message: 'REPO_NOT_FOUND: none' });
  expect(error.headers?.get('retry-after')).toBe('1');
  const broken = bench({}, () => Promise.reject(new TypeError('fetch failed')));
  await expect(broken.make({ apiKey: 'k', org: 'acme' }).repos.get({ repo: 'x' })).rejects.toThrow(TypeError);
});

test('asks whoever gives it tokens for each request', async () => {
  const made = bench({}, () => Response.json({}));
  let count = 0;
  const mesa = made.make({ org: 'acme', accessToken: async () => `token-${(count += 1)}` });
  await mesa.org.get();
  await mesa.org.get();
  expect(made.requests.map((request) => request.headers.get('authorization'))).toEqual(['Bearer token-1', 'Bearer token-2']);
  await expect(mesa.tokens.create()).rejects.toThrow(MissingCredentialError);
});

test('checks a mount’s options before anything is asked', async () => {
  const made = bench();
  const mesa = made.make({ apiKey: 'k', org: 'acme' });
  const wrong = [
    { repos: [] },
    { repos: ['acme/app'] },
    { repos: [{ name: 'app', bookmark: 'main', changeId: 'k'.repeat(32) }] },
    { repos: ['app'], ttl: 0 },
    { repos: ['app'], raceWindow: -1 },
    { repos: ['app'], mode: 'w' },
    { repos: ['app'], writes: 'sideways' },
    { repos: ['app', 'app'] },
    { repos: [{ name: 'app', path: 'relative' }] },
  ];
  for (const options of wrong)
    await expect(mesa.fs.mount(options as Parameters<typeof mesa.fs.mount>[0]), JSON.stringify(options)).rejects.toThrow(InvalidOptionsError);
  expect(made.mounted).toEqual([]);
});

test('mounts with what was asked for', async () => {
  const made = bench();
  await made.make({ apiKey: 'k', org: 'acme' }).fs.mount({
    repos: ['docs', { name: 'app', bookmark: 'main', path: '/w/../space/app/' }, { name: 'lib', changeId: 'k'.repeat(32), readOnly: true }],
    cache: { diskCache: { path: 'files', maxSizeBytes: 5 } },
    writes: 'fork',
  });
  expect(made.mounted).toEqual([
    {
      apiUrl: 'https://api.mesa.dev/v1',
      org: 'acme',
      principal: expect.stringMatching(/^key-[0-9a-f]{32}$/) as string,
      repos: [
        { name: 'docs', path: '/acme/docs', readOnly: false },
        { name: 'app', path: '/space/app', readOnly: false, bookmark: 'main' },
        { name: 'lib', path: '/acme/lib', readOnly: true, change: 'k'.repeat(32) },
      ],
      raceWindow: 1_000,
      writes: 'fork',
      cache: { disk: { name: 'files', maxBytes: 5 } },
      userAgent: { header: 'X-Mesa-User-Agent', value: expect.stringMatching(/^mesafs-web\//) as string },
    },
  ]);
});
