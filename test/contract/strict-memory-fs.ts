import { InMemoryFs } from 'just-bash';
import { FsError } from '../../src/base/errors.ts';
import { basename, dirname, resolvePath } from '../../src/base/paths.ts';

type Content = Parameters<InMemoryFs['writeFile']>[1];
type Encoding = Parameters<InMemoryFs['writeFile']>[2];

/**
 * just-bash's own filesystem as a second witness for what {@link plainSuite} asks. It is laxer than a POSIX one in places, which is mended here: it makes
 * missing parents, writes over links, and its errors carry no code.
 */
export class StrictMemoryFs extends InMemoryFs {
  override async readFileBuffer(path: string): Promise<Uint8Array> {
    const real = await this.#real(path);
    await this.#walk(real, 'open');
    return coded('open', path, async () => (await super.readFileBuffer(real)).slice());
  }

  override async readFile(path: string, options?: Parameters<InMemoryFs['readFile']>[1]): Promise<string> {
    const real = await this.#real(path);
    await this.#walk(real, 'open');
    return coded('open', path, () => super.readFile(real, options));
  }

  override async writeFile(path: string, content: Content, options?: Encoding): Promise<void> {
    const target = await this.#target(path, 'open');
    const mode = (await super.exists(target)) ? (await super.stat(target)).mode : null;
    await coded('open', path, () => super.writeFile(target, typeof content === 'string' ? content : content.slice(), options));
    if (mode !== null) await super.chmod(target, mode);
  }

  override async appendFile(path: string, content: Content, options?: Encoding): Promise<void> {
    const target = await this.#target(path, 'open');
    return coded('open', path, () => super.appendFile(target, content, options));
  }

  override stat(path: string): ReturnType<InMemoryFs['stat']> {
    return coded('stat', path, () => super.stat(path));
  }

  override lstat(path: string): ReturnType<InMemoryFs['lstat']> {
    return coded('lstat', path, () => super.lstat(path));
  }

  override async mkdir(path: string, options?: { recursive?: boolean }): Promise<void> {
    const there = await super.exists(path);
    if (there && !(options?.recursive === true && (await super.stat(path)).isDirectory)) throw new FsError('EEXIST', 'mkdir', path);
    for (let parent = dirname(path); parent !== '/'; parent = dirname(parent)) {
      if ((await super.exists(parent)) && !(await super.stat(parent)).isDirectory) throw new FsError('ENOTDIR', 'mkdir', path);
    }
    return coded('mkdir', path, () => super.mkdir(path, options));
  }

  override async readdir(path: string): Promise<string[]> {
    const real = await this.realpath(path);
    return coded('scandir', path, () => super.readdir(real));
  }

  override async rm(path: string, options?: { recursive?: boolean; force?: boolean }): Promise<void> {
    return coded('rm', path, () => super.rm(path, options));
  }

  override async cp(from: string, to: string, options?: { recursive?: boolean }): Promise<void> {
    await this.#parent(to, 'cp');
    return coded('cp', from, () => super.cp(from, to, options));
  }

  override async mv(from: string, to: string): Promise<void> {
    await coded('rename', from, () => super.lstat(from));
    await this.#parent(to, 'rename');
    return coded('rename', from, () => super.mv(from, to));
  }

  override chmod(path: string, mode: number): Promise<void> {
    return coded('chmod', path, () => super.chmod(path, mode));
  }

  override symlink(target: string, path: string): Promise<void> {
    return coded('symlink', path, () => super.symlink(target, path));
  }

  override readlink(path: string): Promise<string> {
    return coded('readlink', path, () => super.readlink(path));
  }

  override async realpath(path: string): Promise<string> {
    const real = await this.#leaf(path);
    return coded('realpath', path, () => super.realpath(real));
  }

  override utimes(path: string, atime: Date, mtime: Date): Promise<void> {
    return coded('utime', path, () => super.utimes(path, atime, mtime));
  }

  /** Where a write of `path` goes: its own place, or where a link there leads. */
  async #target(path: string, syscall: string): Promise<string> {
    await this.#walk(path, syscall);
    const link = await super.lstat(path).catch(() => null);
    const target = link?.isSymbolicLink === true ? await coded(syscall, path, () => super.realpath(path)) : path;
    if (await super.exists(target)) {
      if ((await super.stat(target)).isDirectory) throw new FsError('EISDIR', syscall, path);
    } else await this.#parent(target, syscall);
    return target;
  }

  /** The path with the links on its way followed, each from where it really stands; the last part as it is. */
  async #real(path: string): Promise<string> {
    let real = '/';
    for (const name of resolvePath('/', dirname(path))
      .split('/')
      .filter((part) => part !== '')) {
      const next = resolvePath(real, name);
      const link = await super.lstat(next).catch(() => null);
      real = link?.isSymbolicLink === true ? await this.#leaf(resolvePath(real, await super.readlink(next))) : next;
    }
    return resolvePath(real, basename(path));
  }

  /** As {@link #real}, with a link at the end followed too. */
  async #leaf(path: string): Promise<string> {
    let real = await this.#real(path);
    for (let links = 0; links < 40; links += 1) {
      const link = await super.lstat(real).catch(() => null);
      if (link?.isSymbolicLink !== true) return real;
      real = await this.#real(resolvePath(dirname(real), await super.readlink(real)));
    }
    throw new FsError('ELOOP', 'open', path);
  }

  /** @throws FsError ENOTDIR when a file stands on the way */
  async #walk(path: string, syscall: string): Promise<void> {
    for (let parent = dirname(path); parent !== '/'; parent = dirname(parent)) {
      if ((await super.exists(parent)) && !(await super.stat(parent)).isDirectory) throw new FsError('ENOTDIR', syscall, path);
    }
  }

  async #parent(path: string, syscall: string): Promise<void> {
    if (!(await super.exists(dirname(path)))) throw new FsError('ENOENT', syscall, path);
  }
}

/** Gives an error the code its message begins with. */
async function coded<T>(syscall: string, path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const code = error instanceof Error ? /^(E[A-Z]+):/.exec(error.message)?.[1] : undefined;
    if (error instanceof Error && code !== undefined && !('code' in error)) Object.assign(error, { code, syscall, path });
    throw error;
  }
}
