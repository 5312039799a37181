import { VIRTUAL_ROOT_CHANGE_ID } from '../base/ids.ts';
import type { ChangeRecord } from './storage/records.ts';
import type { RepoReader } from './reader.ts';

/**
 * Walks the changes reachable from some, children before their parents, the newest first.
 *
 * @param frontier the changes to start from
 * @returns at most `limit` changes, and the frontier to go on with (empty at the end)
 */
export async function walkHistory(reader: RepoReader, frontier: readonly string[], limit: number): Promise<{ changes: ChangeRecord[]; frontier: string[] }> {
  const open = new Map<string, ChangeRecord>();
  const add = async (id: string): Promise<void> => {
    if (id === VIRTUAL_ROOT_CHANGE_ID || open.has(id)) return;
    const change = await reader.change(id);
    if (change !== null) open.set(id, change);
  };
  for (const id of frontier) await add(id);
  const changes: ChangeRecord[] = [];
  while (open.size > 0 && changes.length < limit) {
    // A change is made after all it stands on, so once it is taken no other way leads to it.
    const newest = [...open.values()].reduce((a, b) => (a.createdSeq > b.createdSeq ? a : b));
    open.delete(newest.id);
    changes.push(newest);
    for (const parent of newest.parents) await add(parent);
  }
  return { changes, frontier: [...open.keys()] };
}
