import { Directory, File, Inode, OpenFile, wasi } from '@bjorn3/browser_wasi_shim';
import { sameBytes } from './program.ts';
import type { WasiChanges, WasiDirectory, WasiLimits } from './program.ts';

/** How much files may still grow, shared by all of a run. */
export interface Room {
  left: number;
}

/** A file that grows by doubling, up to a limit: a program writes it a few kilobytes at a time. */
class BoundedFile extends File {
  readonly #room: Room;
  readonly #most: number;

  constructor(bytes: Uint8Array, room: Room, most: number) {
    super(bytes);
    this.#room = room;
    this.#most = most;
  }

  override path_open(oflags: number, rights: bigint, flags: number): { ret: number; fd_obj: OpenFile } {
    const opened = super.path_open(oflags, rights, flags);
    const bounded = new BoundedOpenFile(this, (flags & wasi.FDFLAGS_APPEND) !== 0);
    bounded.file_pos = opened.fd_obj.file_pos;
    return { ret: opened.ret, fd_obj: bounded };
  }

  /** Makes it at least this long; `false` when it may not be. */
  reach(size: number): boolean {
    const { data } = this;
    const more = size - data.byteLength;
    if (more <= 0) return true;
    if (size > this.#most || more > this.#room.left) return false;
    this.#room.left -= more;
    if (size <= data.buffer.byteLength - data.byteOffset) {
      this.data = new Uint8Array(data.buffer, data.byteOffset, size);
      return true;
    }
    const roomy = new Uint8Array(Math.max(size, Math.min(data.byteLength * 2, this.#most)));
    roomy.set(data);
    this.data = roomy.subarray(0, size);
    return true;
  }
}

class BoundedOpenFile extends OpenFile {
  readonly #appends: boolean;
  readonly #file: BoundedFile;

  constructor(file: BoundedFile, appends: boolean) {
    super(file);
    this.#file = file;
    this.#appends = appends;
  }

  override fd_allocate(offset: bigint, length: bigint): number {
    return this.#file.reach(Number(offset + length)) ? wasi.ERRNO_SUCCESS : wasi.ERRNO_NOSPC;
  }

  override fd_filestat_set_size(size: bigint): number {
    if (!this.#file.reach(Number(size))) return wasi.ERRNO_NOSPC;
    // A copy: what was cut off must not come back when it grows again.
    this.#file.data = this.#file.data.slice(0, Number(size));
    return wasi.ERRNO_SUCCESS;
  }

  override fd_write(data: Uint8Array): { ret: number; nwritten: number } {
    if (this.#appends) this.file_pos = this.#file.size;
    if (!this.#file.reach(Number(this.file_pos) + data.byteLength)) return { ret: wasi.ERRNO_NOSPC, nwritten: 0 };
    return super.fd_write(data);
  }

  override fd_pwrite(data: Uint8Array, offset: bigint): { ret: number; nwritten: number } {
    if (!this.#file.reach(Number(offset) + data.byteLength)) return { ret: wasi.ERRNO_NOSPC, nwritten: 0 };
    return super.fd_pwrite(data, offset);
  }
}

/** A directory whose new files are bounded too. */
class BoundedDirectory extends Directory {
  readonly #room: Room;
  readonly #most: number;

  constructor(room: Room, most: number) {
    super(new Map());
    this.#room = room;
    this.#most = most;
  }

  override create_entry_for_path(path: string, isDirectory: boolean): { ret: number; entry: Inode | null } {
    const made = super.create_entry_for_path(path, isDirectory);
    if (made.entry === null) return made;
    const names = path.split('/').filter((part) => part !== '' && part !== '.');
    const name = names.pop() ?? '';
    // The library has made one of its own; this one takes its place where the path leads.
    const parent = this.get_entry_for_path({ parts: fold(names), is_dir: true } as never).entry;
    if (!(parent instanceof Directory)) return made;
    const entry = isDirectory ? new BoundedDirectory(this.#room, this.#most) : new BoundedFile(new Uint8Array(0), this.#room, this.#most);
    parent.contents.set(name, entry);
    return { ret: made.ret, entry };
  }

  addFile(name: string, bytes: Uint8Array): void {
    this.contents.set(name, new BoundedFile(bytes, this.#room, this.#most));
  }

  addDirectory(name: string): BoundedDirectory {
    const directory = new BoundedDirectory(this.#room, this.#most);
    this.contents.set(name, directory);
    return directory;
  }
}

function fold(parts: string[]): string[] {
  const out: string[] = [];
  for (const part of parts) {
    if (part === '..') out.pop();
    else out.push(part);
  }
  return out;
}

/** Makes the directory that a program sees. */
export function openDirectory({ entries }: WasiDirectory, room: Room, limits: WasiLimits): Directory {
  const root = new BoundedDirectory(room, limits.file);
  const directories = new Map([['', root]]);
  for (const [path, bytes] of entries) {
    const cut = path.lastIndexOf('/');
    const parent = directories.get(path.slice(0, Math.max(cut, 0)));
    const name = path.slice(cut + 1);
    if (bytes === null) {
      const made = parent?.addDirectory(name);
      if (made !== undefined) directories.set(path, made);
    } else parent?.addFile(name, bytes);
  }
  return root;
}

/** What differs from what the program was given. */
export function changesOf({ entries }: WasiDirectory, root: Directory): WasiChanges {
  const before = new Map(entries);
  const changes: WasiChanges = { removed: [], made: [], written: [] };
  const visit = (directory: Directory, prefix: string): void => {
    for (const [name, inode] of directory.contents) {
      const path = prefix + name;
      const was = before.get(path);
      before.delete(path);
      if (inode instanceof Directory) {
        if (was instanceof Uint8Array) changes.removed.push(path);
        if (was !== null) changes.made.push(path);
        visit(inode, `${path}/`);
      } else if (inode instanceof File) {
        if (was === null) changes.removed.push(path);
        if (!(was instanceof Uint8Array) || !sameBytes(was, inode.data)) changes.written.push([path, inode.data.slice()]);
      }
    }
  };
  visit(root, '');
  changes.removed.push(...before.keys());
  return changes;
}
