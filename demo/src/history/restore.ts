import { sameBytes } from '../workspace/bytes.ts';
import { isNoFile } from '../workspace/errors.ts';
import type { VersionedFile } from '../workspace/client.ts';
import { baseName, parentOf } from '../workspace/paths.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { ABSENT, writtenVersion } from '../workspace/written-version.ts';
import type { FileVersion } from './history-source.ts';

/**
 * Writes a file as it was into the present change, and opens it. What others write meanwhile is merged with it, or kept beside it; what was there before can be
 * brought back from the notice. `name` is the version's. Answers whether it was done.
 */
export async function restoreFile(workspace: Workspace, path: string, version: FileVersion, name: string): Promise<boolean> {
  const { fs, documents, notices } = workspace;
  const file = baseName(path);
  try {
    const open = documents.find(path);
    // What is unsaved is saved first, so that it is among what can be brought back.
    if (open?.dirty.peek() === true && !open.livePaused.peek()) await open.save();
    const before = await readIfThere(workspace, path);
    if (before?.conflicted === true || open?.conflicted.peek() === true) {
      const show = { label: 'Show', run: () => void documents.open(path) };
      notices.show('warning', `“${file}” is in conflict now`, { detail: 'Resolve that first: nothing of it is to be lost.', actions: [show] });
      return false;
    }
    if (before && sameBytes(before.bytes, version.bytes)) {
      documents.open(path);
      notices.show('info', `“${file}” is still the same`, { detail: `It holds what it held in ${name}.` });
      return true;
    }
    const base = before?.version ?? ABSENT;
    if (!before) await fs.mkdir(parentOf(path), { recursive: true });
    await fs.writeFile(path, version.bytes, { base });
    if (!before && version.executable) await fs.chmod(path, 0o755);
    const written = before || !version.executable ? await writtenVersion(base, version.bytes) : null;
    const after = written ?? (await fs.readVersioned(path)).version;
    workspace.noteChange({ path, recursive: false });
    documents.open(path);
    const back = { label: 'Undo', run: () => void undo(workspace, path, before, after) };
    notices.show('success', `“${file}” restored`, { detail: `It is as it was in ${name}.`, actions: [back], own: true });
    return true;
  } catch (error) {
    notices.fail(`“${file}” couldn’t be restored`, error);
    return false;
  }
}

/** Brings back what a restored version took the place of; what was written since stays. */
async function undo(workspace: Workspace, path: string, before: VersionedFile | null, after: string): Promise<void> {
  const { fs, notices } = workspace;
  try {
    if (before) await fs.writeFile(path, before.bytes, { base: after });
    else if ((await readIfThere(workspace, path))?.version === after) await fs.rm(path);
    else notices.show('info', `“${baseName(path)}” was changed since, and stays`);
    workspace.noteChange({ path, recursive: false });
  } catch (error) {
    notices.fail(`“${baseName(path)}” couldn’t be put back`, error);
  }
}

async function readIfThere({ fs }: Workspace, path: string): Promise<VersionedFile | null> {
  try {
    return await fs.readVersioned(path);
  } catch (error) {
    if (isNoFile(error)) return null;
    throw error;
  }
}
