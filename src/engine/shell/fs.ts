import type { CpOptions, FileContent, FsStat, IFileSystem, MkdirOptions, RmOptions } from 'just-bash';
import { FsError } from '../../base/errors.ts';
import { dirname, isWithin, resolvePath } from '../../base/paths.ts';
import { decodeText, encodeText, toLatin1 } from '../../rpc/encoding.ts';
import type { TextEncoding } from '../../rpc/encoding.ts';
import type { FsArgs, FsResult } from '../../rpc/contract.ts';
import type { DirentResult } from '../../rpc/types.ts';
import { toFsError } from '../mount/api-to-fs.ts';
import type { Context } from '../mount/context.ts';
import type { MountMethod } from '../mount/methods.ts';
import type { Mount } from '../mount/mount.ts';
import { copyAcross, moveAcross } from './across.ts';

type Encoding = { encoding?: TextEncoding | null } | TextEncoding;
type WriteEncoding = { encoding?: TextEncoding } | TextEncoding;
/** The shell's name for text whose characters are bytes. */
type ByteString = Awaited<ReturnType<NonNullable<IFileSystem['readFileBytes']>>>;

/** What is the shell's own, unless an org has that name. */
const SCRATCH = ['/tmp', '/dev'];

/**
 * A mount as one command line of a shell sees it. `/tmp` and `/dev` are a scratch filesystem in memory, the shell's own; nothing else outside the mounted repos
 * can be written. Bytes are not copied: the shell reads them beside the data. A write resolves when it can be read, so that a script does not wait for
 * the server line by line; {@link accepted} waits for all of them.
 */
export class ShellFs implements IFileSystem {
  readonly #mount: Mount;
  readonly #scratch: IFileSystem;
  readonly #context: Context;
  readonly #waiting = new Set<Promise<unknown>>();
  #refused: unknown = null;

  constructor(mount: Mount, scratch: IFileSystem) {
    this.#mount = mount;
    this.#scratch = scratch;
    this.#context = mount.context.deferring((accepted) => this.#wait(accepted));
  }

