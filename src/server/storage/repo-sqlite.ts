import type { StoredObject } from '../../core/resolve.ts';
import { ApiError } from '../../wire/errors.ts';
import { oidBytes } from '../../wire/frames.ts';
import { Lru } from '../lru.ts';
import { SqliteCatalog } from './catalog-sqlite.ts';
import { globMatcher } from './glob.ts';
import type { PageRequest, RepoCommit, RepoStorage } from './interface.ts';
import { KEPT_EVENTS } from './interface.ts';
import type {
  BookmarkRecord,
  ChangeRecord,
  ClientRecord,
  EventRecord,
  EvolutionRecord,
  Metadata,
  ObjectInfo,
  OperationRecord,
  Ref,
  RepoState,
} from './records.ts';
import type { Row } from './statements-sqlite.ts';
import { json, number, numberOrNull, text, textOrNull } from './statements-sqlite.ts';

/** Rows of a table read at a time while a glob looks for its matches. */
const SCAN = 500;
/** Old events are cleared away each time this many have come. */
const CLEAR_EVERY = 1_024;

/** What is in a repo, in SQLite. */
export class SqliteRepos extends SqliteCatalog implements RepoStorage {
  readonly #rows = new Lru<string, number>(10_000);

  override async deleteRepo(id: string): Promise<void> {
    await super.deleteRepo(id);
    this.#rows.delete(id);
  }

  async state(repo: string): Promise<RepoState | null> {
    return this.#state(repo);
  }

