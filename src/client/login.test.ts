import { expect, test } from 'vitest';
import { MesaApiError } from '../rpc/api-error.ts';
import type { EngineContract, MountPorts } from '../rpc/contract.ts';
import type { MountSpec, RepoName } from '../rpc/types.ts';
import { ManualClock } from '../server/test-support.ts';
import { MissingCredentialError } from './errors.ts';
import { MesaClient } from './mesa.ts';
import type { MesaOptions } from './mesa.ts';
import type { Platform } from './platform.ts';

const TOKEN_OF = (iss: string, sub?: string): string => `x.${btoa(JSON.stringify({ iss, sub })).replaceAll('=', '')}.y`;
const offline = (): never => {
  throw new TypeError('fetch failed');
};
const silent = (): Promise<never> => new Promise(() => undefined);

/** A browser that outlives its pages: what they remember, what they mounted and forgot. */
class Site {
  readonly values = new Map<string, unknown>();
  readonly clock = new ManualClock(0);
  readonly mounted: { spec: MountSpec; ports: MountPorts }[] = [];
  readonly forgotten: RepoName[] = [];
  answer: () => Response | Promise<Response> = () => Response.json({ org: { id: 'org_1', slug: 'acme', name: 'Acme' }, key_id: 'key_1', scopes: ['write'] });

  /** A page as it is loaded. */
  page(options: MesaOptions): MesaClient {
    const engine: EngineContract = {
      openMount: async (spec, ports) => this.mounted.push({ spec, ports }),
      forget: async (repo) => void this.forgotten.push(repo),
      resume: async () => undefined,
      closeMount: async () => ({ pending: 0 }),
      call: () => Promise.reject(new Error('unused')),
      cancel: async () => undefined,
      status: async () => ({ state: 'live', online: true, pending: 0, pendingBytes: 0, lastAcceptedSeq: 0, storage: 'memory' }),
    };
    const platform: Platform = {
      variables: {},
      userAgentHeader: 'X-Mesa-User-Agent',
      fetch: async () => this.answer(),
      clock: this.clock,
      engine: () => engine,
      bash: () => Promise.reject(new Error('unused')),
      memory: { get: async (key) => structuredClone(this.values.get(key)), set: async (key, value) => void this.values.set(key, structuredClone(value)) },
    };
    return new MesaClient({ apiUrl: 'http://test/v1', ...options }, platform);
  }

  /** Mounts in a new page; answers whose work it opened, and where. */
  async open(options: MesaOptions): Promise<string> {
    const mounting = this.page(options).fs.mount({ repos: ['app'] });
    mounting.catch(() => undefined);
    // What nobody answers is given up after a while.
    for (let second = 0; second < 6; second += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      this.clock.advance(1_000);
    }
    await mounting;
    const { org, principal } = this.mounted.at(-1)?.spec ?? {};
    return `${org}: ${principal}`;
  }

  get ports(): MountPorts {
    const last = this.mounted.at(-1);
    if (last === undefined) throw new Error('nothing is mounted');
    return last.ports;
  }
}

test('whose work it is is told by whom a token was issued to, else by the token', async () => {
  const site = new Site();
  expect(await site.open({ org: 'acme', accessToken: TOKEN_OF('key_1', 'me') })).toBe('acme: key_1/me');
  expect(await site.open({ org: 'acme', accessToken: TOKEN_OF('key_1') })).toBe('acme: key_1');
  expect(await site.open({ org: 'acme', accessToken: 'opaque' })).toBe('acme: opaque');
  expect(JSON.stringify([...site.values])).not.toContain('opaque');
});

test('the last login is that of the token that was asked for last, though another comes later', async () => {
  const site = new Site();
  const late = Promise.withResolvers<string>();
  let asked = 0;
  const page = site.page({ org: 'acme', accessToken: () => ((asked += 1) === 1 ? late.promise : TOKEN_OF('key_1', 'now')) });
  const first = page.repos.list().catch(() => undefined);
  await page.repos.list().catch(() => undefined);
  late.resolve(TOKEN_OF('key_1', 'before'));
  await first;
  expect(asked).toBe(2);
  expect(await site.open({ org: 'acme', accessToken: offline })).toBe('acme: key_1/now');
});

test('the token that says whose work it is is the mount’s first', async () => {
  const site = new Site();
  let asked = 0;
  await site.open({ org: 'acme', accessToken: () => `${TOKEN_OF('key_1', 'me')}${(asked += 1)}` });
  expect(await site.ports.credential('first')).toEqual({ token: `${TOKEN_OF('key_1', 'me')}1` });
  expect(await site.ports.credential('refresh')).toEqual({ token: `${TOKEN_OF('key_1', 'me')}2` });
});

test.each([
  { what: 'fails', network: offline },
  { what: 'does not answer', network: silent },
])('where the network $what, a client without an org opens what it knows from before', async ({ network }) => {
  const clients: [MesaOptions, string | RegExp][] = [
    [{ apiKey: 'k' }, /^acme: key-[0-9a-f]{32}$/],
    [{ accessToken: TOKEN_OF('key_1', 'me') }, 'acme: key_1/me'],
    [{ accessToken: 'opaque' }, 'acme: opaque'],
    [{ accessToken: () => TOKEN_OF('key_1', 'me'), principal: 'ada' }, 'acme: as ada'],
  ];
  for (const [options, wanted] of clients) {
    const site = new Site();
    await expect(site.open(options)).resolves.toMatch(wanted);
    site.answer = network;
    await expect(site.open(options)).resolves.toMatch(wanted);
  }
});

