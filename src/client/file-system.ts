import type { CpOptions, FileContent, IFileSystem, MkdirOptions, RmOptions } from 'just-bash';
import { FsError } from '../base/errors.ts';
import { resolvePath } from '../base/paths.ts';
import { decodeText, encodeText, toLatin1 } from '../rpc/encoding.ts';
import type { TextEncoding } from '../rpc/encoding.ts';
import type { Conflict, DirentResult, Resolution, StatResult, VersionedFile, WatchEvent } from '../rpc/types.ts';
import { MesaBash } from './bash.ts';
import type { MesaBashOptions } from './bash.ts';
import { aboutRepo } from './arguments.ts';
import { checkNames } from './option-names.ts';
import { BookmarkOps } from './bookmark-ops.ts';
import { CacheView } from './cache.ts';
import type { Calls } from './calls.ts';
import { ChangeOps } from './change-ops.ts';
import type { Platform } from './platform.ts';
import { MesaFileSystemSubscription } from './subscription.ts';
import type { WatchEventHandler } from './subscription.ts';
import { SyncView } from './sync.ts';

/** An encoding, alone or as an option. */
export type ReadEncoding = TextEncoding | { encoding?: TextEncoding | null };
/** An encoding, and the version the new content was made from. */
export type WriteOptions = TextEncoding | { encoding?: TextEncoding; base?: string };
/** An encoding, alone or as an option: what is appended replaces nothing, so there is no version it was made from. */
export type AppendOptions = TextEncoding | { encoding?: TextEncoding };
type ByteString = Awaited<ReturnType<NonNullable<IFileSystem['readFileBytes']>>>;

/**
 * Mounted repos as one filesystem. Paths are `/<org>/<repo>/…`. Failures are `FsError`s in Node's form. Calls take effect in the order they are made,
 * awaited or not; a write resolves when it is kept on this device or when the server has it, as the mount says (`durability`).
 */
export class MesaFileSystem implements IFileSystem {
  readonly change: ChangeOps;
  readonly bookmark: BookmarkOps;
  readonly sync: SyncView;
  readonly cache: CacheView;
  readonly #calls: Calls;
  readonly #platform: Platform;
  readonly #subscriptions = new Set<MesaFileSystemSubscription>();

  /** `mesa.fs.mount` makes these. */
  constructor(calls: Calls, platform: Platform) {
    this.#calls = calls;
    this.#platform = platform;
    this.change = new ChangeOps(calls);
    this.bookmark = new BookmarkOps(calls);
    this.sync = new SyncView(calls);
    this.cache = new CacheView(calls);
  }

  async readFile(path: string, options?: ReadEncoding): Promise<string> {
    const encoding = (typeof options === 'string' ? options : options?.encoding) ?? 'utf8';
    return decodeText(await this.readFileBuffer(path), encoding);
  }

  /** The bytes as text whose characters are bytes. */
  async readFileBytes(path: string): Promise<ByteString> {
    return toLatin1(await this.readFileBuffer(path)) as unknown as ByteString;
  }

  readFileBuffer(path: string): Promise<Uint8Array> {
    return this.#calls.call('readFile', path);
  }

  /** A file's bytes with their version, in one step: what an editor loads. */
  readVersioned(path: string): Promise<VersionedFile> {
    return this.#calls.call('readVersioned', path);
  }

  /**
   * Creates or replaces a file; its directory must be there. With `base`, edits made since that version are merged instead of replaced.
   *
   * @throws InvalidOptionsError for an option there is not: a `base` that is misspelt would replace what others wrote
   */
  async writeFile(path: string, content: FileContent, options?: WriteOptions): Promise<void> {
    const { encoding, base, ...others } = typeof options === 'string' ? { encoding: options } : (options ?? {});
    // Others write by Node's names: a mode is set by chmod.
    checkNames<Record<string, unknown>>('writeFile', others, ['base', 'mode']);
    const bytes = encodeText(content, encoding);
    await this.#calls.call('writeFile', path, bytes, ...(base === undefined ? [] : [{ base }]));
  }

  /** Adds to the end of a file, whatever it holds by now, and creates one where there is none. @throws FsError EINVAL for a `base` */
  async appendFile(path: string, content: FileContent, options?: AppendOptions): Promise<void> {
    if (typeof options === 'object' && (options as { base?: unknown } | null)?.base !== undefined) {
      const hint = 'appendFile takes no base: it adds to what is there by then; writeFile(path, content, { base }) merges';
      throw new FsError('EINVAL', 'open', path, { hint });
    }
    await this.#calls.call('appendFile', path, encodeText(content, typeof options === 'string' ? options : options?.encoding));
  }

  exists(path: string): Promise<boolean> {
    return this.#calls.call('exists', path);
  }

  stat(path: string): Promise<StatResult> {
    return this.#calls.call('stat', path);
  }