  async head(repo: string, ref: Ref): Promise<{ seq: number; bookmark: BookmarkRecord | null; change: ChangeRecord | null } | null> {
    const state = this.#state(repo);
    if (state === null) return null;
    const bookmark = 'bookmark' in ref ? this.#bookmark(repo, ref.bookmark) : null;
    const id = 'change' in ref ? ref.change : bookmark?.change;
    return { seq: state.seq, bookmark, change: id === undefined ? null : this.#change(repo, id) };
  }

  async changes(repo: string, ids: readonly string[]): Promise<ChangeRecord[]> {
    return [...new Set(ids)].flatMap((id) => this.#change(repo, id) ?? []);
  }

  async children(repo: string, change: string): Promise<string[]> {
    return this.sql.all('SELECT child FROM children WHERE repo = ? AND parent = ?', this.#row(repo), change).map((row) => text(row, 'child'));
  }

  async bookmark(repo: string, name: string): Promise<BookmarkRecord | null> {
    return this.#bookmark(repo, name);
  }

  async bookmarksAt(repo: string, change: string): Promise<string[]> {
    return this.sql.all('SELECT name FROM bookmarks WHERE repo = ? AND change = ?', this.#row(repo), change).map((row) => text(row, 'name'));
  }

  async listBookmarks(repo: string, { after, limit, glob }: PageRequest & { glob?: string }): Promise<BookmarkRecord[]> {
    const matches = glob === undefined ? () => true : globMatcher(glob);
    const found: BookmarkRecord[] = [];
    for (let place = after ?? ''; found.length < limit;) {
      const rows = this.sql.all('SELECT name, change FROM bookmarks WHERE repo = ? AND name > ? ORDER BY name LIMIT ?', this.#row(repo), place, SCAN);
      for (const row of rows) if (matches(text(row, 'name'))) found.push({ name: text(row, 'name'), change: text(row, 'change') });
      const last = rows.at(-1);
      if (last === undefined) break;
      place = text(last, 'name');
    }
    return found.slice(0, limit);
  }

  async evolution(repo: string, change: string, limit: number): Promise<EvolutionRecord[]> {
    const rows = this.sql.all('SELECT * FROM evolution WHERE repo = ? AND change = ? ORDER BY seq DESC LIMIT ?', this.#row(repo), change, limit);
    return rows.map(toEvolution);
  }

  async objects(repo: string, oids: readonly string[]): Promise<StoredObject[]> {
    const row = this.#row(repo);
    return [...new Set(oids)].flatMap((oid) => {
      const found = this.sql.get('SELECT kind, content FROM objects WHERE repo = ? AND oid = ?', row, oidBytes(oid));
      return found === undefined ? [] : { oid, kind: found['kind'] as StoredObject['kind'], bytes: found['content'] as Uint8Array };
    });
  }

  async objectInfo(repo: string, oids: readonly string[]): Promise<ObjectInfo[]> {
    const row = this.#row(repo);
    return [...new Set(oids)].flatMap((oid) => {
      const found = this.sql.get('SELECT kind, length(content) AS size FROM objects WHERE repo = ? AND oid = ?', row, oidBytes(oid));
      return found === undefined ? [] : { oid, kind: found['kind'] as ObjectInfo['kind'], size: number(found, 'size') };
    });
  }

  async putObjects(repo: string, objects: readonly StoredObject[]): Promise<void> {
    const row = this.#row(repo);
    if (row !== null) this.sql.transaction(() => this.#addObjects(row, objects));
  }

  async client(repo: string, client: string): Promise<ClientRecord | null> {
    const row = this.sql.get('SELECT * FROM clients WHERE repo = ? AND client = ?', this.#row(repo), client);
    return row === undefined ? null : { client, principal: text(row, 'principal'), highWater: number(row, 'high_water') };
  }

  async operation(repo: string, client: string, seq: number): Promise<OperationRecord | null> {
    const row = this.sql.get('SELECT hash, result FROM operations WHERE repo = ? AND client = ? AND seq = ?', this.#row(repo), client, seq);
    return row === undefined ? null : { client, seq, hash: text(row, 'hash'), result: text(row, 'result') };
  }

  async metadata(repo: string, path: string): Promise<Metadata | null> {
    const row = this.sql.get('SELECT data FROM metadata WHERE repo = ? AND path = ?', this.#row(repo), path);
    return row === undefined ? null : json(row, 'data');
  }

  async metadataUnder(repo: string, directory: string): Promise<{ path: string; metadata: Metadata }[]> {
    // '0' is the character after '/': between the two lies everything below the directory.
    const [from, to] = directory === '' ? ['', '\u{10ffff}'] : [`${directory}/`, `${directory}0`];
    const rows = this.sql.all('SELECT path, data FROM metadata WHERE repo = ? AND path > ? AND path < ? ORDER BY path', this.#row(repo), from, to);
    return rows.map((row) => ({ path: text(row, 'path'), metadata: json(row, 'data') }));
  }

  async events(repo: string, seq: number, limit: number): Promise<{ events: EventRecord[]; complete: boolean }> {
    const now = this.#state(repo)?.seq ?? 0;
    const rows = this.sql.all('SELECT * FROM events WHERE repo = ? AND seq > ? ORDER BY seq LIMIT ?', this.#row(repo), seq, limit);
    const events = rows.map(toEvent);
    return { events, complete: seq >= now || events[0]?.seq === seq + 1 };
  }

  async commit(batch: RepoCommit): Promise<void> {
    const row = this.#row(batch.repo);
    if (row === null) throw new ApiError('REPO_NOT_FOUND', 'The repo was deleted.');
    this.sql.transaction(() => this.#commit(row, batch));
  }

  #commit(repo: number, batch: RepoCommit): void {
    const { sql } = this;
    const { seq, empty } = batch.state;
    const moved = sql.run('UPDATE repos SET seq = ?, empty = ? WHERE row = ? AND seq = ?', seq, empty ? 1 : 0, repo, batch.expectedSeq);
    if (moved === 0) throw new ApiError('LOCK_CONFLICT', 'The repo was written to by another process; try again.');
    this.#addObjects(repo, batch.objects);
    for (const change of batch.changes) this.#putChange(repo, change, batch.expectedSeq);
    for (const { name, change } of batch.bookmarks) {
      if (change === null) sql.run('DELETE FROM bookmarks WHERE repo = ? AND name = ?', repo, name);
      else sql.run('INSERT OR REPLACE INTO bookmarks (repo, name, change) VALUES (?, ?, ?)', repo, name, change);
    }
    for (const { path, metadata } of batch.metadata) {
      if (metadata === null) sql.run('DELETE FROM metadata WHERE repo = ? AND path = ?', repo, path);
      else sql.run('INSERT OR REPLACE INTO metadata (repo, path, data) VALUES (?, ?, ?)', repo, path, JSON.stringify(metadata));
    }
    for (const { change, seq, commit, side, principal, origin, at } of batch.evolution) {
      const sqlText = 'INSERT INTO evolution (repo, change, seq, commit_oid, side, principal, client, client_seq, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)';
      sql.run(sqlText, repo, change, seq, commit, side, principal, origin?.client ?? null, origin?.seq ?? null, at);
    }
    for (const { client, principal, highWater } of batch.clients) {
      sql.run('INSERT OR REPLACE INTO clients (repo, client, principal, high_water) VALUES (?, ?, ?, ?)', repo, client, principal, highWater);
    }
    for (const { client, seq, hash, result } of batch.operations) {
      sql.run('INSERT INTO operations (repo, client, seq, hash, result) VALUES (?, ?, ?, ?, ?)', repo, client, seq, hash, result);
    }
    for (const { seq, kind, subject, data } of batch.events) {
      sql.run('INSERT INTO events (repo, seq, kind, subject, data) VALUES (?, ?, ?, ?, ?)', repo, seq, kind, subject, data);
    }
    if (Math.floor(seq / CLEAR_EVERY) !== Math.floor(batch.expectedSeq / CLEAR_EVERY)) {
      sql.run('DELETE FROM events WHERE repo = ? AND seq <= ?', repo, seq - KEPT_EVENTS);
    }
  }

  /** `since`: as of when the repo is known; what was made after that is new. */
  #putChange(repo: number, change: ChangeRecord, since: number): void {
    const { id, commit, trees, side, parents, message, author, committer, createdSeq, seq, createdAt, updatedAt } = change;
    const content = [id, commit, JSON.stringify(trees), side, JSON.stringify(parents), message, JSON.stringify(author), JSON.stringify(committer)];
    const times = [createdSeq, seq, createdAt, updatedAt];
    this.sql.run(
      `INSERT OR REPLACE INTO changes (repo, id, commit_oid, trees, side, parents, message, author, committer, created_seq, seq, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      repo,
      ...content,
      ...times,
    );
    // A change may be made and written again in one commit.
    if (createdSeq <= since) return;
    for (const parent of parents) this.sql.run('INSERT OR IGNORE INTO children (repo, parent, child) VALUES (?, ?, ?)', repo, parent, id);
  }

  #addObjects(repo: number, objects: readonly StoredObject[]): void {
    for (const { oid, kind, bytes } of objects) {
      this.sql.run('INSERT INTO objects (repo, oid, kind, content) VALUES (?, ?, ?, ?) ON CONFLICT (repo, oid) DO NOTHING', repo, oidBytes(oid), kind, bytes);
    }
  }

  #state(repo: string): RepoState | null {
    const row = this.sql.get('SELECT seq, empty FROM repos WHERE id = ?', repo);
    return row === undefined ? null : { seq: number(row, 'seq'), empty: row['empty'] === 1 };
  }

  #change(repo: string, id: string): ChangeRecord | null {
    const row = this.sql.get('SELECT * FROM changes WHERE repo = ? AND id = ?', this.#row(repo), id);
    return row === undefined ? null : toChange(row);
  }

  #bookmark(repo: string, name: string): BookmarkRecord | null {
    const row = this.sql.get('SELECT change FROM bookmarks WHERE repo = ? AND name = ?', this.#row(repo), name);
    return row === undefined ? null : { name, change: text(row, 'change') };
  }

  /** The row number of a repo, which it keeps for life; `null`, which no row matches, when there is none. */
  #row(repo: string): number | null {
    const known = this.#rows.get(repo);
    if (known !== undefined) return known;
    const row = this.sql.get('SELECT row FROM repos WHERE id = ?', repo);
    if (row === undefined) return null;
    this.#rows.set(repo, number(row, 'row'));
    return number(row, 'row');
  }
}

function toChange(row: Row): ChangeRecord {
  return {
    id: text(row, 'id'),
    commit: text(row, 'commit_oid'),
    trees: json(row, 'trees'),
    side: textOrNull(row, 'side'),
    parents: json(row, 'parents'),
    message: text(row, 'message'),
    author: json(row, 'author'),
    committer: json(row, 'committer'),
    createdSeq: number(row, 'created_seq'),
    seq: number(row, 'seq'),
    createdAt: number(row, 'created_at'),
    updatedAt: number(row, 'updated_at'),
  };
}

function toEvolution(row: Row): EvolutionRecord {
  const client = textOrNull(row, 'client');
  return {
    change: text(row, 'change'),
    seq: number(row, 'seq'),
    commit: text(row, 'commit_oid'),
    side: textOrNull(row, 'side'),
    principal: text(row, 'principal'),
    origin: client === null ? null : { client, seq: numberOrNull(row, 'client_seq') ?? 0 },
    at: number(row, 'at'),
  };
}

function toEvent(row: Row): EventRecord {
  return { seq: number(row, 'seq'), kind: text(row, 'kind') as EventRecord['kind'], subject: text(row, 'subject'), data: text(row, 'data') };
}
