import { VIRTUAL_ROOT_CHANGE_ID } from '../base/ids.ts';
import type { ChangeRecord } from './storage/records.ts';
import type { RepoReader } from './reader.ts';

/** Changes that a place names at most: it goes into an address. */
const MAX_NAMED = 100;

/** Where a walk goes on: from some changes, with what was made before the sequence number `below`. */
export interface Place {
  from: readonly string[];
  below?: number | undefined;
}

/**
 * Walks the changes reachable from some, children before their parents, the newest first.
 *
 * @returns at most `limit` changes, and the place to go on from (`null` at the end)
 */
export async function walkHistory(reader: RepoReader, place: Place, limit: number): Promise<{ changes: ChangeRecord[]; next: Place | null }> {
  const { from, below = Infinity } = place;
  const open = new Map<string, ChangeRecord>();
  const add = async (id: string): Promise<void> => {
    if (id === VIRTUAL_ROOT_CHANGE_ID || open.has(id)) return;
    const change = await reader.change(id);
    if (change !== null) open.set(id, change);
  };
  for (const id of from) await add(id);
  const changes: ChangeRecord[] = [];
  while (open.size > 0 && changes.length < limit) {
    // A change is made after all it stands on, so once it is taken no other way leads to it.
    const newest = [...open.values()].reduce((a, b) => (a.createdSeq > b.createdSeq ? a : b));
    open.delete(newest.id);
    if (newest.createdSeq < below) changes.push(newest);
    for (const parent of newest.parents) await add(parent);
  }
  if (open.size === 0) return { changes, next: null };
  // Where many branches are open the walk is made again down to here.
  const next = open.size > MAX_NAMED ? { from, below: changes.at(-1)?.createdSeq } : { from: [...open.keys()] };
  return { changes, next };
}
