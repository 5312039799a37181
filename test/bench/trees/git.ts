import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Isomorphic } from './isomorphic.ts';

const run = promisify(execFile);

/** The machine's git, in a repo on disk. */
export interface Git {
  version: string;
  /** Merges its branches `ours` and `theirs`; answers the id of the root tree. */
  merge(): Promise<string>;
  /** Starts git to do nothing. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Writes a repo to disk for git. */
export async function gitRepo({ files, gitdir }: Isomorphic): Promise<Git> {
  const root = await mkdtemp(join(tmpdir(), 'mesafs-bench-'));
  for (const [path, bytes] of files) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  const repo = join(root, gitdir);
  const git = async (...args: string[]): Promise<string> => (await run('git', ['--git-dir', repo, ...args])).stdout.trim();
  return {
    version: (await git('version')).replace('git version ', ''),
    merge: () => git('merge-tree', '--write-tree', 'ours', 'theirs'),
    start: async () => void (await git('version')),
    close: () => rm(root, { recursive: true, force: true }),
  };
}
