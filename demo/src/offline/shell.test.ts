import { beforeEach, expect, test } from 'vitest';
import { patience, Shell, type ShellHost, type ShellManifest } from './shell.ts';

const scope = 'http://127.0.0.1:4000/ide/';
const page = `${scope}index.html`;

/** Caches as a browser has them, with the server behind them. */
class FakeCaches {
  readonly stores: Map<string, Map<string, string>> = new Map();
  /** What the server has; `null` when it can't be reached. */
  served: Map<string, string> | null = new Map();

  async open(name: string): Promise<Cache> {
    const store = this.stores.get(name) ?? new Map<string, string>();
    this.stores.set(name, store);
    const match = async (url: string): Promise<Response | undefined> => (store.has(url) ? new Response(store.get(url)) : undefined);
    const put = async (url: string, response: Response): Promise<void> => void store.set(url, await response.text());
    const addAll = async (urls: string[]): Promise<void> => {
      const all = await Promise.all(urls.map((url) => this.fetch(url)));
      if (all.some(({ ok }) => !ok)) throw new TypeError('a file is missing');
      for (const [index, url] of urls.entries()) await put(url, all[index] ?? Response.error());
    };
    return { match, put, addAll } as unknown as Cache;
  }

  async keys(): Promise<string[]> {
    return [...this.stores.keys()];
  }

  async delete(name: string): Promise<boolean> {
    return this.stores.delete(name);
  }

  readonly fetch = async (request: Request | string): Promise<Response> => {
    if (this.served === null) throw new TypeError('Failed to fetch');
    const text = this.served.get(typeof request === 'string' ? request : request.url);
    return text === undefined ? new Response('none', { status: 404 }) : new Response(text);
  };
}

let browser: FakeCaches;
const never = (): Promise<void> => new Promise(() => undefined);

beforeEach(() => {
  browser = new FakeCaches();
});

/** A build is on the server, and its service worker begins. */
function build(name: string, host: Partial<ShellHost> = {}): Shell {
  const manifest: ShellManifest = { build: name, files: [`assets/app-${name}.js`, 'icon.svg'], page: 'sha256-x' };
  browser.served = new Map([
    [page, `page ${name}`],
    [scope, `page ${name}`],
    [`${scope}assets/app-${name}.js`, `app ${name}`],
    [`${scope}icon.svg`, 'icon'],
  ]);
  return new Shell({ caches: browser, fetch: browser.fetch, scope, manifest, sleep: never, ...host });
}

const open = async (shell: Shell): Promise<string> => (await shell.page(new Request(scope))).text();
const part = async (shell: Shell, path: string): Promise<string> => (await shell.part(new Request(scope + path))).text();

test('once installed, the page and its parts come without a network', async () => {
  const shell = build('one');
  await shell.install();
  browser.served = null;
  expect(await open(shell)).toBe('page one');
  expect(await part(shell, 'assets/app-one.js')).toBe('app one');
});

test('nothing but the page and its parts is its business', () => {
  const shell = build('one');
  const kind = (path: string, mode: RequestMode = 'cors', method = 'GET') => shell.kindOf({ method, mode, url: new URL(path, scope).href });
  expect(kind('', 'navigate')).toBe('page');
  expect(kind('?file=src/a.ts#name=Ada', 'navigate')).toBe('page');
  expect(kind('')).toBeNull();
  expect(kind('assets/other.js')).toBe('part');
  expect(kind('icon.svg')).toBe('part');
  for (const path of ['demo/session', '/v1/acme/app/-/ops', '/ide/v1/whoami', 'sw.js', 'http://elsewhere/ide/icon.svg']) {
    expect(kind(path), path).toBeNull();
    expect(kind(path, 'navigate'), path).toBeNull();
  }
  expect(kind('icon.svg', 'cors', 'POST')).toBeNull();
});

test('a new build is taken in at the next load, and each page gets the parts of its own', async () => {
  const old = build('one');
  await old.install();
  const next = build('two');
  expect(await open(old), 'before the new worker is there').toBe('page two');
  await next.install();
  // The server has nothing of the first any more; a window of it is still open.
  expect(await part(old, 'assets/app-one.js')).toBe('app one');
  expect(await part(old, 'assets/app-two.js')).toBe('app two');
  browser.served = null;
  expect(await open(old)).toBe('page two');
  await next.activate();
  expect([...browser.stores.keys()]).toEqual(['mesafs-shell-two']);
});

test('a build that doesn’t come whole is not taken in, and leaves the one before', async () => {
  const old = build('one');
  await old.install();
  const next = build('two');
  browser.served?.delete(`${scope}icon.svg`);
  await expect(next.install()).rejects.toThrow();
  browser.served = null;
  expect(await open(old)).toBe('page one');
});

test('a cache of another part of the site stays', async () => {
  await browser.open('something-else');
  const shell = build('one');
  await shell.install();
  await shell.activate();
  expect([...browser.stores.keys()]).toContain('something-else');
});

test('a server that fails, or takes its time, doesn’t keep the page', async () => {
  const waits: number[] = [];
  let ring: () => void = () => undefined;
  const sleep = (ms: number): Promise<void> => {
    waits.push(ms);
    return new Promise((resolve) => (ring = resolve));
  };
  let answer: (response: Response) => void = () => undefined;
  let slow = false;
  const fetch: ShellHost['fetch'] = (request) => (slow ? new Promise((resolve) => (answer = resolve)) : browser.fetch(request as Request));
  const shell = build('one', { sleep, fetch });
  await shell.install();
  browser.served?.delete(scope);
  expect(await open(shell), 'a 404').toBe('page one');
  slow = true;
  const opening = open(shell);
  ring();
  expect(await opening).toBe('page one');
  answer(new Response('late'));
  expect(waits.at(-1)).toBe(patience);
});

test('without a kept page a slow network is waited for', async () => {
  const shell = build('one', { sleep: () => Promise.resolve() });
  expect(await open(shell)).toBe('page one');
});