test.each([
  { what: 'fails', callback: offline },
  { what: 'does not answer', callback: silent },
])('where the page’s callback $what, the login that had the last token is opened', async ({ callback }) => {
  for (const org of [{}, { org: 'acme' }]) {
    const site = new Site();
    expect(await site.open({ ...org, accessToken: async () => TOKEN_OF('key_1', 'me') })).toBe('acme: key_1/me');
    site.answer = offline;
    expect(await site.open({ ...org, accessToken: callback })).toBe('acme: key_1/me');
  }
});

test('a callback that fails where nothing is known says why', async () => {
  const site = new Site();
  await expect(site.open({ org: 'acme', accessToken: offline })).rejects.toThrow('fetch failed');
  await expect(site.open({ accessToken: offline })).rejects.toMatchObject({ code: 'ORG_RESOLUTION_FAILED' });
  expect(site.mounted).toEqual([]);
});

test('who is logged out is not taken for the one before: no token, and a refusal, are answers', async () => {
  const site = new Site();
  await site.open({ org: 'acme', accessToken: TOKEN_OF('key_1', 'ada') });
  await expect(site.open({ org: 'acme', accessToken: () => '' })).rejects.toThrow(MissingCredentialError);
  const refuse = (): never => {
    throw new MesaApiError('no', { status: 401, code: 'UNAUTHORIZED' });
  };
  await expect(site.open({ org: 'acme', accessToken: refuse })).rejects.toThrow(MesaApiError);
  expect(site.mounted).toHaveLength(1);
});

test('a login is never taken for the one that was remembered: not when it mounts, nor when its token comes late', async () => {
  const site = new Site();
  await site.open({ org: 'acme', accessToken: TOKEN_OF('key_1', 'ada') });
  expect(await site.open({ org: 'acme', accessToken: TOKEN_OF('key_1', 'bob') })).toBe('acme: key_1/bob');
  let who = '';
  const accessToken = (): string => (who === '' ? offline() : TOKEN_OF('key_1', who));
  expect(await site.open({ org: 'acme', accessToken })).toBe('acme: key_1/bob');
  await expect(async () => site.ports.credential('first')).rejects.toThrow('fetch failed');
  who = 'bob';
  expect(await site.ports.credential('first')).toEqual({ token: TOKEN_OF('key_1', 'bob') });
  who = 'ada';
  await expect(async () => site.ports.credential('refresh')).rejects.toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
  who = '';
  expect(await site.open({ org: 'acme', accessToken }), 'the last one is Ada now').toBe('acme: key_1/ada');
});

test('who logs in while a mount is open does not send the work of the one before, who goes on where they come back', async () => {
  const site = new Site();
  let who = 'ada';
  const accessToken = (): string => TOKEN_OF('key_1', who);
  await site.open({ org: 'acme', accessToken });
  expect(await site.ports.credential('first')).toEqual({ token: TOKEN_OF('key_1', 'ada') });
  who = 'bob';
  await expect(async () => site.ports.credential('refresh')).rejects.toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
  who = 'ada';
  expect(await site.ports.credential('refresh')).toEqual({ token: TOKEN_OF('key_1', 'ada') });
  await site.open({ org: 'acme', accessToken, principal: 'the editor' });
  who = 'bob';
  expect(await site.ports.credential('refresh'), 'a name that is given is the page’s own business').toEqual({ token: TOKEN_OF('key_1', 'bob') });
});

test('the org of another login is not taken for this one’s', async () => {
  const site = new Site();
  await site.open({ accessToken: TOKEN_OF('key_1', 'ada') });
  site.answer = offline;
  let who = '';
  const accessToken = (): string => (who === '' ? offline() : TOKEN_OF('key_2', who));
  const page = site.page({ accessToken });
  expect(await page.resolveOrg()).toBe('acme');
  who = 'bob';
  await expect(page.resolveOrg()).rejects.toMatchObject({ code: 'ORG_RESOLUTION_FAILED' });
  site.answer = () => Response.json({ org: { id: 'org_2', slug: 'bolt', name: 'Bolt' }, key_id: 'key_2', scopes: ['read'] });
  expect(await page.resolveOrg()).toBe('bolt');
});

test('a principal that is given keeps users apart whose tokens are one key’s, and needs none', async () => {
  const site = new Site();
  const accessToken = TOKEN_OF('key_1');
  expect(await site.open({ org: 'acme', accessToken, principal: 'ada' })).toBe('acme: as ada');
  expect(await site.open({ org: 'acme', accessToken: silent, principal: 'bob' })).toBe('acme: as bob');
  expect(await site.open({ org: 'acme', apiKey: 'k', principal: 'bob' })).toBe('acme: as bob');
  await expect(site.open({ org: 'acme', accessToken: offline }), 'it is not remembered for others').rejects.toThrow('fetch failed');
  await site.page({ org: 'acme', accessToken: offline, principal: 'ada' }).forget({ repo: 'app' });
  expect(site.forgotten).toEqual([{ apiUrl: 'http://test/v1', org: 'acme', repo: 'app', principal: 'as ada' }]);
});

test('what is kept can be removed without a token', async () => {
  const site = new Site();
  await site.open({ org: 'acme', accessToken: TOKEN_OF('key_1', 'ada') });
  await site.page({ org: 'acme', accessToken: offline }).forget({ repo: 'app' });
  expect(site.forgotten).toMatchObject([{ principal: 'key_1/ada', repo: 'app' }]);
});

test('a slow callback is waited for where nothing is known', async () => {
  const site = new Site();
  const { promise, resolve } = Promise.withResolvers<string>();
  const opening = site.open({ accessToken: () => promise });
  await new Promise((wake) => setTimeout(wake, 60));
  expect(site.mounted).toEqual([]);
  resolve(TOKEN_OF('key_1', 'me'));
  expect(await opening).toBe('acme: key_1/me');
});
