import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's own folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Where build tools are kept, shared by all checkouts of a user: `$MESAFS_CACHE`, else the platform's cache folder. */
export const cache = process.env.MESAFS_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mesafs-web');

/** The first of the named programs that is on PATH, as a path, or `null`. */
export function onPath(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      const path = join(folder, name);
      if (folder && existsSync(path) && statSync(path).isFile()) return path;
    }
  }
  return null;
}

/** A hash over the contents and names of files and folders, to tell whether something built from them is current. */
export function fingerprint(paths, ...extra) {
  const hash = createHash('sha256');
  for (const path of paths) add(hash, path);
  for (const text of extra) hash.update(`\0${text}`);
  return hash.digest('hex');
}

function add(hash, path) {
  if (!existsSync(path)) return;
  hash.update(`\0${path.slice(root.length)}\0`);
  if (statSync(path).isFile()) hash.update(readFileSync(path));
  else for (const name of readdirSync(path).sort()) if (name !== 'target' && name !== 'node_modules') add(hash, join(path, name));
}
