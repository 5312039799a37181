import type { PromiseFsClient } from 'isomorphic-git';

/** Files in memory, with no more than isomorphic-git asks of a filesystem: nothing could be quicker for it. */
export class MemoryFs {
  readonly files: Map<string, Uint8Array> = new Map();
  readonly promises: PromiseFsClient['promises'] = {
    readFile: async (path: string, options?: { encoding?: string } | string): Promise<Uint8Array | string> => {
      const bytes = this.files.get(path) ?? missing(path);
      return (typeof options === 'string' ? options : options?.encoding) === undefined ? bytes : new TextDecoder().decode(bytes);
    },
    writeFile: async (path: string, data: Uint8Array | string): Promise<void> => {
      this.files.set(path, typeof data === 'string' ? new TextEncoder().encode(data) : data);
    },
    unlink: async (path: string): Promise<void> => void this.files.delete(path),
    readdir: async (path: string): Promise<string[]> => {
      const inside = [...this.files.keys()].filter((file) => file.startsWith(`${path}/`)).map((file) => file.slice(path.length + 1).split('/')[0] ?? '');
      return [...new Set(inside)];
    },
    stat: async (path: string): Promise<object> => this.#stat(path),
    lstat: async (path: string): Promise<object> => this.#stat(path),
    mkdir: async (): Promise<void> => undefined,
    rmdir: async (): Promise<void> => undefined,
    readlink: async (path: string): Promise<string> => missing(path),
    symlink: async (_target: string, path: string): Promise<void> => missing(path),
  };

  #stat(path: string): object {
    const bytes = this.files.get(path);
    const isDirectory = bytes === undefined && [...this.files.keys()].some((file) => file.startsWith(`${path}/`));
    if (bytes === undefined && !isDirectory) missing(path);
    return { isFile: () => !isDirectory, isDirectory: () => isDirectory, isSymbolicLink: () => false, size: bytes?.length ?? 0, mtimeMs: 0, ctimeMs: 0 };
  }
}

function missing(path: string): never {
  throw Object.assign(new Error(`There is no ${path}`), { code: 'ENOENT' });
}