  lstat(path: string): Promise<StatResult> {
    return this.#calls.call('lstat', path);
  }

  async mkdir(path: string, options?: MkdirOptions): Promise<void> {
    await this.#calls.call('mkdir', path, { recursive: options?.recursive === true });
  }

  async readdir(path: string): Promise<string[]> {
    return (await this.#calls.call('readdir', path)).map(({ name }) => name);
  }

  readdirWithFileTypes(path: string): Promise<DirentResult[]> {
    return this.#calls.call('readdir', path);
  }

  async rm(path: string, options?: RmOptions): Promise<void> {
    await this.#calls.call('rm', path, { recursive: options?.recursive === true, force: options?.force === true });
  }

  async cp(src: string, dest: string, options?: CpOptions): Promise<void> {
    await this.#calls.call('cp', src, dest, { recursive: options?.recursive === true });
  }

  async mv(src: string, dest: string): Promise<void> {
    await this.#calls.call('mv', src, dest);
  }

  resolvePath(base: string, path: string): string {
    return resolvePath(base, path);
  }

  /** Always empty: a mount is read as it is needed. */
  getAllPaths(): string[] {
    return [];
  }

  /** Keeps the executable bit; a file has no other. */
  async chmod(path: string, mode: number): Promise<void> {
    await this.#calls.call('chmod', path, mode);
  }

  async symlink(target: string, linkPath: string): Promise<void> {
    await this.#calls.call('symlink', target, linkPath);
  }

  /** @throws FsError EPERM, always: there are no hard links */
  async link(existingPath: string, newPath: string): Promise<void> {
    await this.#calls.call('link', existingPath, newPath);
  }

  readlink(path: string): Promise<string> {
    return this.#calls.call('readlink', path);
  }

  realpath(path: string): Promise<string> {
    return this.#calls.call('realpath', path);
  }

  /** The access time is not kept. */
  async utimes(path: string, _atime: Date | number, mtime: Date | number): Promise<void> {
    await this.#calls.call('utimes', path, Number(mtime));
  }

  /** Metadata is outside history: strings by name, with `org` and `repo`, which are read-only. */
  getMetadata(path: string): Promise<Record<string, string>> {
    return this.#calls.call('getMetadata', path);
  }

  /** Sets some keys and leaves the others; `null` and `''` delete. All at once. */
  async setMetadata(path: string, values: Record<string, string | null>): Promise<void> {
    await this.#calls.call('setMetadata', path, values);
  }

  async clearMetadata(path: string): Promise<void> {
    await this.#calls.call('clearMetadata', path);
  }

  /** The absolute paths in conflict now. */
  async conflicts(options: { repo: string }): Promise<string[]> {
    return this.#calls.call('conflicts', aboutRepo('conflicts', options));
  }

  /** The sides of a conflict, or `null` where there is none. */
  readConflict(path: string): Promise<Conflict | null> {
    return this.#calls.call('readConflict', path);
  }

  /**
   * Settles a conflict: with one of its `sides`, with other content, or by deleting the file. With `base`, the `version` of the conflict that was read, what
   * others added to it since is kept; without, that holds only for what came within a second, and sides that came then have to be read first.
   *
   * @throws FsError EINVAL unless it is one of these, EFBIG
   */
  async resolveConflict(path: string, resolution: ({ take: number } | { content: string | Uint8Array } | { delete: true }) & { base?: string }): Promise<void> {
    const { content } = (resolution as { content?: string | Uint8Array } | null) ?? {};
    const plain = content === undefined ? resolution : { ...resolution, content: encodeText(content) };
    await this.#calls.call('resolveConflict', path, plain as Resolution);
  }

  /** Calls `handler` for every path that changes and not by this mount, once the new state can be read. */
  subscribe(handler: WatchEventHandler): MesaFileSystemSubscription {
    const subscription = new MesaFileSystemSubscription(handler, (ended) => this.#subscriptions.delete(ended));
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** A bash over the mount; close it when it is no longer needed. */
  bash(options: MesaBashOptions = {}): MesaBash {
    return MesaBash.over(this, this.#calls, this.#platform, options);
  }

  /** Hands events to the subscriptions. */
  deliver(events: readonly WatchEvent[]): void {
    // Whoever subscribes while it is told hears of what comes next.
    for (const subscription of [...this.#subscriptions]) subscription.deliver(events);
  }

  /**
   * Lets go of everything; answers how many operations the server has not accepted. Those that are kept on this device are sent by the next mount there;
   * others are given the time they take, unless the server can't be reached. Calls that wait for the network for more than a second fail with `ECANCELED`.
   * Twice is fine.
   */
  async close(): Promise<{ pending: number }> {
    try {
      return await this.#calls.close();
    } finally {
      for (const subscription of this.#subscriptions) subscription.unsubscribe();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
