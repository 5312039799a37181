import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemEnv } from '../src/base/env.ts';
import { loadNodeCore } from '../src/runtime/node-core.ts';
import type { KeyRights } from '../src/server/auth/keys.ts';
import { createKey } from '../src/server/bootstrap.ts';
import { ApiError, quote } from '../src/wire/errors.ts';
import { Api } from './cli/api.ts';
import { importSource } from './cli/import.ts';
import { progress } from './cli/progress.ts';
import { readSource } from './cli/read-source.ts';
import { serve } from './node.ts';
import { notFoundPage } from './node/not-found-page.ts';
import { StartError } from './node/start-error.ts';
import { staticFiles } from './node/static-files.ts';

const ORG = 'acme';
/** How long the key of an import is good, in milliseconds. */
const IMPORT_LIFE = 3_600_000;
/**
 * What the IDE's page may run: its own scripts and the core. What is stored in a repo is shown by addresses the page makes, which have its origin and its
 * policy: opened in a tab of its own, a picture with a script in it can't reach the session.
 */
const POLICY = "script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'";
/** The names of this machine that no other can have. */
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** What the demo is started with. */
export interface DemoOptions {
  port: number;
  dataDir: string;
  /** The built IDE. */
  staticDir: string;
  /** The folder that is imported as `repo` when that repo is not there yet. */
  sample: string;
  repo: string;
}

/** The demo, running. */
export interface Demo {
  url: string;
  /** How many files were imported, `null` when the repo was there. */
  imported: number | null;
  close(): Promise<void>;
}

/**
 * Serves the IDE with a backend on SQLite. Whoever can load the page from this machine is let in: the page asks `/demo/session` for a key that may
 * write to this org's repos (in a data folder that is older than this rule: all). That route answers only requests whose `Host` is a loopback name, so a page of another site cannot have it by rebinding its
 * own.
 */
export async function startDemo({ port, dataDir, staticDir, sample, repo }: DemoOptions): Promise<Demo> {
  const files = staticFiles(staticDir, { policy: POLICY, notFound: notFoundPage });
  let session: Record<string, string> | undefined;
  const server = await serve({
    port,
    dataDir,
    org: ORG,
    routes: (request) => (new URL(request.url).pathname === '/demo/session' ? answerSession(request, session) : files(request)),
  });
  const env = systemEnv();
  const org = await server.storage.orgBySlug(ORG);
  if (org === null) throw new StartError(`The data in ${dataDir} belongs to another org than ${ORG}; choose another folder with --data`);
  const makeKey = async (rights: Partial<KeyRights>): Promise<string> => (await createKey(server.storage, env, org.id, rights)).key;
  const key = await ideKey(dataDir, server.url, () => makeKey({ name: 'IDE', scopes: ['write'] }));
  // Making a repo takes more than the page may do.
  const importKey = (): Promise<string> => makeKey({ name: 'IDE', scopes: ['admin'], expiresAt: env.clock.now() + IMPORT_LIFE });
  const imported = await importOnce({ apiUrl: `${server.url}/v1`, key, importKey }, sample, repo);
  session = { apiUrl: '/v1', org: ORG, repo, bookmark: 'main', apiKey: key };
  return { url: server.url, imported, close: () => server.close() };
}

function answerSession(request: Request, session: Record<string, string> | undefined): Response {
  const host = request.headers.get('host') ?? '';
  if (host === '' || !LOOPBACK.has(new URL(`http://${host}`).hostname)) {
    throw new ApiError('FORBIDDEN', `The demo lets in pages of this machine only, not of ${quote(host)}; open it at 127.0.0.1.`);
  }
  if (session === undefined)
    return Response.json({ error: { code: 'STARTING', message: 'The sample repo is being imported.' } }, { status: 503, headers: { 'Retry-After': '1' } });
  return Response.json(session, { headers: { 'Cache-Control': 'no-store' } });
}

/**
 * The key the IDE is given, kept beside the data: the same after a restart, since what a browser has not sent yet belongs to the key it was written
 * with. Another is made when the server does not take it any more.
 */
async function ideKey(dataDir: string, url: string, make: () => Promise<string>): Promise<string> {
  const file = join(dataDir, 'ide.key');
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept !== '' && (await fetch(`${url}/v1/whoami`, { headers: { Authorization: `Bearer ${kept}` } })).ok) return kept;
  const key = await make();
  await writeFile(file, key, { mode: 0o600 });
  return key;
}

async function importOnce(
  { apiUrl, key, importKey }: { apiUrl: string; key: string; importKey(): Promise<string> },
  sample: string,
  repo: string,
): Promise<number | null> {
  const there = await fetch(`${apiUrl}/${ORG}/${repo}`, { headers: { Authorization: `Bearer ${key}` } });
  if (there.ok) return null;
  const source = await readSource(sample, undefined);
  const core = await loadNodeCore();
  const report = progress(`Importing ${repo}`, 'files');
  const api = new Api({ apiUrl, key: await importKey(), fetch: (request) => fetch(request) }, core);
  const done = await importSource(api, core, source, { org: ORG, repo, bookmark: 'main', message: `Import ${repo}` }, report);
  source.close?.();
  report.end(`✓ sample repo: ${done.files} files imported`);
  return done.files;
}
