import { systemEnv } from '../../src/base/env.ts';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { bootstrapOrg, createKey } from '../../src/server/bootstrap.ts';
import { createHandler } from '../../src/server/handler.ts';
import type { Storage } from '../../src/server/storage/interface.ts';
import { openData } from '../node.ts';
import type { Access } from './api.ts';
import { dataFolder, hasData, openThere, requireOrg } from './data.ts';
import { UsageError } from './usage-error.ts';

/** A backend that commands work on: a server somewhere, or one in this process on a data directory. */
export interface Backend extends Access {
  org: string;
  /** What it keeps everything in, when it is in this process. */
  storage: Storage | null;
  close(): Promise<void>;
}

/** The options that say which backend is meant. */
export interface BackendOptions {
  api?: string | undefined;
  key?: string | undefined;
  data?: string | undefined;
  org?: string | undefined;
}

/** What a command may do to a data directory: `begin` it where none is, or only `find` it. */
export type Need = 'begin' | 'find';

/** Opens the backend the options name; `--data` and `--api` exclude each other. */
export function openBackend(options: BackendOptions, need: Need): Promise<Backend> {
  if (options.data !== undefined && options.api !== undefined) throw new UsageError('--data and --api exclude each other: name a data directory or a server');
  return options.data === undefined ? remoteBackend(options) : localBackend(dataFolder(options.data), options.org ?? 'acme', need);
}

async function remoteBackend(options: BackendOptions): Promise<Backend> {
  const variable = process.env['MESA_API_URL']?.trim() ?? '';
  const apiUrl = (options.api ?? (variable === '' ? 'http://127.0.0.1:4870/v1' : variable)).replace(/\/+$/, '');
  if (!URL.canParse(apiUrl)) {
    const given = options.api === undefined ? 'MESA_API_URL' : '--api';
    throw new UsageError(`${given} ${apiUrl === '' ? '""' : apiUrl} is not an address; it looks like http://127.0.0.1:4870/v1`);
  }
  const key = options.key ?? process.env['MESA_API_KEY'];
  if (key === undefined || key.trim() === '') throw new UsageError('No key: give --key mesa_…, set MESA_API_KEY, or work on a data directory with --data');
  const access = { apiUrl, key: key.trim(), fetch: (request: Request) => fetch(request) };
  return { ...access, org: options.org ?? (await orgOf(access)), storage: null, close: async () => {} };
}

async function orgOf(access: Access): Promise<string> {
  const headers = { Authorization: `Bearer ${access.key}` };
  const response = await access.fetch(new Request(`${access.apiUrl}/whoami`, { headers })).catch((cause: unknown) => {
    throw new UsageError(`No server answers at ${access.apiUrl}; start one with: mesafs serve`, { cause });
  });
  const { status } = response;
  if (status === 401 || status === 403) throw new UsageError(`The server at ${access.apiUrl} does not take this key (HTTP ${status})`);
  if (status >= 500) throw new UsageError(`The server at ${access.apiUrl} cannot answer now (HTTP ${status}); try again in a moment`);
  const body = (await response.json().catch(() => null)) as { org?: { slug?: string } } | null;
  const slug = body?.org?.slug;
  if (slug !== undefined) return slug;
  const example = new URL('/v1', access.apiUrl);
  throw new UsageError(`There is no Mesa API at ${access.apiUrl} (HTTP ${status}); its address ends in /v1, such as ${example.href}`);
}

/** Runs the backend in this process, with a key that lives as long as the command. */
async function localBackend(dataDir: string, slug: string, need: Need): Promise<Backend> {
  const env = systemEnv();
  const isNew = !hasData(dataDir);
  const storage = need === 'begin' ? openData(dataDir) : openThere(dataDir);
  if (isNew) console.error(`Made new data in ${dataDir}`);
  try {
    const org = need === 'begin' ? (await bootstrapOrg(storage, env, slug)).org : await requireOrg(storage, dataDir, slug);
    const { key, record } = await createKey(storage, env, org.id, { name: 'mesafs command', scopes: ['admin'], expiresAt: env.clock.now() + 24 * 3_600_000 });
    const handler = await createHandler({ core: await loadNodeCore(), storage, env });
    const close = async (): Promise<void> => {
      await handler.close();
      await storage.updateKey(record.id, { revokedAt: env.clock.now() });
      await storage.close();
    };
    return { apiUrl: 'http://localhost/v1', key, org: slug, storage, fetch: handler, close };
  } catch (error) {
    await storage.close();
    throw error;
  }
}
