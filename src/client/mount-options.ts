import { resolvePath } from '../base/paths.ts';
import type { CacheSpec, LogRecord, MountSpec, RepoSpec } from '../rpc/types.ts';
import { InvalidOptionsError } from './errors.ts';
import { checkNames } from './option-names.ts';

/** A repo to mount: at a bookmark, which is followed, or at a change; at the default bookmark when neither is given. */
export type RepoConfig = {
  name: string;
  /** No writes: they fail with EROFS. */
  readOnly?: boolean;
  /** Where it stands, absolute; `/<org>/<name>` unless given. */
  path?: string;
} & ({ bookmark?: string; changeId?: never } | { changeId?: string; bookmark?: never });

/** What is logged, and to whom. */
export interface TelemetryConfig {
  logLevel?: 'error' | 'warn' | 'info' | 'debug';
  onLog?: (record: LogRecord) => void;
}

/** Options of a mount. */
export interface FsMountOptions {
  /** One to 50; a name alone is a repo at its default bookmark. */
  repos: (RepoConfig | string)[];
  /** `ro`: no writes in any repo. */
  mode?: 'rw' | 'ro';
  cache?: {
    /** Bytes of memory for objects. */
    memoryBytes?: number;
    /** A cache that outlives the page; `path` names it. `false`: none. */
    diskCache?: { path: string; maxSizeBytes?: number } | false;
  };
  telemetry?: TelemetryConfig;
  /** Seconds a token lives, 1 to 86,400; an hour unless given. It is renewed before its end. */
  ttl?: number;
  /** Milliseconds in which a peer's unread edit counts as racing with one here; 1,000 unless given, 0 never, Infinity always. */
  raceWindow?: number;
  /** `direct` (unless given): into the mounted bookmark's change where nothing else shares it. `fork`: into a new change, made at the first write. */
  writes?: 'direct' | 'fork';
  /**
   * When a write resolves. `journal`: once it is kept on this device, from where it is sent when that can be, however late; the default where the device
   * keeps anything. `remote`: once the server has it.
   */
  durability?: 'journal' | 'remote';
}

/** What may be logged, the gravest first. */
export const LEVELS: readonly LogRecord['level'][] = ['error', 'warn', 'info', 'debug'];
/** Bytes of a disk cache that does not say. */
const DISK_BYTES = 512 * 1024 * 1024;

/** Checks a mount's options. @throws InvalidOptionsError naming the value and the remedy */
export function readMountOptions(
  options: FsMountOptions,
  org: string,
): Pick<MountSpec, 'repos' | 'raceWindow' | 'writes' | 'cache' | 'durability'> & { ttl: number } {
  checkNames('mount', options, ['repos', 'mode', 'cache', 'telemetry', 'ttl', 'raceWindow', 'writes', 'durability']);
  const {
    repos,
    mode = 'rw',
    ttl = 3600,
    raceWindow = 1000,
    writes = 'direct',
    durability,
    telemetry,
    cache,
  } = (options as Partial<FsMountOptions> | null) ?? {};
  check(Array.isArray(repos) && repos.length > 0, 'repos', repos, 'a list of at least one repo, such as ["app"]');
  checkOneOf('mode', mode, ['rw', 'ro']);
  check(Number.isInteger(ttl) && ttl >= 1 && ttl <= 86_400, 'ttl', ttl, 'a whole number of seconds from 1 to 86400');
  check(typeof raceWindow === 'number' && raceWindow >= 0, 'raceWindow', raceWindow, 'a number of milliseconds, 0 or more');
  checkOneOf('writes', writes, ['direct', 'fork']);
  checkNames('telemetry', telemetry, ['logLevel', 'onLog']);
  const { logLevel, onLog } = telemetry ?? {};
  checkOneOf('telemetry.logLevel', logLevel, LEVELS);
  check(onLog === undefined || typeof onLog === 'function', 'telemetry.onLog', onLog, 'a function');
  checkOneOf('durability', durability, ['journal', 'remote']);
  const specs = repos.map((repo) => readRepo(typeof repo === 'string' ? { name: repo } : repo, org, mode === 'ro'));
  const twice = specs.find((spec, index) => specs.findIndex((other) => other.path === spec.path) !== index);
  if (twice !== undefined) throw new InvalidOptionsError(`Two repos are mounted at ${twice.path}; give one of them another path`);
  return { repos: specs, raceWindow, writes, cache: readCache(cache), ttl, ...(durability === undefined ? {} : { durability }) };
}

function readRepo(repo: RepoConfig, org: string, readOnly: boolean): RepoSpec {
  check(typeof repo === 'object' && repo !== null, 'a repo', repo, 'a name or { name, … }');
  checkNames('a repo', repo, ['name', 'bookmark', 'changeId', 'readOnly', 'path']);
  const { name, bookmark, changeId, path = `/${org}/${name}` } = repo;
  check(typeof name === 'string' && name !== '' && !name.includes('/'), 'a repo name', name, 'the name alone, without its org');
  check(bookmark === undefined || changeId === undefined, 'a repo', repo, 'mounted at bookmark or at changeId, not at both');
  check(typeof path === 'string' && path.startsWith('/'), 'path', path, 'an absolute path');
  return {
    name,
    path: resolvePath('/', path),
    readOnly: readOnly || repo.readOnly === true,
    ...(bookmark === undefined ? {} : { bookmark }),
    ...(changeId === undefined ? {} : { change: changeId }),
  };
}

function readCache(cache: FsMountOptions['cache']): CacheSpec {
  checkNames('cache', cache, ['memoryBytes', 'diskCache']);
  const { memoryBytes, diskCache } = cache ?? {};
  check(memoryBytes === undefined || (typeof memoryBytes === 'number' && memoryBytes >= 0), 'cache.memoryBytes', memoryBytes, 'a number of bytes, 0 or more');
  if (diskCache !== undefined && diskCache !== false) {
    checkNames('cache.diskCache', diskCache, ['path', 'maxSizeBytes']);
    const { path, maxSizeBytes } = diskCache;
    check(typeof path === 'string' && path !== '', 'cache.diskCache.path', path, 'the name of the cache');
    check(
      maxSizeBytes === undefined || (typeof maxSizeBytes === 'number' && maxSizeBytes > 0),
      'cache.diskCache.maxSizeBytes',
      maxSizeBytes,
      'a number of bytes',
    );
  }
  const disk = diskCache === undefined || diskCache === false ? diskCache : { name: diskCache.path, maxBytes: diskCache.maxSizeBytes ?? DISK_BYTES };
  return { ...(memoryBytes === undefined ? {} : { memoryBytes }), ...(disk === undefined ? {} : { disk }) };
}

function checkOneOf(option: string, value: string | undefined, values: readonly string[]): void {
  check(value === undefined || values.includes(value), option, value, values.map((one) => `"${one}"`).join(' or '));
}

function check(valid: boolean, option: string, value: unknown, wanted: string): asserts valid {
  if (!valid) throw new InvalidOptionsError(`${option} is ${wanted}, not ${JSON.stringify(value) ?? String(value)}`);
}
