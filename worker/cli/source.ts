import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { MODE } from '../../src/base/ids.ts';
import { repoPathProblem } from '../../src/base/path-problem.ts';
import { joinPath } from '../../src/base/paths.ts';
import { readName } from './raw-name.ts';

/** One file or symlink that can be imported. */
export interface SourceEntry {
  /** Relative to the root of the import, `/`-separated. */
  path: string;
  /** 0o100644, 0o100755 or 0o120000. */
  mode: number;
  /** Milliseconds since the epoch, when the source knows it. */
  mtime?: number;
  /** The content; of a symlink its target. */
  read(): Promise<Uint8Array>;
}

/** What an import reads, and what of it cannot be taken, each with the reason. */
export interface Source {
  entries: SourceEntry[];
  /** Directories with nothing in them that can be taken; those on the way to one are not told. */
  emptyDirectories: string[];
  skipped: { path: string; reason: string }[];
  /** Lets go of what reading needed. */
  close?(): void;
}

/** Everything in a folder: files, exec bits, symlinks, empty directories. A `.git` inside is left out, since no path in a repo can have that name. */
export async function folderSource(root: string): Promise<Source> {
  const source: Source = { entries: [], emptyDirectories: [], skipped: [] };
  const taken = (): number => source.entries.length + source.emptyDirectories.length;
  const walk = async (directory: string): Promise<void> => {
    const before = taken();
    const listing = await readdir(join(root, directory), { withFileTypes: true, encoding: 'buffer' });
    for (const item of listing.toSorted((a, b) => Buffer.compare(a.name, b.name))) {
      const { text, problem } = readName(item.name);
      const path = joinPath(directory, text);
      if (problem !== null) source.skipped.push({ path, reason: problem });
      else if (item.isDirectory() && repoPathProblem(path) === null) await walk(path);
      else await addFile(source, root, path);
    }
    if (directory !== '' && taken() === before) source.emptyDirectories.push(directory);
  };
  await walk('');
  return source;
}

/** Adds the file at `path` under `root` to a source, or to what is skipped when it is of a kind that no repo holds. */
export async function addFile(source: Source, root: string, path: string): Promise<void> {
  const problem = repoPathProblem(path);
  if (problem !== null) {
    source.skipped.push({ path, reason: problem });
    return;
  }
  const full = join(root, path);
  const info = await lstat(full);
  const mtime = Math.floor(info.mtimeMs);
  if (info.isSymbolicLink()) {
    source.entries.push({ path, mode: MODE.symlink, mtime, read: () => readlink(full, { encoding: 'buffer' }) });
  } else if (info.isFile()) {
    const mode = (info.mode & 0o100) === 0 ? MODE.file : MODE.executable;
    source.entries.push({ path, mode, mtime, read: () => readFile(full) });
  } else {
    source.skipped.push({ path, reason: info.isDirectory() ? 'a nested git repository' : 'not a file, directory or symlink' });
  }
}
