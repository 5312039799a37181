import type { FsStat, IFileSystem } from 'just-bash';
import { FsError } from '../../base/errors.ts';
import { joinPath } from '../../base/paths.ts';

/** Copies between the mount and the scratch as `cp` does: links at either end are followed, those inside a directory stay links. */
export async function copyAcross(fs: IFileSystem, from: string, to: string, recursive: boolean): Promise<void> {
  const stat = await fs.stat(from);
  if (stat.isDirectory && !recursive) throw new FsError('EISDIR', 'cp', from, { dest: to });
  // The scratch would write over a link.
  return copy(fs, { from, stat, to: (await fs.exists(to)) ? await fs.realpath(to) : to });
}

/**
 * Copies between the mount and the scratch what is about to be removed here, as rename(2) puts it there: a link stays one, and a link or file that stands
 * there is replaced itself, once the copy is made.
 *
 * @throws FsError EISDIR, ENOTDIR, ENOTEMPTY
 */
export async function moveAcross(fs: IFileSystem, from: string, to: string): Promise<void> {
  const stat = await fs.lstat(from);
  const there = await standing(fs, to);
  if (there === null) return copy(fs, { from, stat, to });
  if (stat.isDirectory !== there.isDirectory) throw new FsError(there.isDirectory ? 'EISDIR' : 'ENOTDIR', 'rename', from, { dest: to });
  if (there.isDirectory && (await fs.readdir(to)).length > 0) throw new FsError('ENOTEMPTY', 'rename', from, { dest: to });
  if (!stat.isSymbolicLink && !there.isSymbolicLink) return copy(fs, { from, stat, to });
  const beside = await freeName(fs, to);
  try {
    await copy(fs, { from, stat, to: beside });
    await fs.mv(beside, to);
  } catch (error) {
    await fs.rm(beside, { force: true });
    throw error;
  }
}

interface Copy {
  from: string;
  stat: FsStat;
  to: string;
}

/** Copies entry by entry. */
async function copy(fs: IFileSystem, { from, stat, to }: Copy): Promise<void> {
  if (stat.isSymbolicLink) return fs.symlink(await fs.readlink(from), to);
  const there = await standing(fs, to);
  if (!stat.isDirectory) {
    // The scratch would write over a directory.
    if (there?.isDirectory === true) throw new FsError('EISDIR', 'cp', from, { dest: to });
    await fs.writeFile(to, await fs.readFileBuffer(from));
    return isExecutable(await fs.stat(to)) === isExecutable(stat) ? undefined : fs.chmod(to, stat.mode & 0o777);
  }
  if (there === null) await fs.mkdir(to);
  else if (!(await fs.stat(to)).isDirectory) throw new FsError('ENOTDIR', 'cp', from, { dest: to });
  for (const name of await fs.readdir(from)) {
    const inner = joinPath(from, name);
    await copy(fs, { from: inner, stat: await fs.lstat(inner), to: joinPath(to, name) });
  }
}

function isExecutable({ mode }: FsStat): boolean {
  return (mode & 0o111) !== 0;
}

/** What has this name, links not followed. */
async function standing(fs: IFileSystem, path: string): Promise<FsStat | null> {
  return fs.lstat(path).catch((error: unknown) => {
    // The scratch's errors have no code.
    if (error instanceof Error && error.message.startsWith('ENOENT')) return null;
    throw error;
  });
}

async function freeName(fs: IFileSystem, path: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = `${path}.~${number}~`;
    if ((await standing(fs, name)) === null) return name;
  }
}
