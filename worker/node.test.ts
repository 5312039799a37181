import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Server } from './node.ts';
import { serve } from './node.ts';
import { StartError } from './node/start-error.ts';

let folder: string;
let server: Server;
let headers: Record<string, string>;
const logged: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mesafs-node-'));
  const site = join(folder, 'site');
  mkdirSync(join(site, 'assets'), { recursive: true });
  writeFileSync(join(site, 'index.html'), '<title>IDE</title>');
  writeFileSync(join(site, 'assets/core.wasm'), 'wasm');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  logged.length = 0;
  server = await serve({ port: 0, dataDir: join(folder, 'data'), staticDir: site, log: (message) => logged.push(message) });
  headers = { Authorization: `Bearer ${server.adminKey ?? ''}` };
});

afterEach(async () => {
  await server.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
  expect(logged).toEqual([]);
});

const api = (method: string, path: string, body?: object): Promise<Response> =>
  fetch(`${server.url}/v1${path}`, {
    method,
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });

test('the first start makes an org and a key, which is shown once; data outlives the process', async () => {
  expect(server.adminKey).toMatch(/^mesa_/);
  expect((await api('POST', '/acme/repos', { name: 'app' })).status).toBe(201);
  await server.close();
  server = await serve({ port: 0, dataDir: join(folder, 'data') });
  expect(server.adminKey).toBeNull();
  expect(await (await api('GET', '/acme')).json()).toMatchObject({ num_repos: 1 });
});

test('a data directory is open in one server', async () => {
  await expect(serve({ port: 0, dataDir: join(folder, 'data') })).rejects.toThrow(/Another process has the data/);
});

test.skipIf(process.platform === 'win32')('what it makes is for its owner alone; the rights of what was there stay', async () => {
  const rights = (...path: string[]): string => (statSync(join(folder, ...path)).mode & 0o777).toString(8);
  expect((await api('POST', '/acme/repos', { name: 'app' })).status).toBe(201);
  const files = readdirSync(join(folder, 'data'));
  expect(files).toContain('mesafs.sqlite-wal');
  expect([rights('data'), ...files.map((name) => rights('data', name))]).toEqual(['700', ...files.map(() => '600')]);
  await server.close();
  chmodSync(join(folder, 'data'), 0o750);
  chmodSync(join(folder, 'data', 'mesafs.sqlite'), 0o640);
  server = await serve({ port: 0, dataDir: join(folder, 'data') });
  expect([rights('data'), rights('data', 'mesafs.sqlite')]).toEqual(['750', '640']);
});

test('a repo whose name is taken is refused by its name', async () => {
  await api('POST', '/acme/repos', { name: 'app' });
  const { error } = (await (await api('POST', '/acme/repos', { name: 'app' })).json()) as { error: { code: string; message: string } };
  expect(error).toMatchObject({ code: 'ALREADY_EXISTS', message: 'There already is a repo named "app"; choose another name.' });
});

test('takes any free port unless it is given one', async () => {
  const other = await serve({ dataDir: join(folder, 'other') });
  expect((await fetch(`${other.url}/v1/whoami`, { headers: { Authorization: `Bearer ${other.adminKey ?? ''}` } })).status).toBe(200);
  await other.close();
});

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));
test.runIf(hasIpv6)('on an IPv6 address has an address that can be asked', async () => {
  const other = await serve({ dataDir: join(folder, 'other'), host: '::1' });
  expect((await fetch(`${other.url}/v1/whoami`).catch((error: unknown) => ({ status: String(error) }))).status).toBe(401);
  await other.close();
});

test('as many rooms as a stream may have can be asked for, however long their names', async () => {
  await api('POST', '/acme/repos', { name: 'app' });
  const others = Array.from({ length: 99 }, (_, index) => `room=${'service-'.repeat(12)}${index}@${'feature-'.repeat(10)}`);
  expect((await api('GET', `/acme/-/events?wait=0&room=app@main&${others.join('&')}`)).status).toBe(200);
});

test('options that mean nothing are errors that name the value', async () => {
  const dataDir = join(folder, 'other');
  await expect(serve({ port: Number('x'), dataDir })).rejects.toThrow(/port must be a whole number .*, not NaN/);
  await expect(serve({ port: 70_000, dataDir })).rejects.toThrow(/not 70000/);
  await expect(serve({ prot: 4870, dataDir } as never)).rejects.toThrow('serve has no option "prot"; did you mean port?');
  await expect(serve({} as never)).rejects.toThrow(/dataDir must be the path of a folder/);
  await expect(serve({ port: 0 } as never)).rejects.toThrow(/dataDir must be the path of a folder .*, not undefined/);
});

test('a folder that cannot hold data is an error that says why', async () => {
  const broken = join(folder, 'broken');
  mkdirSync(broken);
  writeFileSync(join(broken, 'mesafs.sqlite'), 'no database at all. '.repeat(100));
  for (const [dataDir, why] of [
    [broken, 'file is not a database'],
    [join(broken, 'mesafs.sqlite'), 'EEXIST'],
  ] as const) {
    const start = serve({ port: 0, dataDir });
    await expect(start).rejects.toThrow(StartError);
    await expect(start).rejects.toThrow(`The data in ${dataDir} cannot be opened: ${why}`);
  }
});

