import { EMPTY_TREE_OID, VIRTUAL_ROOT_CHANGE_ID, ZERO_OID } from '../../base/ids.ts';
import { ApiError, quote } from '../../wire/errors.ts';
import { Lru } from '../lru.ts';
import type { Storage } from '../storage/interface.ts';
import type { ChangeRecord, ClientRecord, Metadata, OperationRecord, RepoRecord, RepoState } from '../storage/records.ts';
import type { Draft } from './draft.ts';

/** What a repo holds, as one who writes to it sees it. */
export interface RepoView {
  readonly repo: RepoRecord;
  readonly state: RepoState;
  change(id: string): Promise<ChangeRecord | null>;
  /** The changes standing directly on one. */
  children(id: string): Promise<readonly string[]>;
  /** Where a bookmark stands, or `null` when there is none of that name. */
  bookmark(name: string): Promise<string | null>;
  /** The bookmarks standing at a change. */
  bookmarksAt(change: string): Promise<readonly string[]>;
  client(client: string): Promise<ClientRecord | null>;
  operation(client: string, seq: number): Promise<OperationRecord | null>;
  metadata(path: string): Promise<Metadata | null>;
  metadataUnder(directory: string): Promise<{ path: string; metadata: Metadata }[]>;
}

/** A version of a change, or of the virtual root. */
export interface Version {
  id: string;
  commit: string;
  trees: string[];
  side: string | null;
}

/** The version every repo starts from. */
export const ROOT: Readonly<Version> = { id: VIRTUAL_ROOT_CHANGE_ID, commit: ZERO_OID, trees: [EMPTY_TREE_OID], side: null };

/** @throws ApiError CHANGE_NOT_FOUND */
export async function requireChange(view: Pick<RepoView, 'change'>, id: string): Promise<ChangeRecord> {
  const change = await view.change(id);
  if (change === null) throw unknownChange(id);
  return change;
}

/** What asking for a change that is not there fails with. */
export function unknownChange(id: string): ApiError {
  const isRoot = id === VIRTUAL_ROOT_CHANGE_ID;
  const hint = isRoot ? 'The virtual root is no change of its own; make one on top of it.' : `There is no change ${id} in this repo.`;
  return new ApiError('CHANGE_NOT_FOUND', hint, { change_id: id });
}

/** The version of a change, the virtual root among them. @throws ApiError CHANGE_NOT_FOUND */
export async function requireVersion(view: Pick<RepoView, 'change'>, id: string): Promise<Version> {
  return id === VIRTUAL_ROOT_CHANGE_ID ? ROOT : requireChange(view, id);
}

/** @throws ApiError BOOKMARK_NOT_FOUND */
export async function requireBookmark(view: RepoView, name: string): Promise<string> {
  const change = await view.bookmark(name);
  if (change === null) throw unknownBookmark(name, 'this repo');
  return change;
}

/** What asking for a bookmark that is not there fails with. */
export function unknownBookmark(bookmark: string, repo: string): ApiError {
  return new ApiError('BOOKMARK_NOT_FOUND', `There is no bookmark ${quote(bookmark)} in ${repo}; create it first.`, { bookmark });
}

/** What is stored, behind bounded caches. Only the one who writes may use it: it alone knows when they change. */
export class CommittedView implements RepoView {
  readonly #storage: Storage;
  readonly #changes = new Lru<string, ChangeRecord>(500);
  readonly #children = new Lru<string, readonly string[]>(500);
  readonly #bookmarks = new Lru<string, string>(500);
  readonly #bookmarksAt = new Lru<string, readonly string[]>(500);
  readonly #clients = new Lru<string, ClientRecord>(500);
  repo: RepoRecord;
  state: RepoState;

  constructor(storage: Storage, repo: RepoRecord, state: RepoState) {
    this.#storage = storage;
    this.repo = repo;
    this.state = state;
  }

  async change(id: string): Promise<ChangeRecord | null> {
    return cached(this.#changes, id, async () => (await this.#storage.changes(this.repo.id, [id]))[0] ?? null);
  }

  async children(id: string): Promise<readonly string[]> {
    return (await cached(this.#children, id, () => this.#storage.children(this.repo.id, id))) ?? [];
  }

  async bookmark(name: string): Promise<string | null> {
    return cached(this.#bookmarks, name, async () => (await this.#storage.bookmark(this.repo.id, name))?.change ?? null);
  }

  async bookmarksAt(change: string): Promise<readonly string[]> {
    return (await cached(this.#bookmarksAt, change, () => this.#storage.bookmarksAt(this.repo.id, change))) ?? [];
  }

  async client(client: string): Promise<ClientRecord | null> {
    return cached(this.#clients, client, () => this.#storage.client(this.repo.id, client));
  }

  operation(client: string, seq: number): Promise<OperationRecord | null> {
    return this.#storage.operation(this.repo.id, client, seq);
  }

  metadata(path: string): Promise<Metadata | null> {
    return this.#storage.metadata(this.repo.id, path);
  }

  metadataUnder(directory: string): Promise<{ path: string; metadata: Metadata }[]> {
    return this.#storage.metadataUnder(this.repo.id, directory);
  }

  /** Takes over what a draft changed, once it is stored. */
  absorb(draft: Draft): void {
    this.state = draft.state;
    for (const change of draft.changes.values()) this.#changes.set(change.id, change);
    for (const { id, parents } of draft.made) {
      this.#children.set(id, []);
      for (const parent of parents) this.#children.delete(parent);
    }
    if (draft.bookmarks.size > 0) this.#bookmarksAt.clear();
    for (const [name, change] of draft.bookmarks) {
      if (change === null) this.#bookmarks.delete(name);
      else this.#bookmarks.set(name, change);
    }
    for (const client of draft.clients.values()) this.#clients.set(client.client, client);
  }
}

async function cached<T>(cache: Lru<string, T>, key: string, read: () => Promise<T | null>): Promise<T | null> {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const value = await read();
  if (value !== null) cache.set(key, value);
  return value;
}
