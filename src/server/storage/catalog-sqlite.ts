import { EMPTY_TREE_OID, VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { ApiError } from '../../wire/errors.ts';
import { oidBytes } from '../../wire/frames.ts';
import type { CatalogStorage, KeyPatch, PageRequest, RepoPatch } from './interface.ts';
import type { TagPatch } from './patch-tags.ts';
import { patchTags, unknownRepo } from './patch-tags.ts';
import type { KeyRecord, OrgRecord, RepoRecord } from './records.ts';
import { REPO_TABLES } from './sqlite-schema.ts';
import type { Row, Statements } from './statements-sqlite.ts';
import { json, number, numberOrNull, text, textOrNull } from './statements-sqlite.ts';

/** Orgs, keys and repos in SQLite. */
export class SqliteCatalog implements CatalogStorage {
  protected readonly sql: Statements;

  constructor(sql: Statements) {
    this.sql = sql;
  }

  async createOrg({ id, slug, name, createdAt }: OrgRecord): Promise<void> {
    const added = this.sql.run('INSERT INTO orgs (id, slug, name, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (slug) DO NOTHING', id, slug, name, createdAt);
    if (added === 0) throw new ApiError('ALREADY_EXISTS', `There already is an org named "${slug}"; choose another name.`, { name: slug });
  }

  async orgBySlug(slug: string): Promise<OrgRecord | null> {
    return toOrg(this.sql.get('SELECT * FROM orgs WHERE slug = ?', slug));
  }

  async org(id: string): Promise<OrgRecord | null> {
    return toOrg(this.sql.get('SELECT * FROM orgs WHERE id = ?', id));
  }

  async createKey(key: KeyRecord): Promise<void> {
    const { id, orgId, name, hash, scopes, repoIds, tags, createdAt, expiresAt, revokedAt, lastUsedAt } = key;
    const repos = repoIds === null ? null : JSON.stringify(repoIds);
    const values = [id, orgId, name, hash, JSON.stringify(scopes), repos, JSON.stringify(tags), createdAt, expiresAt, revokedAt, lastUsedAt];
    const columns = 'id, org, name, hash, scopes, repo_ids, tags, created_at, expires_at, revoked_at, last_used_at';
    this.sql.run(`INSERT INTO keys (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, ...values);
  }

  async keyByHash(hash: string): Promise<KeyRecord | null> {
    return toKey(this.sql.get('SELECT * FROM keys WHERE hash = ?', hash));
  }

  async key(id: string): Promise<KeyRecord | null> {
    return toKey(this.sql.get('SELECT * FROM keys WHERE id = ?', id));
  }

  async updateKey(id: string, patch: KeyPatch): Promise<KeyRecord | null> {
    return this.sql.transaction(() => {
      if (patch.tags !== undefined) this.#tag('keys', id, patch.tags);
      if (patch.revokedAt !== undefined) this.sql.run('UPDATE keys SET revoked_at = ? WHERE id = ?', patch.revokedAt, id);
      if (patch.lastUsedAt !== undefined) this.sql.run('UPDATE keys SET last_used_at = ? WHERE id = ?', patch.lastUsedAt, id);
      return toKey(this.sql.get('SELECT * FROM keys WHERE id = ?', id));
    });
  }

  async listKeys(orgId: string, { after, limit }: PageRequest): Promise<KeyRecord[]> {
    return this.sql.all('SELECT * FROM keys WHERE org = ? AND id > ? ORDER BY id LIMIT ?', orgId, after ?? '', limit).flatMap((row) => toKey(row) ?? []);
  }

  async createRepo({ id, orgId, name, defaultBookmark, tags, createdAt }: RepoRecord): Promise<void> {
    const values = [id, orgId, name, defaultBookmark, JSON.stringify(tags), createdAt];
    this.sql.transaction(() => {
      const row = this.sql.get(
        `INSERT INTO repos (id, org, name, default_bookmark, tags, created_at, seq, empty) VALUES (?, ?, ?, ?, ?, ?, 0, 1)
           ON CONFLICT (org, name) DO NOTHING RETURNING row`,
        ...values,
      );
      if (row === undefined) throw taken(name);
      const number = row['row'] ?? null;
      this.sql.run('INSERT INTO bookmarks (repo, name, change) VALUES (?, ?, ?)', number, defaultBookmark, VIRTUAL_ROOT_CHANGE_ID);
      this.sql.run('INSERT INTO objects (repo, oid, kind, content) VALUES (?, ?, ?, ?)', number, oidBytes(EMPTY_TREE_OID), 'tree', new Uint8Array(0));
    });
  }

  async repoByName(orgId: string, name: string): Promise<RepoRecord | null> {
    return toRepo(this.sql.get('SELECT * FROM repos WHERE org = ? AND name = ?', orgId, name));
  }

  async repo(id: string): Promise<RepoRecord | null> {
    return toRepo(this.sql.get('SELECT * FROM repos WHERE id = ?', id));
  }

  async updateRepo(id: string, { name, defaultBookmark, tags }: RepoPatch): Promise<RepoRecord | null> {
    return this.sql.transaction(() => {
      if (name !== undefined) {
        const other = this.sql.get('SELECT id FROM repos WHERE name = ? AND id <> ? AND org = (SELECT org FROM repos WHERE id = ?)', name, id, id);
        if (other !== undefined) throw taken(name);
        this.sql.run('UPDATE repos SET name = ? WHERE id = ?', name, id);
      }
      if (defaultBookmark !== undefined) this.sql.run('UPDATE repos SET default_bookmark = ? WHERE id = ?', defaultBookmark, id);
      if (tags !== undefined) this.#tag('repos', id, tags);
      return toRepo(this.sql.get('SELECT * FROM repos WHERE id = ?', id));
    });
  }

  async tagRepos(ids: readonly string[], tags: TagPatch): Promise<void> {
    this.sql.transaction(() => {
      const unknown = ids.filter((id) => !this.#tag('repos', id, tags));
      if (unknown.length > 0) throw unknownRepo(unknown);
    });
  }

  /** Within a transaction; answers whether there is such a row. */
  #tag(table: 'keys' | 'repos', id: string, patch: TagPatch): boolean {
    const row = this.sql.get(`SELECT tags FROM ${table} WHERE id = ?`, id);
    if (row !== undefined) this.sql.run(`UPDATE ${table} SET tags = ? WHERE id = ?`, JSON.stringify(patchTags(json(row, 'tags'), patch)), id);
    return row !== undefined;
  }

  async deleteRepo(id: string): Promise<void> {
    this.sql.transaction(() => {
      for (const table of REPO_TABLES) this.sql.run(`DELETE FROM ${table} WHERE repo = (SELECT row FROM repos WHERE id = ?)`, id);
      this.sql.run('DELETE FROM repos WHERE id = ?', id);
    });
  }

  async listRepos(orgId: string, { after, limit }: PageRequest): Promise<RepoRecord[]> {
    const rows = this.sql.all('SELECT * FROM repos WHERE org = ? AND name > ? ORDER BY name LIMIT ?', orgId, after ?? '', limit);
    return rows.flatMap((row) => toRepo(row) ?? []);
  }

  async countRepos(orgId: string): Promise<number> {
    return Number(this.sql.get('SELECT count(*) AS n FROM repos WHERE org = ?', orgId)?.['n'] ?? 0);
  }
}

function toOrg(row: Row | undefined): OrgRecord | null {
  return row === undefined ? null : { id: text(row, 'id'), slug: text(row, 'slug'), name: text(row, 'name'), createdAt: number(row, 'created_at') };
}

function toKey(row: Row | undefined): KeyRecord | null {
  if (row === undefined) return null;
  return {
    id: text(row, 'id'),
    orgId: text(row, 'org'),
    name: textOrNull(row, 'name'),
    hash: text(row, 'hash'),
    scopes: json(row, 'scopes'),
    repoIds: row['repo_ids'] === null ? null : json(row, 'repo_ids'),
    tags: json(row, 'tags'),
    createdAt: number(row, 'created_at'),
    expiresAt: numberOrNull(row, 'expires_at'),
    revokedAt: numberOrNull(row, 'revoked_at'),
    lastUsedAt: numberOrNull(row, 'last_used_at'),
  };
}

function toRepo(row: Row | undefined): RepoRecord | null {
  if (row === undefined) return null;
  return {
    id: text(row, 'id'),
    orgId: text(row, 'org'),
    name: text(row, 'name'),
    defaultBookmark: text(row, 'default_bookmark'),
    tags: json(row, 'tags'),
    createdAt: number(row, 'created_at'),
  };
}

function taken(name: string): ApiError {
  return new ApiError('ALREADY_EXISTS', `There already is a repo named "${name}"; choose another name.`, { name });
}
