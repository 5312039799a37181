import { FsError } from '../../base/errors.ts';
import type { FsArgs, FsMethod, FsResult } from '../../rpc/contract.ts';
import { bookmarkCreate, bookmarkList, bookmarkMove } from './bookmarks.ts';
import { changeCheckpoint, changeCurrent, changeDescribe, changeEdit, changeList, changeNew } from './changes.ts';
import { conflicts, readConflict, resolveConflict } from './conflicts.ts';
import type { Context } from './context.ts';
import { mkdir, rm } from './directory.ts';
import { clearMetadata, getMetadata, setMetadata } from './metadata.ts';
import { cp, mv } from './move.ts';
import { parkedDiscard, parkedList, parkedSave } from './parked.ts';
import { pin, pins, unpin } from './pins.ts';
import { exists, readdir, readlink, readVersioned, realpath, stat } from './read.ts';
import { appendFile, chmod, symlink, utimes } from './write.ts';
import { writeFile } from './write-file.ts';

/** The calls that are about a mount's content; those of the shell are the engine's. */
export type MountMethod = Exclude<FsMethod, 'shellOpen' | 'shellExec' | 'shellClose'>;

/** How each call is answered. */
type Methods = { [M in MountMethod]: (context: Context, ...args: FsArgs<M>) => Promise<FsResult<M>> };

/** The calls, each answered by its function. Byte arrays they answer may be the cache's own. */
export const METHODS: Methods = {
  readFile: async (context, path) => (await readVersioned(context, path)).bytes,
  readVersioned: (context, path) => readVersioned(context, path),
  writeFile,
  appendFile,
  exists,
  stat: (context, path) => stat(context, path, true),
  lstat: (context, path) => stat(context, path, false),
  mkdir,
  readdir,
  rm,
  cp,
  mv,
  chmod,
  symlink,
  link: async (_context, existing, path) => {
    throw new FsError('EPERM', 'link', existing, { dest: path, hint: 'hard links are not supported; use symlink or cp' });
  },
  readlink,
  realpath,
  utimes,
  getMetadata,
  setMetadata,
  clearMetadata,
  conflicts: (context, { repo }) => conflicts(context, repo),
  readConflict,
  resolveConflict,
  changeNew,
  changeEdit,
  changeList,
  changeCurrent,
  changeDescribe,
  changeCheckpoint,
  bookmarkCreate,
  bookmarkMove,
  bookmarkList,
  parkedList,
  parkedSave,
  parkedDiscard,
  pin,
  unpin,
  pins,
  flush: async (context) => {
    await context.settled();
    await Promise.all(context.namespace.checkouts.map((checkout) => checkout.backlog.flush()));
  },
};
