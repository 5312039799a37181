import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { chromium } from 'playwright';
import { build } from 'vite';
import { nativePeer } from '../../test/bench/native.ts';
import { serveApart } from '../../test/bench/served.ts';
import { findChromium } from './browser.mjs';
import { root } from './places.mjs';

const out = join(root, 'test-results/bench-page');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Builds the page that runs benches, serves it here alone and opens it in Chromium. */
export async function openPage({ name, peer, tell }) {
  await build({
    root: join(root, 'test/bench/page'),
    configFile: false,
    logLevel: 'error',
    base: './',
    resolve: {
      conditions: ['mesafs-source', 'module', 'browser', 'development|production'],
      alias: { 'node:zlib': join(root, 'src/engine/shell/zlib-stub.ts'), 'isomorphic-textencoder': join(root, 'test/bench/journal/text-encoder.ts') },
    },
    worker: { format: 'es' },
    build: { outDir: out, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0, chunkSizeWarningLimit: 10_000 },
  });
  const server = createServer(serve);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const executablePath = await findChromium();
  // A profile on disk: without one the browser keeps what is stored in memory.
  const profile = mkdtempSync(join(tmpdir(), 'mesafs-bench-'));
  const browser = await chromium.launchPersistentContext(profile, { args: FLAGS, ...(executablePath === null ? {} : { executablePath }) });
  const page = await browser.newPage();
  const native = peer === null ? null : nativePeer(peer);
  page.on('pageerror', (error) => tell(String(error)));
  const backends = [];
  await page.exposeFunction('tell', tell);
  await page.exposeFunction('serve', async () => {
    const backend = await serveApart();
    backends.push(backend);
    return { apiUrl: backend.apiUrl, key: backend.key };
  });
  await page.exposeFunction('askNative', (question) => native.ask(question));
  await page.goto(`http://127.0.0.1:${server.address().port}/index.html`);
  await page.waitForFunction(() => 'run' in globalThis);
  return {
    engine: `Chromium ${browser.browser()?.version() ?? ''}`.trim(),
    run: () => page.evaluate(([bench, withNative]) => globalThis.run(bench, withNative), [name, native !== null]),
    async close() {
      native?.close();
      for (const backend of backends) await backend.close();
      await browser.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
      server.close();
    },
  };
}

/** The page's own files, and those of pinned packages. Isolated, so that the page's clock is a fine one. */
function serve(request, response) {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const path = pathname.startsWith('/node_modules/') ? join(root, pathname) : join(out, pathname);
  if (pathname.includes('..') || !existsSync(path)) return response.writeHead(404).end();
  response.writeHead(200, {
    'content-type': TYPES[extname(path)] ?? 'text/plain; charset=utf-8',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  });
  return createReadStream(path).pipe(response);
}
