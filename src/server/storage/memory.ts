import { EMPTY_TREE_OID, VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { isWithin } from '../../base/paths.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { ApiError } from '../../wire/errors.ts';
import { globMatcher } from './glob.ts';
import type { KeyPatch, PageRequest, RepoCommit, RepoPatch, Storage } from './interface.ts';
import { KEPT_EVENTS } from './interface.ts';
import type { TagPatch } from './patch-tags.ts';
import { patchTags, unknownRepo } from './patch-tags.ts';
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

interface MemoryRepo {
  record: RepoRecord;
  state: RepoState;
  objects: Map<string, StoredObject>;
  changes: Map<string, ChangeRecord>;
  children: Map<string, Set<string>>;
  bookmarks: Map<string, string>;
  evolution: Map<string, EvolutionRecord[]>;
  clients: Map<string, ClientRecord>;
  operations: Map<string, OperationRecord>;
  metadata: Map<string, Metadata>;
  events: EventRecord[];
}

/**
 * Keeps everything in memory: for tests, demos and as the model the other adapters are held to. Nothing outlives the process.
 *
 * @param epoch any string no other instance had
 */
export function memoryStorage(epoch: string): Storage {
  return new MemoryStorage(epoch);
}

class MemoryStorage implements Storage {
  readonly #epoch: string;
  readonly #orgs = new Map<string, OrgRecord>();
  readonly #keys = new Map<string, KeyRecord>();
  readonly #repos = new Map<string, MemoryRepo>();

  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  async epoch(): Promise<string> {
    return this.#epoch;
  }

  async close(): Promise<void> {}

  async createOrg(org: OrgRecord): Promise<void> {
    if (find(this.#orgs, (other) => other.slug === org.slug)) throw taken('org', org.slug);
    this.#orgs.set(org.id, structuredClone(org));
  }

  async orgBySlug(slug: string): Promise<OrgRecord | null> {
    return copy(find(this.#orgs, (org) => org.slug === slug));
  }

  async org(id: string): Promise<OrgRecord | null> {
    return copy(this.#orgs.get(id));
  }

  async createKey(key: KeyRecord): Promise<void> {
    this.#keys.set(key.id, structuredClone(key));
  }

  async keyByHash(hash: string): Promise<KeyRecord | null> {
    return copy(find(this.#keys, (key) => key.hash === hash));
  }

  async key(id: string): Promise<KeyRecord | null> {
    return copy(this.#keys.get(id));
  }

  async updateKey(id: string, patch: KeyPatch): Promise<KeyRecord | null> {
    const key = this.#keys.get(id);
    if (key) this.#keys.set(id, structuredClone({ ...key, ...patch, tags: patchTags(key.tags, patch.tags ?? {}) }));
    return this.key(id);
  }

  async listKeys(orgId: string, page: PageRequest): Promise<KeyRecord[]> {
    const keys = [...this.#keys.values()].filter((key) => key.orgId === orgId);
    return structuredClone(pageOf(keys, (key) => key.id, page));
  }

  async createRepo(record: RepoRecord): Promise<void> {
    if (this.#named(record.orgId, record.name)) throw taken('repo', record.name);
    this.#repos.set(record.id, {
      record: structuredClone(record),
      state: { seq: 0, empty: true },
      objects: new Map([[EMPTY_TREE_OID, { oid: EMPTY_TREE_OID, kind: 'tree', bytes: new Uint8Array(0) }]]),
      changes: new Map(),
      children: new Map(),
      bookmarks: new Map([[record.defaultBookmark, VIRTUAL_ROOT_CHANGE_ID]]),
      evolution: new Map(),
      clients: new Map(),
      operations: new Map(),
      metadata: new Map(),
      events: [],
    });
  }

  async repoByName(orgId: string, name: string): Promise<RepoRecord | null> {
    return copy(this.#named(orgId, name)?.record);
  }

  async repo(id: string): Promise<RepoRecord | null> {
    return copy(this.#repos.get(id)?.record);
  }

  async updateRepo(id: string, patch: RepoPatch): Promise<RepoRecord | null> {
    const repo = this.#repos.get(id);
    if (!repo) return null;
    const other = patch.name === undefined ? undefined : this.#named(repo.record.orgId, patch.name);
    if (other && other !== repo) throw taken('repo', other.record.name);
    repo.record = structuredClone({ ...repo.record, ...patch, tags: patchTags(repo.record.tags, patch.tags ?? {}) });
    return this.repo(id);
  }

  async tagRepos(ids: readonly string[], tags: TagPatch): Promise<void> {
    const unknown = ids.filter((id) => !this.#repos.has(id));
    if (unknown.length > 0) throw unknownRepo(unknown);
    for (const { record } of present(ids, this.#repos)) record.tags = patchTags(record.tags, tags);
  }

  async deleteRepo(id: string): Promise<void> {
    this.#repos.delete(id);
  }

  async listRepos(orgId: string, page: PageRequest): Promise<RepoRecord[]> {
    const records = [...this.#repos.values()].map((repo) => repo.record).filter((record) => record.orgId === orgId);
    return structuredClone(pageOf(records, (record) => record.name, page));
  }

  async countRepos(orgId: string): Promise<number> {
    return [...this.#repos.values()].filter((repo) => repo.record.orgId === orgId).length;
  }

  async state(repo: string): Promise<RepoState | null> {
    return copy(this.#repos.get(repo)?.state);
  }

  async head(id: string, ref: Ref): Promise<{ seq: number; bookmark: BookmarkRecord | null; change: ChangeRecord | null } | null> {
    const repo = this.#repos.get(id);
    if (!repo) return null;
    if ('change' in ref) return { seq: repo.state.seq, bookmark: null, change: copy(repo.changes.get(ref.change)) };
    const change = repo.bookmarks.get(ref.bookmark);
    if (change === undefined) return { seq: repo.state.seq, bookmark: null, change: null };
    return { seq: repo.state.seq, bookmark: { name: ref.bookmark, change }, change: copy(repo.changes.get(change)) };
  }

  async changes(id: string, ids: readonly string[]): Promise<ChangeRecord[]> {
    return structuredClone(present(ids, this.#repos.get(id)?.changes));
  }

  async children(id: string, change: string): Promise<string[]> {
    return [...(this.#repos.get(id)?.children.get(change) ?? [])];
  }

  async bookmark(id: string, name: string): Promise<BookmarkRecord | null> {
    const change = this.#repos.get(id)?.bookmarks.get(name);
    return change === undefined ? null : { name, change };
  }

  async bookmarksAt(id: string, change: string): Promise<string[]> {
    return [...(this.#repos.get(id)?.bookmarks ?? [])].filter(([, at]) => at === change).map(([name]) => name);
  }

  async listBookmarks(id: string, page: PageRequest & { glob?: string }): Promise<BookmarkRecord[]> {
    const matches = page.glob === undefined ? () => true : globMatcher(page.glob);
    const bookmarks = [...(this.#repos.get(id)?.bookmarks ?? [])].map(([name, change]) => ({ name, change }));
    return pageOf(
      bookmarks.filter(({ name }) => matches(name)),
      ({ name }) => name,
      page,
    );
  }

  async evolution(id: string, change: string, limit: number): Promise<EvolutionRecord[]> {
    return structuredClone((this.#repos.get(id)?.evolution.get(change) ?? []).toReversed().slice(0, limit));
  }

  async objects(id: string, oids: readonly string[]): Promise<StoredObject[]> {
    return present(oids, this.#repos.get(id)?.objects).map((object) => ({ ...object }));
  }

  async objectInfo(id: string, oids: readonly string[]): Promise<ObjectInfo[]> {
    return present(oids, this.#repos.get(id)?.objects).map(({ oid, kind, bytes }) => ({ oid, kind, size: bytes.length }));
  }

  async putObjects(id: string, objects: readonly StoredObject[]): Promise<void> {
    const repo = this.#repos.get(id);
    if (repo) keep(repo, objects);
  }

  async client(id: string, client: string): Promise<ClientRecord | null> {
    return copy(this.#repos.get(id)?.clients.get(client));
  }

  async operation(id: string, client: string, seq: number): Promise<OperationRecord | null> {
    return copy(this.#repos.get(id)?.operations.get(`${client}/${seq}`));
  }

  async metadata(id: string, path: string): Promise<Metadata | null> {
    return copy(this.#repos.get(id)?.metadata.get(path));
  }

  async metadataUnder(id: string, directory: string): Promise<{ path: string; metadata: Metadata }[]> {
    const rows = [...(this.#repos.get(id)?.metadata ?? [])].filter(([path]) => path !== directory && isWithin(directory, path));
    return rows.map(([path, metadata]) => ({ path, metadata: { ...metadata } })).sort((a, b) => compare(a.path, b.path));
  }

  async events(id: string, seq: number, limit: number): Promise<{ events: EventRecord[]; complete: boolean }> {
    const repo = this.#repos.get(id);
    if (!repo) return { events: [], complete: true };
    const events = repo.events.filter((event) => event.seq > seq);
    return { events: events.slice(0, limit).map((event) => ({ ...event })), complete: seq >= repo.state.seq || events[0]?.seq === seq + 1 };
  }

  async commit(batch: RepoCommit): Promise<void> {
    const repo = this.#repos.get(batch.repo);
    if (!repo) throw new ApiError('REPO_NOT_FOUND', 'The repo was deleted.');
    if (repo.state.seq !== batch.expectedSeq) throw new ApiError('LOCK_CONFLICT', 'The repo was written to by another process; try again.');
    const { state, changes, bookmarks, metadata, evolution, clients, operations, events } = structuredClone({ ...batch, objects: [] });
    repo.state = state;
    keep(repo, batch.objects);
    for (const change of changes) {
      repo.changes.set(change.id, change);
      for (const parent of change.parents) repo.children.set(parent, (repo.children.get(parent) ?? new Set()).add(change.id));
    }
    for (const { name, change } of bookmarks) put(repo.bookmarks, name, change);
    for (const row of metadata) put(repo.metadata, row.path, row.metadata);
    for (const row of evolution) {
      const rows = repo.evolution.get(row.change);
      if (rows === undefined) repo.evolution.set(row.change, [row]);
      else rows.push(row);
    }
    for (const client of clients) repo.clients.set(client.client, client);
    for (const operation of operations) repo.operations.set(`${operation.client}/${operation.seq}`, operation);
    for (const event of events) repo.events.push(event);
    if (repo.events.length > 2 * KEPT_EVENTS) repo.events.splice(0, repo.events.length - KEPT_EVENTS);
  }

  #named(orgId: string, name: string): MemoryRepo | undefined {
    return find(this.#repos, ({ record }) => record.orgId === orgId && record.name === name);
  }
}

function keep(repo: MemoryRepo, objects: readonly StoredObject[]): void {
  for (const { oid, kind, bytes } of objects) if (!repo.objects.has(oid)) repo.objects.set(oid, { oid, kind, bytes: bytes.slice() });
}

function put<T>(map: Map<string, T>, key: string, value: T | null): void {
  if (value === null) map.delete(key);
  else map.set(key, value);
}

function present<T>(keys: readonly string[], map: ReadonlyMap<string, T> | undefined): T[] {
  return [...new Set(keys)].flatMap((key) => map?.get(key) ?? []);
}

function pageOf<T>(rows: T[], key: (row: T) => string, { after, limit }: PageRequest): T[] {
  return rows
    .filter((row) => after === null || compare(key(row), after) > 0)
    .sort((a, b) => compare(key(a), key(b)))
    .slice(0, limit);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function find<T>(map: ReadonlyMap<string, T>, test: (value: T) => boolean): T | undefined {
  for (const value of map.values()) if (test(value)) return value;
  return undefined;
}

function copy<T>(value: T | undefined): T | null {
  return value === undefined ? null : structuredClone(value);
}

function taken(what: string, name: string): ApiError {
  return new ApiError('ALREADY_EXISTS', `There already is ${what === 'org' ? 'an org' : `a ${what}`} named "${name}"; choose another name.`, { name });
}
