import { MODE } from '../base/ids.ts';
import type { StoredObject } from '../core/resolve.ts';
import { MissingObjectError, withObjects } from '../core/resolve.ts';
import { LIMITS } from '../wire/limits.ts';
import type { Backend } from './backend.ts';

/** Entries of directories that are listed for one answer; trees of further ones are asked for when they are read. */
const MAX_LISTED = 100_000;

/** What is opened. */
interface Opened {
  trees: string[];
  side: string | null;
}

/**
 * Gathers what a first read of some paths needs: the root trees and the side's root, the trees and side tables on the way to each path, the listing
 * of those that are directories, and the contents of those that are files, as far as they are small. Each object once, none that is `known`. Paths
 * that lead nowhere add only what tells so.
 */
export async function gatherOpening(
  { core, storage }: Backend,
  repo: string,
  opened: Opened,
  paths: readonly string[],
  known: ReadonlySet<string>,
): Promise<StoredObject[]> {
  const { trees, side } = opened;
  const seen = new Map<string, StoredObject>();
  const fetch = async (oids: string[]): Promise<StoredObject[]> => {
    const objects = await storage.objects(repo, oids);
    for (const object of objects) seen.set(object.oid, object);
    return objects;
  };
  using pool = core.pool();
  let room = MAX_LISTED;
  const list = async (path: string): Promise<void> => {
    if (room <= 0) return;
    const answer = await withObjects(pool, fetch, () => pool.list(trees, side, path));
    // One that is empty takes its time as well.
    room -= 1 + ('entries' in answer ? answer.entries.length : 0);
  };
  await list('');
  const { found } = await withObjects(pool, fetch, () => pool.lookup(trees, side, [...paths]));
  const blobs = new Set<string>();
  for (const [index, { kind, terms }] of found.entries()) {
    if (kind === 'dir') await list(paths[index] ?? '');
    for (const term of terms) if (term !== null && term.mode !== MODE.tree && term.mode !== MODE.submodule) blobs.add(term.oid);
  }
  await addBlobs(
    storage,
    repo,
    [...blobs].filter((oid) => !known.has(oid)),
    seen,
  );
  const roots = [...trees, ...(side === null ? [] : [side])].filter((oid) => !seen.has(oid));
  if (roots.length > 0) await fetch(roots);
  const absent = trees.filter((oid) => !seen.has(oid));
  if (absent.length > 0) throw new MissingObjectError(absent);
  return [...seen.values()].filter(({ oid }) => !known.has(oid));
}

async function addBlobs(storage: Backend['storage'], repo: string, oids: string[], seen: Map<string, StoredObject>): Promise<void> {
  const small: string[] = [];
  let total = 0;
  for (const { oid, size } of await storage.objectInfo(repo, oids)) {
    if (size > LIMITS.openBlobBytes || total + size > LIMITS.openTotalBytes) continue;
    total += size;
    small.push(oid);
  }
  for (const object of await storage.objects(repo, small)) seen.set(object.oid, object);
}
