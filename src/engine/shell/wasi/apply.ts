import type { IFileSystem } from 'just-bash';
import { dirname, joinPath, segments } from '../../../base/paths.ts';
import { sameBytes } from './program.ts';
import type { WasiChanges } from './program.ts';

/** The files of a directory that can be executed, as a program was given them; the program itself sees no such bit. */
export type Executables = ReadonlyMap<string, Uint8Array>;

/**
 * Does to the filesystem what the program did. What is removed goes first, for something else may stand there now: the deepest first, and of directories
 * only what is empty then, since they may hold links the program was not given, or what a peer has put there meanwhile.
 *
 * @returns the paths that were left because of that
 */
export async function apply(fs: IFileSystem, root: string, { removed, made, written }: WasiChanges, executables: Executables): Promise<string[]> {
  const left: string[] = [];
  for (const path of removed.toSorted((a, b) => segments(b).length - segments(a).length)) {
    await fs.rm(joinPath(root, path), { force: true }).catch((error: unknown) => {
      // The scratch's errors have no code.
      if (!(error instanceof Error) || !error.message.startsWith('ENOTEMPTY')) throw error;
      left.push(joinPath(root, path));
    });
  }
  for (const path of made) await fs.mkdir(joinPath(root, path), { recursive: true });
  const moved = removed.flatMap((path) => executables.get(path) ?? []);
  for (const [path, bytes] of written) {
    await fs.mkdir(dirname(joinPath(root, path)), { recursive: true });
    await fs.writeFile(joinPath(root, path), bytes);
    if (moved.some((other) => sameBytes(other, bytes))) await fs.chmod(joinPath(root, path), 0o755);
  }
  return left;
}
