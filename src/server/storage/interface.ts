import type { StoredObject } from '../../core/resolve.ts';
import type { TagPatch } from './patch-tags.ts';
import type {
  BookmarkRecord,
  ChangeRecord,
  ClientRecord,
  EventRecord,
  EvolutionRecord,
  KeyRecord,
  Metadata,
  ObjectInfo,
  OperationRecord,
  OrgRecord,
  Ref,
  RepoRecord,
  RepoState,
} from './records.ts';

/**
 * Keeps everything the backend knows. An adapter guarantees:
 *
 * 1. A write has happened, durably, when its promise resolves, and not at all when it rejects; also through a crash.
 * 2. {@link RepoStorage.commit} is atomic: a reader sees all of it or none.
 * 3. What was written is read back by every later call (no stale reads).
 * 4. Each method reads one consistent state.
 * 5. Objects are seen only through the repo they were written to, and never change.
 *
 * Records handed in or out are values: the caller may alter them without effect on what is stored, except the bytes of objects, which nobody alters.
 * Lists come in the order said. `test/contract/storage.ts` holds every adapter to this.
 */
export interface Storage extends CatalogStorage, RepoStorage {
  /** A random name of this history, of url-safe base64 characters: it changes when the event log was lost, so that old cursors are noticed. */
  epoch(): Promise<string>;
  /** Lets go of what is held; twice is fine. */
  close(): Promise<void>;
}

/** A page of a list sorted by a key: what comes after `after` (from the start when `null`), at most `limit` rows. */
export interface PageRequest {
  after: string | null;
  limit: number;
}

/** What is altered of a key. */
export type KeyPatch = Partial<Pick<KeyRecord, 'revokedAt' | 'lastUsedAt'>> & { tags?: TagPatch };

/** What is altered of a repo. */
export type RepoPatch = Partial<Pick<RepoRecord, 'name' | 'defaultBookmark'>> & { tags?: TagPatch };

/** Orgs, keys and the repos there are. */
export interface CatalogStorage {
  /** @throws ApiError ALREADY_EXISTS when the slug is taken */
  createOrg(org: OrgRecord): Promise<void>;
  orgBySlug(slug: string): Promise<OrgRecord | null>;
  org(id: string): Promise<OrgRecord | null>;

  createKey(key: KeyRecord): Promise<void>;
  keyByHash(hash: string): Promise<KeyRecord | null>;
  key(id: string): Promise<KeyRecord | null>;
  /** Replaces the given members, and sets or removes the given tags of those it has at that moment. Answers the key as it is then, if it is there. */
  updateKey(id: string, patch: KeyPatch): Promise<KeyRecord | null>;
  /** Sorted by id. */
  listKeys(orgId: string, page: PageRequest): Promise<KeyRecord[]>;

  /**
   * Makes an empty repo whose default bookmark stands at the virtual root and which holds the empty tree.
   *
   * @throws ApiError ALREADY_EXISTS when the org has a repo of that name
   */
  createRepo(repo: RepoRecord): Promise<void>;
  repoByName(orgId: string, name: string): Promise<RepoRecord | null>;
  repo(id: string): Promise<RepoRecord | null>;
  /** As {@link CatalogStorage.updateKey}. @throws ApiError ALREADY_EXISTS when the new name is taken */
  updateRepo(id: string, patch: RepoPatch): Promise<RepoRecord | null>;
  /** Sets or removes tags of several repos: of all or of none. @throws ApiError REPO_NOT_FOUND when one is not there */
  tagRepos(ids: readonly string[], tags: TagPatch): Promise<void>;
  /** Removes the repo with everything in it. */
  deleteRepo(id: string): Promise<void>;
  /** Sorted by name. */
  listRepos(orgId: string, page: PageRequest): Promise<RepoRecord[]>;
  countRepos(orgId: string): Promise<number>;
}

/** What is in a repo, named by its id. A repo that is not there has nothing in it. */
export interface RepoStorage {
  state(repo: string): Promise<RepoState | null>;
  /** The sequence number, the bookmark and the change it stands for, of one moment. `change` is `null` at the virtual root or when unknown. */
  head(repo: string, ref: Ref): Promise<{ seq: number; bookmark: BookmarkRecord | null; change: ChangeRecord | null } | null>;

  /** Those that are there, in no order. */
  changes(repo: string, ids: readonly string[]): Promise<ChangeRecord[]>;
  /** The ids of the changes standing directly on `change`. */
  children(repo: string, change: string): Promise<string[]>;
  bookmark(repo: string, name: string): Promise<BookmarkRecord | null>;
  /** The names of the bookmarks standing at `change`. */
  bookmarksAt(repo: string, change: string): Promise<string[]>;
  /** Sorted by name; `glob` knows `*` and `?`. */
  listBookmarks(repo: string, page: PageRequest & { glob?: string }): Promise<BookmarkRecord[]>;
  /** What a change was, newest first. */
  evolution(repo: string, change: string, limit: number): Promise<EvolutionRecord[]>;

  /** Those that are there, in no order, with their content. */
  objects(repo: string, oids: readonly string[]): Promise<StoredObject[]>;
  /** Those that are there, in no order, without reading their content. */
  objectInfo(repo: string, oids: readonly string[]): Promise<ObjectInfo[]>;
  /** Adds objects; one that is there is left as it is. */
  putObjects(repo: string, objects: readonly StoredObject[]): Promise<void>;

  client(repo: string, client: string): Promise<ClientRecord | null>;
  operation(repo: string, client: string, seq: number): Promise<OperationRecord | null>;

  metadata(repo: string, path: string): Promise<Metadata | null>;
  /** The metadata of everything below a directory (`''` is the root), not of itself; sorted by path. */
  metadataUnder(repo: string, directory: string): Promise<{ path: string; metadata: Metadata }[]>;

  /** The events after `seq`, in order, at most `limit`; `complete` is false when some of those after `seq` are no longer kept. */
  events(repo: string, seq: number, limit: number): Promise<{ events: EventRecord[]; complete: boolean }>;

  /**
   * Writes everything of a batch, or nothing.
   *
   * @throws ApiError LOCK_CONFLICT when the repo's sequence number is not `expectedSeq`: someone else writes to it
   * @throws ApiError REPO_NOT_FOUND when the repo is gone
   */
  commit(batch: RepoCommit): Promise<void>;
}

/** One atomic step of a repo. */
export interface RepoCommit {
  repo: string;
  expectedSeq: number;
  state: RepoState;
  objects: readonly StoredObject[];
  /** New and altered changes; `parents` of an altered one are those it had. */
  changes: readonly ChangeRecord[];
  /** `change: null` deletes. */
  bookmarks: readonly { name: string; change: string | null }[];
  /** `metadata: null` deletes. */
  metadata: readonly { path: string; metadata: Metadata | null }[];
  evolution: readonly EvolutionRecord[];
  clients: readonly ClientRecord[];
  operations: readonly OperationRecord[];
  events: readonly EventRecord[];
}

/** Events an adapter keeps at least; older ones may go. */
export const KEPT_EVENTS = 4_096;
