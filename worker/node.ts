import { closeSync, mkdirSync, openSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Env } from '../src/base/env.ts';
import { systemEnv } from '../src/base/env.ts';
import { strayName } from '../src/base/option-names.ts';
import { loadNodeCore } from '../src/runtime/node-core.ts';
import { bootstrapOrg } from '../src/server/bootstrap.ts';
import { createHandler } from '../src/server/handler.ts';
import type { Storage } from '../src/server/storage/interface.ts';
import { sqliteStorage } from '../src/server/storage/sqlite.ts';
import { dataFile } from './node/data-file.ts';
import { answer, readRequest } from './node/http.ts';
import { StartError } from './node/start-error.ts';
import { staticFiles } from './node/static-files.ts';

/** How a backend is served. */
export interface ServeOptions {
  /** 0 (unless given) takes any free port; which one it is, `url` of the answer says. */
  port?: number;
  /** Where everything is kept, in one SQLite file; made when missing, for the process's user alone. */
  dataDir: string;
  /** The address to listen on, 127.0.0.1 unless given. */
  host?: string;
  /** The org that is made at the first start, `acme` unless given. */
  org?: string;
  /** Offer the live endpoints; on unless `false`: then it is a plain Mesa REST API. */
  live?: boolean;
  /** A folder of files served beside the API, with `index.html` for what names no file. */
  staticDir?: string;
  /** Is asked before the static files; answers `null` for what it does not know. */
  routes?: (request: Request) => Response | Promise<Response> | null;
  /** Clock and randomness; the platform's unless given. */
  env?: Pick<Env, 'clock' | 'random'>;
  /** Hears of errors nobody expected; standard error unless given. */
  log?: (message: string) => void;
}

/** A backend that listens. */
export interface Server {
  /** Without a slash at the end; the API is under `/v1`. */
  url: string;
  /** The first admin key, at the very first start only: it is kept nowhere. */
  adminKey: string | null;
  storage: Storage;
  /** Ends streams, finishes the writes under way and closes the file. Twice is fine. */
  close(): Promise<void>;
}

/**
 * Serves the backend on SQLite over HTTP/1.1.
 *
 * @example
 * ```ts
 * import { serve } from 'mesafs-web/server/node';
 * const server = await serve({ port: 4870, dataDir: '.mesafs' });
 * ```
 * @throws StartError when the port is taken, or another process has the data directory open
 * @throws TypeError when `port` is no port, `dataDir` is no path, or there is no such option
 */
export async function serve(options: ServeOptions): Promise<Server> {
  checkOptions(options);
  const { port = 0, dataDir, host = '127.0.0.1', org = 'acme', live = true, env = systemEnv(), staticDir, routes } = options;
  const log = options.log ?? ((message: string): void => void process.stderr.write(`${message}\n`));
  const storage = openData(dataDir);
  try {
    const handler = await createHandler({
      core: await loadNodeCore(),
      storage,
      env,
      live,
      gather: () => new Promise((resolve) => setImmediate(resolve)),
      log: ({ traceId, method, path, error }) => log(`${method} ${path} failed (trace ${traceId}): ${describe(error)}`),
    });
    let closing: Promise<void> | undefined;
    const files = staticDir === undefined ? null : staticFiles(staticDir);
    const respond = async (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url);
      if (pathname === '/v1' || pathname.startsWith('/v1/')) return handler(request);
      return (
        (await routes?.(request)) ??
        (await files?.(request)) ??
        Response.json({ error: { code: 'NOT_FOUND', message: 'The API is under /v1.' } }, { status: 404 })
      );
    };
    const http = createServer({ keepAliveTimeout: 65_000, maxHeaderSize: HEADER_BYTES }, (incoming, outgoing) => {
      const gone = new AbortController();
      outgoing.once('close', () => {
        gone.abort();
        if (closing !== undefined) setImmediate(() => http.closeIdleConnections());
      });
      answer(incoming, outgoing, async () => respond(readRequest(incoming, gone.signal))).catch((error: unknown) => {
        log(`an answer broke off: ${error instanceof Error ? error.message : String(error)}`);
        outgoing.destroy();
      });
    });
    // However slow the line, a body may come: only one that stops is given up.
    http.requestTimeout = 0;
    await listen(http, port, host);
    // Only now: the key is shown once, so nothing that can fail may come after it.
    const { adminKey } = await bootstrapOrg(storage, env, org).catch((error: unknown) => {
      http.close();
      throw error;
    });
    const close = async (): Promise<void> => {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      await handler.close();
      http.closeIdleConnections();
      const late = setTimeout(() => http.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(late);
      await storage.close();
    };
    const name = host.includes(':') ? `[${host}]` : host;
    return { url: `http://${name}:${(http.address() as AddressInfo).port}`, adminKey, storage, close: () => (closing ??= close()) };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** An address that names all the rooms of a large mount, with their cursors, is longer than what Node takes unless told. */
const HEADER_BYTES = 65_536;

/** What plain JavaScript may pass. */
const OPTIONS: readonly (keyof ServeOptions)[] = ['port', 'dataDir', 'host', 'org', 'live', 'staticDir', 'routes', 'env', 'log'];

function checkOptions(options: Partial<ServeOptions> = {}): void {
  const stray = strayName(options, OPTIONS);
  if (stray !== null) throw new TypeError(`serve ${stray}`);
  const { port = 0, dataDir } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TypeError(`serve: port must be a whole number from 0 (any free port) to 65535, not ${String(port)}`);
  }
  if (typeof dataDir !== 'string' || dataDir === '') {
    throw new TypeError(`serve: dataDir must be the path of a folder to keep everything in, such as '.mesafs', not ${JSON.stringify(dataDir)}`);
  }
}

/** An error for whoever reads the log, with what it came from. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\n  caused by ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

function listen(http: HttpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new StartError(`Port ${port} of ${host} is taken; stop what listens there, or choose another port`, { cause: error }) : error);
    });
    http.listen(port, host, resolve);
  });
}

/**
 * Opens the database of a data directory, for this process alone. It holds what signs tokens: a directory and a file that are made here are for their
 * owner's eyes only. What was there keeps its rights.
 *
 * @throws StartError when it cannot be opened: another process has it open, it is none of ours
 */
export function openData(dataDir: string): Storage {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const file = dataFile(dataDir);
    makeFile(file);
    return sqliteStorage({ file, random: (bytes) => systemEnv().random(bytes) });
  } catch (error) {
    if (error instanceof Error && /locked|busy/i.test(error.message)) {
      throw new StartError(`Another process has the data in ${dataDir} open; stop that server first, or choose another folder`, { cause: error });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`The data in ${dataDir} cannot be opened: ${reason}. Check the folder and its rights, or choose another one`, { cause: error });
  }
}

/** Makes an empty file where none is. SQLite gives its log the rights of the database. */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
