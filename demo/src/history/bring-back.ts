import { joinPath, parentOf } from '../workspace/paths.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { FileChange, Version } from './history-source.ts';

/** How many are read at a time. */
const atOnce = 4;

/**
 * Writes the files that a version deleted into the present change, as they were in the version before. What is there again by now stays as it is. `onDone` hears how
 * many are done.
 */
export async function bringBackAll(workspace: Workspace, version: Version, files: readonly FileChange[], onDone: (count: number) => void): Promise<void> {
  const { fs, root, history, notices } = workspace;
  const [before] = version.parents;
  if (before === undefined) return;
  const waiting = [...files];
  let [done, back, there, lost] = [0, 0, 0, 0];
  const bring = async ({ path: name }: FileChange): Promise<void> => {
    const path = joinPath(root, name);
    if (await fs.exists(path)) return void (there += 1);
    const file = await history.source.read(name, before);
    // A link, or a conflict, is more than its bytes.
    if (file?.kind !== 'file' || file.conflicted) return void (lost += 1);
    await fs.mkdir(parentOf(path), { recursive: true });
    await fs.writeFile(path, file.bytes);
    if (file.executable) await fs.chmod(path, 0o755);
    back += 1;
  };
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      await bring(file);
      onDone((done += 1));
    }
  };
  await notices.attempt('Not all files could be brought back', async () => {
    try {
      await Promise.all(Array.from({ length: atOnce }, work));
    } finally {
      waiting.length = 0;
      await workspace.refreshAll();
    }
    const rest = [there > 0 ? `There again by now, and left as they are: ${there}.` : '', lost > 0 ? `Links, or in conflict then: ${lost}.` : '']
      .filter(Boolean)
      .join(' ');
    notices.show(back > 0 ? 'success' : 'info', back === 1 ? '1 file brought back' : `${back} files brought back`, rest === '' ? {} : { detail: rest });
  });
}
