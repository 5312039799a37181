import { VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import type { RemoteChange } from './interface.ts';
import type { ShownChange } from './rest-api.ts';
import type { RestRepo } from './rest-repo.ts';

/** Changes a page has at most. */
const PAGE = 50;

/** Where a listing goes on: a page of the API's own, or changes whose parents have not been asked for. */
type Cursor = { bookmark: string; cursor: string } | { open: string[]; seen: string[] };

/**
 * A page of the changes reachable from one, most recent first. The API lists those of a bookmark; of a change that no bookmark names the parents are
 * asked for one after another.
 */
export async function historyOf(
  repo: RestRepo,
  change: string,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<{ changes: RemoteChange[]; next: string | null }> {
  const at = cursor === null ? null : (JSON.parse(cursor) as Cursor);
  if (at === null) {
    const bookmarks = await repo.lookBookmarks(signal);
    const named = [...bookmarks].find(([, tip]) => tip === change);
    if (named !== undefined) return ofBookmark(repo, named[0], null, signal);
  } else if ('bookmark' in at) return ofBookmark(repo, at.bookmark, at.cursor, signal);
  return ofChanges(repo, at ?? { open: [change], seen: [] }, signal);
}

async function ofBookmark(
  repo: RestRepo,
  bookmark: string,
  from: string | null,
  signal: AbortSignal | undefined,
): Promise<{ changes: RemoteChange[]; next: string | null }> {
  const { changes, next } = await repo.api.history(bookmark, from, signal);
  const cursor: Cursor | null = next === null ? null : { bookmark, cursor: next };
  return { changes: changes.map(remoteOf), next: cursor === null ? null : JSON.stringify(cursor) };
}

/** Children before parents, the newest first: a change is made after those it stands on. */
async function ofChanges(
  repo: RestRepo,
  from: { open: string[]; seen: string[] },
  signal: AbortSignal | undefined,
): Promise<{ changes: RemoteChange[]; next: string | null }> {
  const seen = new Set(from.seen);
  const open = new Map<string, ShownChange>();
  const add = async (ids: string[]): Promise<void> => {
    const fresh = ids.filter((id) => id !== VIRTUAL_ROOT_CHANGE_ID && !seen.has(id));
    for (const id of fresh) seen.add(id);
    for (const shown of await Promise.all(fresh.map((id) => repo.api.change(id, signal)))) open.set(shown.id, shown);
  };
  for (const id of from.open) seen.delete(id);
  await add(from.open);
  const changes: RemoteChange[] = [];
  while (open.size > 0 && changes.length < PAGE) {
    const newest = [...open.values()].reduce((a, b) => (b.createdAt > a.createdAt ? b : a));
    open.delete(newest.id);
    changes.push(remoteOf(newest));
    await add(newest.parents);
  }
  const cursor: Cursor | null = open.size === 0 ? null : { open: [...open.keys()], seen: [...seen] };
  return { changes, next: cursor === null ? null : JSON.stringify(cursor) };
}

function remoteOf({ id, commit }: ShownChange): RemoteChange {
  return { id, commit };
}
