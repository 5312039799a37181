import { EMPTY_TREE_OID } from '../../src/base/ids.ts';
import type { Storage } from '../../src/server/storage/interface.ts';
import type { ChangeRecord } from '../../src/server/storage/records.ts';

/** Bookmarks and events read at once. */
const PAGE = 1_000;

/** Changes of a repo that hold something and that no bookmark reaches. */
export interface Unreached {
  count: number;
  /** The ids of those that no other of them stands on, the last written first: a bookmark at each reaches them all. */
  tips: string[];
}

type Changes = Map<string, ChangeRecord>;

/**
 * Finds what no bookmark of a repo reaches. Storage has no list of all changes: they are looked for on top of those that are known, and in the events
 * that are kept. What began at the virtual root and was not written since those is not found.
 */
export async function findUnreached(storage: Storage, orgSlug: string, repoName: string): Promise<Unreached> {
  const org = await storage.orgBySlug(orgSlug);
  const repo = org && (await storage.repoByName(org.id, repoName));
  if (repo === null) return { count: 0, tips: [] };
  const reached: Changes = new Map();
  await add(storage, repo.id, reached, await bookmarked(storage, repo.id));
  const known: Changes = new Map(reached);
  await add(storage, repo.id, known, await told(storage, repo.id));
  // Those that are added meanwhile have their turn as well.
  for (const id of known.keys()) await add(storage, repo.id, known, await storage.children(repo.id, id));
  const left = [...known.values()].filter((change) => !reached.has(change.id) && holdsSomething(change, known));
  const below = new Set(left.flatMap(({ parents }) => parents));
  const tips = left.filter(({ id }) => !below.has(id)).toSorted((a, b) => b.seq - a.seq);
  return { count: left.length, tips: tips.map(({ id }) => id) };
}

/** Adds changes with all they stand on. */
async function add(storage: Storage, repo: string, changes: Changes, ids: readonly string[]): Promise<void> {
  let level = ids;
  while (level.length > 0) {
    const missing = [...new Set(level)].filter((id) => !changes.has(id));
    const found = missing.length === 0 ? [] : await storage.changes(repo, missing);
    for (const change of found) changes.set(change.id, change);
    level = found.flatMap(({ parents }) => parents);
  }
}

async function bookmarked(storage: Storage, repo: string): Promise<string[]> {
  const ids: string[] = [];
  let after: string | null = null;
  for (;;) {
    const page = await storage.listBookmarks(repo, { after, limit: PAGE });
    ids.push(...page.map(({ change }) => change));
    after = page.at(-1)?.name ?? null;
    if (page.length < PAGE) return ids;
  }
}

/** The changes that events are about. */
async function told(storage: Storage, repo: string): Promise<string[]> {
  const ids = new Set<string>();
  let seq = 0;
  for (;;) {
    const { events } = await storage.events(repo, seq, PAGE);
    for (const { kind, subject } of events) if (kind === 'change') ids.add(subject);
    seq = events.at(-1)?.seq ?? seq;
    if (events.length < PAGE) return [...ids];
  }
}

/** An open change in which nothing was written yet is no loss. */
function holdsSomething({ message, parents, trees }: ChangeRecord, known: Changes): boolean {
  const [parent] = parents;
  const base = parent === undefined ? [EMPTY_TREE_OID] : known.get(parent)?.trees;
  return message.trim() !== '' || parents.length > 1 || trees.join() !== base?.join();
}
