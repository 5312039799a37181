import type { StoredObject } from '../../../src/core/resolve.ts';
import { MemoryFs } from './memory-fs.ts';
import type { Versions } from './versions.ts';

const GITDIR = '/repo.git';
const AUTHOR = { name: 'bench', email: 'bench@example.com', timestamp: 0, timezoneOffset: 0 };

/** A repo with branches `ours` and `theirs`, in memory. */
export interface Isomorphic {
  /** Merges them; answers the id of the root tree. */
  merge(): Promise<string>;
  /** All files of the repo, by path. */
  files: ReadonlyMap<string, Uint8Array>;
  /** Where in `files` the repo is. */
  gitdir: string;
}

/**
 * isomorphic-git as it is at its best: one pack, which it need not check object by object, is in memory; what it knows of the pack is kept from one merge to
 * the next; nothing is written.
 */
export async function isomorphicGit({ ours, base, theirs, objects }: Versions): Promise<Isomorphic> {
  if (!('Buffer' in globalThis)) Object.assign(globalThis, { Buffer: (await import('buffer')).Buffer });
  const git = await import('isomorphic-git');
  const fs = new MemoryFs();
  const repo = { fs, gitdir: GITDIR, cache: {} };
  await git.init({ ...repo, bare: true, defaultBranch: 'ours' });

  const oids: string[] = [];
  const write = async ({ oid, kind, bytes }: Pick<StoredObject, 'kind' | 'bytes'> & { oid?: string }): Promise<string> => {
    const written = await git.writeObject({ ...repo, type: kind, object: bytes, format: 'content' });
    if (oid !== undefined && written !== oid) throw new Error(`Object ${oid} was written as ${written}`);
    oids.push(written);
    return written;
  };
  for (const object of objects.values()) await write(object);
  const commit = async (tree: string, parents: string[]): Promise<string> => {
    const oid = await git.writeCommit({ ...repo, commit: { tree, parent: parents, author: AUTHOR, committer: AUTHOR, message: 'version\n' } });
    oids.push(oid);
    return oid;
  };
  const root = await commit(base, []);
  for (const [branch, tree] of Object.entries({ ours, theirs })) {
    await git.writeRef({ ...repo, ref: `refs/heads/${branch}`, value: await commit(tree, [root]), force: true });
  }

  const { filename } = await git.packObjects({ ...repo, oids, write: true });
  await git.indexPack({ ...repo, dir: '/', filepath: `${GITDIR.slice(1)}/objects/pack/${filename}` });
  for (const path of fs.files.keys()) if (/\/objects\/[\da-f]{2}\//.test(path)) fs.files.delete(path);

  return {
    files: fs.files,
    gitdir: GITDIR,
    async merge() {
      const { tree } = await git.merge({ ...repo, ours: 'ours', theirs: 'theirs', fastForward: false, dryRun: true, author: AUTHOR });
      return tree ?? '';
    },
  };
}