test('a port that is taken is an error, and leaves the data free', async () => {
  const port = Number(new URL(server.url).port);
  const dataDir = join(folder, 'other');
  await expect(serve({ port, dataDir })).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken`);
  const free = await serve({ port: 0, dataDir });
  // The key is shown once: a start that failed has not used it up.
  expect(free.adminKey).toMatch(/^mesa_/);
  await free.close();
});

describe('files', () => {
  test.each([
    ['/', 200, 'text/html; charset=utf-8', '<title>IDE</title>', 'no-cache'],
    ['/acme/app', 200, 'text/html; charset=utf-8', '<title>IDE</title>', 'no-cache'],
    ['/assets/core.wasm', 200, 'application/wasm', 'wasm', 'public, max-age=31536000, immutable'],
  ])('%s', async (path, status, type, text, cache) => {
    const response = await fetch(`${server.url}${path}`);
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([status, type, cache]);
    expect(await response.text()).toBe(text);
  });

  test.each(['/missing.js', '/%2e%2e/secret.txt', '/assets/..%2f..%2fsecret.txt', '/..%5csecret.txt', '/a%00b'])('%s leads nowhere', async (path) => {
    const { status, text } = await raw({ path });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).not.toContain('secret\n');
    expect(text).not.toBe('secret');
  });

  test('are read, not written', async () => {
    expect((await fetch(`${server.url}/index.html`, { method: 'POST', body: 'x' })).status).toBe(405);
  });
});

describe('a body of 200 MB', () => {
  const megabyte = Buffer.alloc(1_048_576);

  test('is refused by what it says, before it is sent', async () => {
    await api('POST', '/acme/repos', { name: 'app' });
    const { status, text } = await raw({
      method: 'POST',
      path: '/v1/acme/app/-/ops',
      headers: { ...headers, 'Content-Length': String(200 * megabyte.length) },
      body: [megabyte],
    });
    expect(status).toBe(413);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'PAYLOAD_TOO_LARGE' } });
  });

  test('is refused by counting, and its sender gets the answer', async () => {
    await api('POST', '/acme/repos', { name: 'app' });
    const { status, text } = await raw({ method: 'POST', path: '/v1/acme/app/-/ops', headers, body: Array.from({ length: 200 }, () => megabyte) });
    expect(status).toBe(413);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'PAYLOAD_TOO_LARGE' } });
  });
});

test('a large object streams through', async () => {
  await api('POST', '/acme/repos', { name: 'app' });
  const content = Buffer.alloc(20_000_000, 'abcdefg\n').toString('base64');
  const change = { base_change_id: 'z'.repeat(32), message: '', author: { name: 'a', email: 'a@example.com' }, files: [{ path: 'big', content }] };
  expect((await api('POST', '/acme/app/changes', change)).status).toBe(201);
  const response = await fetch(`${server.url}/v1/acme/app/content?path=big`, { headers: { ...headers, Accept: 'application/octet-stream' } });
  expect((await response.arrayBuffer()).byteLength).toBe(20_000_000);
});

test('a reader of events that goes away is let go of, and close ends the others', async () => {
  await api('POST', '/acme/repos', { name: 'app' });
  const gone = new AbortController();
  const open = (signal?: AbortSignal): Promise<Response> => fetch(`${server.url}/v1/acme/-/events?room=app@main`, { headers, ...(signal ? { signal } : {}) });
  const [leaving, staying] = await Promise.all([open(gone.signal), open()]);
  expect(leaving.headers.get('content-type')).toBe('text/event-stream');
  gone.abort();
  await api('POST', '/acme/app/changes', {
    base_change_id: 'z'.repeat(32),
    message: '',
    author: { name: 'a', email: 'a@example.com' },
    files: [{ path: 'a', content: '' }],
  });
  const text = staying.text();
  await server.close();
  expect(await text).toMatch(/event: ready[^]*event: bookmark[^]*event: bye/);
});

test('what is answered when its reader has gone is let go of', async () => {
  const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>();
  const routes = async ({ signal }: Request): Promise<Response> => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(9)), cancel }));
  };
  await server.close();
  server = await serve({ port: 0, dataDir: join(folder, 'data'), routes, log: (message) => logged.push(message) });
  const outgoing = request(`${server.url}/slow`).on('error', () => undefined);
  outgoing.end();
  outgoing.on('socket', (socket) => socket.once('connect', () => setImmediate(() => outgoing.destroy())));
  await cancelled;
});

test('a method no request can have is answered', async () => {
  const { status, text } = await raw({ method: 'TRACE', path: '/v1/whoami', headers });
  expect({ status, body: JSON.parse(text) as unknown }).toMatchObject({ status: 405, body: { error: { code: 'METHOD_NOT_ALLOWED' } } });
});

interface RawRequest {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: Buffer[];
}

/** A request as it is written, sent no faster than it is taken and ended by the answer. */
function raw({ method = 'GET', path, headers: sent = {}, body = [] }: RawRequest): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers: sent }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, text });
        outgoing.destroy();
      });
    });
    outgoing.on('error', reject);
    const write = (index: number): void => {
      const chunk = body[index];
      if (chunk !== undefined) outgoing.write(chunk, () => write(index + 1));
      else if (!('Content-Length' in sent)) outgoing.end();
    };
    write(0);
  });
}
