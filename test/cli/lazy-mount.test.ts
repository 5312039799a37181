import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Mesa } from '../../src/runtime/node.ts';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { Api } from '../../worker/cli/api.ts';
import { importSource } from '../../worker/cli/import.ts';
import { folderSource } from '../../worker/cli/source.ts';
import type { Server } from '../../worker/node.ts';
import { serve } from '../../worker/node.ts';

// What a mount of a real package of more than 5,000 files costs, counted in requests and bytes.

const folder = fileURLToPath(new URL('../../node_modules/date-fns', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'mesafs-lazy-'));
const deep = 'locale/de/_lib/formatDistance.js';
const mount = { repos: [{ name: 'date-fns', bookmark: 'main' }] };
let server: Server;

beforeAll(async () => {
  server = await serve({ port: 0, dataDir });
  const core = await loadNodeCore();
  const api = new Api({ apiUrl: `${server.url}/v1`, key: server.adminKey ?? '', fetch }, core);
  const target = { org: 'acme', repo: 'date-fns', bookmark: 'main', message: 'Import' };
  await importSource(api, core, await folderSource(folder), target, { update: () => undefined, end: () => undefined });
});
afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** A client whose requests are noted, each with the bytes of its answer; streams of events and tokens aside. */
function countingMesa(): { mesa: Mesa; requests: { path: string; bytes: number }[] } {
  const requests: { path: string; bytes: number }[] = [];
  const counting = async (request: Request): Promise<Response> => {
    const response = await fetch(request);
    const { pathname } = new URL(request.url);
    if (pathname.endsWith('/whoami') || pathname.endsWith('/events')) return response;
    const bytes = new Uint8Array(await response.arrayBuffer());
    requests.push({ path: pathname.replace('/v1/acme/date-fns', ''), bytes: bytes.length });
    return new Response(bytes, response);
  };
  return { mesa: new Mesa({ apiUrl: `${server.url}/v1`, apiKey: server.adminKey ?? '', org: 'acme', fetch: counting }), requests };
}

test('mount to first byte takes two requests, and fetches only what is on the way', async () => {
  const { mesa, requests } = countingMesa();
  const fs = await mesa.fs.mount(mount);
  expect(requests.map(({ path }) => path)).toEqual(['/-/open']);
  expect(await fs.readFile(`/acme/date-fns/${deep}`)).toBe(readFileSync(join(folder, deep), 'utf8'));
  expect(requests.map(({ path }) => path)).toEqual(['/-/open', '/-/open']);
  // The trees of the root and of `locale` are most of it; the package has more than 20 MB.
  const bytes = requests.reduce((sum, request) => sum + request.bytes, 0);
  console.log(`mount and first byte of a package of 5,326 files: ${requests.length} requests, ${bytes} bytes`);
  expect(bytes).toBeLessThan(200_000);
  await fs.close();
});

test('what was read is not fetched again, neither by the mount nor by another of the same engine', async () => {
  const { mesa, requests } = countingMesa();
  const first = await mesa.fs.mount(mount);
  await first.readFile(`/acme/date-fns/${deep}`);
  const second = await mesa.fs.mount(mount);
  requests.length = 0;
  await first.readFile(`/acme/date-fns/${deep}`);
  await second.readFile(`/acme/date-fns/${deep}`);
  expect(requests).toEqual([]);
  await Promise.all([first.close(), second.close()]);
});
