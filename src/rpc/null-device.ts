import type { CpOptions, FileContent, FsStat, IFileSystem, MkdirOptions, RmOptions } from 'just-bash';
import { FsError } from '../base/errors.ts';
import { resolvePath } from '../base/paths.ts';

const DEVICE = '/dev/null';
/** With an identity: `cp` refuses what it can't tell from its destination. */
const STAT: FsStat = { isFile: false, isDirectory: false, isSymbolicLink: false, mode: 0o020666, size: 0, mtime: new Date(0), identity: DEVICE };

type Encoding = Parameters<IFileSystem['readFile']>[1];
type WriteEncoding = Parameters<IFileSystem['writeFile']>[2];
type Whole = IFileSystem & Required<Pick<IFileSystem, 'readFileBytes' | 'readdirWithFileTypes'>>;

/**
 * A filesystem of a shell with `/dev/null` in it: what is written there is gone, and nothing can be read from it. Scripts redirect into it everywhere; a mount
 * would refuse that, and the interpreter ends the whole script then.
 */
export class NullDeviceFs implements IFileSystem {
  readonly #fs: Whole;

  constructor(fs: Whole) {
    this.#fs = fs;
  }

  async readFile(path: string, options?: Encoding): Promise<string> {
    return isDevice(path) ? '' : this.#fs.readFile(path, options);
  }

  async readFileBytes(path: string): ReturnType<Whole['readFileBytes']> {
    return isDevice(path) ? ('' as unknown as ReturnType<Whole['readFileBytes']>) : this.#fs.readFileBytes(path);
  }

  async readFileBuffer(path: string): Promise<Uint8Array> {
    return isDevice(path) ? new Uint8Array(0) : this.#fs.readFileBuffer(path);
  }

  async writeFile(path: string, content: FileContent, options?: WriteEncoding): Promise<void> {
    if (!isDevice(path)) await this.#fs.writeFile(path, content, options);
  }

  async appendFile(path: string, content: FileContent, options?: WriteEncoding): Promise<void> {
    if (!isDevice(path)) await this.#fs.appendFile(path, content, options);
  }

  async exists(path: string): Promise<boolean> {
    return isDevice(path) || this.#fs.exists(path);
  }

  async stat(path: string): Promise<FsStat> {
    return isDevice(path) ? STAT : this.#fs.stat(path);
  }

  async lstat(path: string): Promise<FsStat> {
    return isDevice(path) ? STAT : this.#fs.lstat(path);
  }

  async mkdir(path: string, options?: MkdirOptions): Promise<void> {
    if (isDevice(path)) throw new FsError('EEXIST', 'mkdir', path);
    await this.#fs.mkdir(path, options);
  }

  async readdir(path: string): Promise<string[]> {
    if (isDevice(path)) throw new FsError('ENOTDIR', 'scandir', path);
    return this.#fs.readdir(path);
  }

  async readdirWithFileTypes(path: string): ReturnType<Whole['readdirWithFileTypes']> {
    if (isDevice(path)) throw new FsError('ENOTDIR', 'scandir', path);
    return this.#fs.readdirWithFileTypes(path);
  }

  async rm(path: string, options?: RmOptions): Promise<void> {
    if (isDevice(path)) throw refused('rm', path);
    await this.#fs.rm(path, options);
  }

  async cp(from: string, to: string, options?: CpOptions): Promise<void> {
    if (isDevice(from)) return this.writeFile(to, '');
    if (!isDevice(to)) return this.#fs.cp(from, to, options);
    if ((await this.#fs.stat(from)).isDirectory) throw new FsError('ENOTDIR', 'cp', from, { dest: to });
  }

  async mv(from: string, to: string): Promise<void> {
    if (isDevice(from) || isDevice(to)) throw refused('rename', from, to);
    await this.#fs.mv(from, to);
  }

  resolvePath(base: string, path: string): string {
    return this.#fs.resolvePath(base, path);
  }

  getAllPaths(): string[] {
    return this.#fs.getAllPaths();
  }

  async chmod(path: string, mode: number): Promise<void> {
    if (isDevice(path)) throw refused('chmod', path);
    await this.#fs.chmod(path, mode);
  }

  async symlink(target: string, path: string): Promise<void> {
    if (isDevice(path)) throw new FsError('EEXIST', 'symlink', target, { dest: path });
    await this.#fs.symlink(target, path);
  }

  async link(existing: string, path: string): Promise<void> {
    if (isDevice(existing) || isDevice(path)) throw refused('link', existing, path);
    await this.#fs.link(existing, path);
  }

  async readlink(path: string): Promise<string> {
    if (isDevice(path)) throw new FsError('EINVAL', 'readlink', path);
    return this.#fs.readlink(path);
  }

  async realpath(path: string): Promise<string> {
    return isDevice(path) ? DEVICE : this.#fs.realpath(path);
  }

  async utimes(path: string, atime: Date, mtime: Date): Promise<void> {
    if (!isDevice(path)) await this.#fs.utimes(path, atime, mtime);
  }
}

function isDevice(path: string): boolean {
  return resolvePath('/', path) === DEVICE;
}

function refused(syscall: string, path: string, dest?: string): FsError {
  return new FsError('EPERM', syscall, path, { hint: `${DEVICE} stays where it is and as it is`, ...(dest === undefined ? {} : { dest }) });
}