  /** Resolves when the server has accepted what the command line has written. @throws what it refused a write with first */
  async accepted(): Promise<void> {
    while (this.#waiting.size > 0) await Promise.allSettled(this.#waiting);
    if (this.#refused !== null) throw this.#refused;
  }

  async readFile(path: string, options?: Encoding): Promise<string> {
    if (this.#isScratch(path)) return this.#scratch.readFile(path, options);
    return decodeText(await this.#call('readFile', path), encodingOf(options));
  }

  async readFileBytes(path: string): Promise<ByteString> {
    return toLatin1(await this.readFileBuffer(path)) as unknown as ByteString;
  }

  readFileBuffer(path: string): Promise<Uint8Array> {
    return this.#isScratch(path) ? this.#scratch.readFileBuffer(path) : this.#call('readFile', path);
  }

  writeFile(path: string, content: FileContent, options?: WriteEncoding): Promise<void> {
    if (this.#isScratch(path)) return this.#scratch.writeFile(path, content, options);
    return this.#call('writeFile', path, encodeText(content, encodingOf(options)));
  }

  appendFile(path: string, content: FileContent, options?: WriteEncoding): Promise<void> {
    if (this.#isScratch(path)) return this.#scratch.appendFile(path, content, options);
    return this.#call('appendFile', path, encodeText(content, encodingOf(options)));
  }

  exists(path: string): Promise<boolean> {
    return this.#isScratch(path) ? this.#scratch.exists(path) : this.#call('exists', path);
  }

  stat(path: string): Promise<FsStat> {
    return this.#isScratch(path) ? this.#scratch.stat(path) : this.#call('stat', path);
  }

  lstat(path: string): Promise<FsStat> {
    return this.#isScratch(path) ? this.#scratch.lstat(path) : this.#call('lstat', path);
  }

  mkdir(path: string, options?: MkdirOptions): Promise<void> {
    return this.#isScratch(path) ? this.#scratch.mkdir(path, options) : this.#call('mkdir', path, options);
  }

  async readdir(path: string): Promise<string[]> {
    if (this.#isScratch(path)) return this.#scratch.readdir(path);
    return (await this.#call('readdir', path)).map(({ name }) => name);
  }

  async readdirWithFileTypes(path: string): Promise<DirentResult[]> {
    if (!this.#isScratch(path)) return this.#call('readdir', path);
    if (this.#scratch.readdirWithFileTypes !== undefined) return this.#scratch.readdirWithFileTypes(path);
    return [];
  }

  rm(path: string, options?: RmOptions): Promise<void> {
    return this.#isScratch(path) ? this.#scratch.rm(path, options) : this.#call('rm', path, options);
  }

  async cp(from: string, to: string, options?: CpOptions): Promise<void> {
    if (!this.#isScratch(from) && !this.#isScratch(to)) return this.#call('cp', from, to, options);
    // Within the scratch too, which would copy a link for what it leads to.
    return copyAcross(this, from, to, options?.recursive === true);
  }

  async mv(from: string, to: string): Promise<void> {
    const scratch = this.#isScratch(from);
    if (scratch === this.#isScratch(to)) return scratch ? this.#scratch.mv(from, to) : this.#call('mv', from, to);
    const { version } = scratch ? {} : await this.#call('lstat', from);
    await moveAcross(this, from, to);
    if (scratch) await this.accepted();
    else if ((await this.#call('lstat', from)).version !== version) {
      throw new FsError('EBUSY', 'mv', from, { dest: to, hint: 'somebody has changed it meanwhile; the copy is there, and so is what was copied' });
    }
    await this.rm(from, { recursive: true });
  }

  resolvePath(base: string, path: string): string {
    return resolvePath(base, path);
  }

  getAllPaths(): string[] {
    return [];
  }

  chmod(path: string, mode: number): Promise<void> {
    return this.#isScratch(path) ? this.#scratch.chmod(path, mode) : this.#call('chmod', path, mode);
  }

  symlink(target: string, path: string): Promise<void> {
    if (!this.#isScratch(path)) return this.#call('symlink', target, path);
    // What is written through a link of the scratch would not arrive outside of it.
    if (this.#isScratch(resolvePath(dirname(path), target))) return this.#scratch.symlink(target, path);
    return Promise.reject(new FsError('ENOTSUP', 'symlink', target, { dest: path, hint: 'a link of the scratch leads nowhere else; make it in the repo' }));
  }

  link(existing: string, path: string): Promise<void> {
    return this.#isScratch(existing) && this.#isScratch(path) ? this.#scratch.link(existing, path) : this.#call('link', existing, path);
  }

  readlink(path: string): Promise<string> {
    return this.#isScratch(path) ? this.#scratch.readlink(path) : this.#call('readlink', path);
  }

  realpath(path: string): Promise<string> {
    return this.#isScratch(path) ? this.#scratch.realpath(path) : this.#call('realpath', path);
  }

  utimes(path: string, atime: Date, mtime: Date): Promise<void> {
    return this.#isScratch(path) ? this.#scratch.utimes(path, atime, mtime) : this.#call('utimes', path, mtime.getTime());
  }

  #isScratch(path: string): boolean {
    const full = resolvePath('/', path);
    return SCRATCH.some((directory) => isWithin(directory, full)) && this.#mount.context.namespace.locate(full).kind === 'nowhere';
  }

  async #call<M extends MountMethod>(method: M, ...args: FsArgs<M>): Promise<FsResult<M>> {
    try {
      return await this.#mount.call(method, args, this.#context);
    } catch (error) {
      throw toFsError(method, args, error);
    }
  }

  #wait(accepted: Promise<unknown>): void {
    const settled = accepted.then(
      () => undefined,
      (error: unknown) => void (this.#refused ??= error),
    );
    this.#waiting.add(settled);
    void settled.then(() => this.#waiting.delete(settled));
  }
}

function encodingOf(options: Encoding | undefined): TextEncoding {
  return (typeof options === 'string' ? options : options?.encoding) ?? 'utf8';
}
