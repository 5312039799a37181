import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { SuiteResult } from '../contract/run-suite.ts';
import type { Found } from './page/scenario.ts';

/** What a page tells of its run. */
export interface Report {
  run: string;
  acknowledged?: number[];
  found?: Found;
  suite?: SuiteResult;
  error?: string;
}

/** What a page asks of its browser. */
export interface Asked {
  quota?: number | null;
  clear?: boolean;
}

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** Serves the pages of the scenarios, built as they are for users, and hears what they tell. */
export class Site {
  readonly #dir: string;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #listeners = new Set<(report: Report) => void>();
  url = '';
  /** Answers what pages ask. */
  onAsk: (asked: Asked) => Promise<unknown> = async () => Promise.reject(new Error('nobody answers'));

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async start(): Promise<Site> {
    const site = new Site(mkdtempSync(join(tmpdir(), 'mesafs-crash-site-')));
    const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
    await build({
      configFile: false,
      root: at('./page'),
      base: './',
      logLevel: 'warn',
      resolve: {
        conditions: ['mesafs-source', 'module', 'browser', 'development|production'],
        alias: { 'node:zlib': at('../../src/engine/shell/zlib-stub.ts') },
      },
      worker: { format: 'es' },
      build: { outDir: site.#dir, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0, chunkSizeWarningLimit: 1500 },
    });
    await new Promise<void>((resolve) => site.#server.listen(0, '127.0.0.1', resolve));
    site.url = `http://127.0.0.1:${(site.#server.address() as AddressInfo).port}`;
    return site;
  }

  /** Hears the reports of a run, until the answer is called. */
  listen(run: string, listener: (report: Report) => void): () => void {
    const heard = (report: Report): void => (report.run === run ? listener(report) : undefined);
    this.#listeners.add(heard);
    return () => void this.#listeners.delete(heard);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    if (request.method === 'POST') {
      const parts: Buffer[] = [];
      // What a killed page had not sent whole was not told.
      const whole = await request
        .forEach((part: Buffer) => void parts.push(part))
        .then(
          () => true,
          () => false,
        );
      if (!whole) return;
      const body: unknown = JSON.parse(Buffer.concat(parts).toString());
      if (pathname === '/ask') {
        const status = await this.onAsk(body as Asked).then(
          () => 204,
          () => 500,
        );
        response.writeHead(status).end();
        return;
      }
      const report = body as Report;
      for (const listener of this.#listeners) listener(report);
      response.writeHead(204).end();
      return;
    }
    const file = normalize(pathname === '/' ? '/index.html' : pathname);
    const body = await readFile(join(this.#dir, file)).catch(() => null);
    if (body === null) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body);
  }
}
