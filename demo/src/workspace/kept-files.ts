import type { WorkspaceFs } from './client.ts';
import { joinPath, parentOf } from './paths.ts';

/** Files and folders as they were before they were deleted. */
export interface Kept {
  /** From the top. */
  folders: string[];
  files: { path: string; bytes: Uint8Array; executable: boolean }[];
}

/** As much as is kept for an Undo: it is in memory, and what is not on this device has to be read for it. */
export const mostKept: { files: number; bytes: number; ms: number } = { files: 500, bytes: 16 * 1024 * 1024, ms: 4_000 };

const atOnce = 8;

/** Stops the reading: this is more than can be kept, or of a kind that bytes and mode are not all of. */
class Unkept extends Error {}

/** Reads what it takes to bring files and folders back as they are. Answers `null` where that can't be done, or is too much, or takes too long. */
export async function keepFiles(fs: WorkspaceFs, targets: readonly string[]): Promise<Kept | null> {
  const until = performance.now() + mostKept.ms;
  try {
    const { folders, files } = await listAll(fs, targets, until);
    let bytes = 0;
    const kept: Kept = { folders, files: [] };
    const read = async (): Promise<void> => {
      for (let path = files.shift(); path !== undefined; path = files.shift()) {
        const [{ isSymbolicLink, mode }, file] = await Promise.all([fs.lstat(path), fs.readVersioned(path)]);
        bytes += file.bytes.length;
        if (isSymbolicLink || file.conflicted || bytes > mostKept.bytes || performance.now() > until) throw new Unkept();
        kept.files.push({ path, bytes: file.bytes, executable: (mode & 0o100) !== 0 });
      }
    };
    const late = new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Unkept()), mostKept.ms));
    await Promise.race([Promise.all(Array.from({ length: atOnce }, read)), late]);
    return kept;
  } catch {
    // There is no Undo then; nobody asked for one yet.
    return null;
  }
}

/** Writes back what isn't there again by now. Answers how many files were left as they are. */
export async function bringBack(fs: WorkspaceFs, { folders, files }: Kept): Promise<number> {
  let left = 0;
  for (const folder of folders) if (!(await fs.exists(folder))) await fs.mkdir(folder, { recursive: true });
  for (const { path, bytes, executable } of files) {
    if (await fs.exists(path)) {
      left += 1;
      continue;
    }
    await fs.mkdir(parentOf(path), { recursive: true });
    await fs.writeFile(path, bytes);
    if (executable) await fs.chmod(path, 0o755);
  }
  return left;
}

async function listAll(fs: WorkspaceFs, targets: readonly string[], until: number): Promise<{ folders: string[]; files: string[] }> {
  const folders: string[] = [];
  const files: string[] = [];
  const waiting: string[] = [];
  for (const path of targets) ((await fs.lstat(path)).isDirectory ? waiting : files).push(path);
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    folders.push(folder);
    for (const entry of await fs.readdirWithFileTypes(folder)) {
      if (entry.isSymbolicLink) throw new Unkept();
      (entry.isDirectory ? waiting : files).push(joinPath(folder, entry.name));
    }
    if (files.length + folders.length > mostKept.files || performance.now() > until) throw new Unkept();
  }
  return { folders, files };
}
