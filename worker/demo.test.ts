import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Demo } from './demo.ts';
import { startDemo } from './demo.ts';

let folder: string;
let demo: Demo;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mesafs-demo-'));
  const [staticDir, sample] = [join(folder, 'site'), join(folder, 'sample')];
  mkdirSync(staticDir);
  mkdirSync(sample);
  writeFileSync(join(staticDir, 'index.html'), '<title>IDE</title>');
  writeFileSync(join(sample, 'a.txt'), 'a\n');
  demo = await startDemo({ port: 0, dataDir: join(folder, 'data'), staticDir, sample, repo: 'sample' });
});
afterAll(async () => {
  await demo.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends a request as it is written; answers the status and the body. */
function send(target: string, headers: string[], version = '1.1'): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(demo.url).port), '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), body: text.slice(text.indexOf('\r\n\r\n') + 4) }));
    socket.write([`GET ${target} HTTP/${version}`, ...headers, 'Connection: close', '', ''].join('\r\n'));
  });
}

describe('the key of the demo', () => {
  test('may write, and no more', async () => {
    const { apiUrl, apiKey } = (await (await fetch(`${demo.url}/demo/session`)).json()) as { apiUrl: string; apiKey: string };
    const call = async (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`${demo.url}${apiUrl}${path}`, { ...init, headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' } });
    const files = [{ path: 'b.txt', content: btoa('b\n') }];
    const { head_change_id } = (await (await call('/acme/sample')).json()) as { head_change_id: string };
    expect((await call(`/acme/sample/changes/${head_change_id}`, { method: 'PATCH', body: JSON.stringify({ files }) })).status).toBe(200);
    expect((await call('/acme/repos', { method: 'POST', body: '{}' })).status).toBe(403);
    expect((await call('/acme/api-keys')).status).toBe(403);
  });

  test.each([
    ['/demo/session', 'localhost:4870'],
    ['/demo/session', '127.0.0.1:4870'],
    ['/demo/session', '[::1]:4870'],
    ['/demo/session?x', 'LOCALHOST'],
    ['http://127.0.0.1:4870/demo/session', '127.0.0.1:4870'],
  ])('is given to a page of this machine: %s of %s', async (target, host) => {
    const { status, body } = await send(target, [`Host: ${host}`]);
    expect([status, body]).toEqual([200, expect.stringContaining('"apiKey":"mesa_')]);
  });

  test.each([
    ['/demo/session', ['Host: evil.com:4870'], 403],
    ['/demo/session', ['Host: 127.0.0.1.evil.com'], 403],
    ['//127.0.0.1/demo/session', ['Host: evil.com:4870'], 404],
    ['/\\127.0.0.1/demo/session', ['Host: evil.com:4870'], 404],
    ['http://127.0.0.1/demo/session', ['Host: evil.com:4870'], 400],
    ['http://evil.com/demo/session', ['Host: 127.0.0.1'], 400],
    ['http://evil.com/demo/session', ['Host: evil.com'], 403],
    ['/demo/session', ['Host: 127.0.0.1@evil.com'], 400],
    ['/demo/session', ['Host: evil.com', 'Host: 127.0.0.1'], 400],
    ['/demo/session', ['Host: 127.0.0.1', 'Host: evil.com'], 400],
  ])('is given to no other: %s of %j', async (target, headers, expected) => {
    const { status, body } = await send(target, headers);
    expect(body).not.toContain('mesa_');
    expect(status).toBe(expected);
  });

  test('is not given to who says no name', async () => {
    expect(await send('/demo/session', [], '1.0')).toEqual({ status: 403, body: expect.stringContaining('FORBIDDEN') as string });
  });
});

test.each(['/', '/index.html', '/?file=some/path'])('the page at %s runs its own scripts only', async (path) => {
  const { status, headers } = await fetch(new URL(path, demo.url));
  expect([status, headers.get('content-security-policy')]).toEqual([200, "script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'"]);
});

test.each(['/nothing/here', '/docs', '/x.js', '/%3Cscript%3E', '/%E0%A4%A'])(
  'at %s there is nothing, and a page that says so leads to what is there',
  async (path) => {
    const response = await fetch(new URL(path, demo.url));
    const text = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual(
      path === '/%E0%A4%A' ? [400, expect.anything()] : [404, 'text/html; charset=utf-8'],
    );
    if (response.status === 404) expect(text).toContain('<a href="/">');
    expect(text).not.toContain('<script>');
  },
);

test('the page has no script in its text, which its policy would keep from running', () => {
  const page = readFileSync(new URL('../demo/index.html', import.meta.url), 'utf8');
  expect(page.match(/<script(?![^>]*\ssrc=)[^>]*>|\son\w+=/g)).toBeNull();
});

test.each([
  ['a:b@x', '/v1/whoami'],
  ['a@x', '/v1/whoami'],
  ['', '/v1/whoami'],
  ['x y', '/v1/whoami'],
  ['x/v1', '/v1/whoami'],
  ['x?', '/v1/whoami'],
  ['x:99999', '/v1/whoami'],
  ['[::1', '/v1/whoami'],
  ['x', 'http://a:b@x/v1/whoami'],
  ['x', 'ftp://x/v1/whoami'],
])('a request for the host %j and %s is refused with the reason', async (host, target) => {
  const { status, body } = await send(target, [`Host: ${host}`]);
  expect([status, body]).toEqual([400, expect.stringContaining('"code":"INVALID_REQUEST"')]);
});
