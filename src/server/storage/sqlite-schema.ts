/** The layout's version: stored in the file, raised when the tables change. */
export const SCHEMA_VERSION = 2;

/** The tables. `repo` is the row number of a repo, never used again for another; oids of objects are their 20 bytes, elsewhere hex; lists and maps are JSON. */
export const SCHEMA = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE orgs (id TEXT PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE keys (
    id TEXT PRIMARY KEY, org TEXT NOT NULL, name TEXT, hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL, repo_ids TEXT, tags TEXT NOT NULL,
    created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER, last_used_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX keys_by_org ON keys (org, id);
  CREATE TABLE repos (
    row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, org TEXT NOT NULL, name TEXT NOT NULL, default_bookmark TEXT NOT NULL, tags TEXT NOT NULL,
    created_at INTEGER NOT NULL, seq INTEGER NOT NULL, empty INTEGER NOT NULL, UNIQUE (org, name)
  ) STRICT;

  CREATE TABLE objects (repo INTEGER NOT NULL, oid BLOB NOT NULL, kind TEXT NOT NULL, content BLOB NOT NULL, UNIQUE (repo, oid)) STRICT;
  CREATE TABLE changes (
    repo INTEGER NOT NULL, id TEXT NOT NULL, commit_oid TEXT NOT NULL, trees TEXT NOT NULL, side TEXT, parents TEXT NOT NULL, message TEXT NOT NULL,
    author TEXT NOT NULL, committer TEXT NOT NULL, created_seq INTEGER NOT NULL, seq INTEGER NOT NULL, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, PRIMARY KEY (repo, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE children (repo INTEGER NOT NULL, parent TEXT NOT NULL, child TEXT NOT NULL, PRIMARY KEY (repo, parent, child)) STRICT, WITHOUT ROWID;
  CREATE TABLE bookmarks (repo INTEGER NOT NULL, name TEXT NOT NULL, change TEXT NOT NULL, PRIMARY KEY (repo, name)) STRICT, WITHOUT ROWID;
  CREATE INDEX bookmarks_by_change ON bookmarks (repo, change);
  CREATE TABLE evolution (
    repo INTEGER NOT NULL, change TEXT NOT NULL, seq INTEGER NOT NULL, commit_oid TEXT NOT NULL, side TEXT, principal TEXT NOT NULL, client TEXT,
    client_seq INTEGER, at INTEGER NOT NULL, PRIMARY KEY (repo, change, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE clients (repo INTEGER NOT NULL, client TEXT NOT NULL, principal TEXT NOT NULL, high_water INTEGER NOT NULL, PRIMARY KEY (repo, client)) STRICT, WITHOUT ROWID;
  CREATE TABLE operations (
    repo INTEGER NOT NULL, client TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, result TEXT NOT NULL, PRIMARY KEY (repo, client, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE metadata (repo INTEGER NOT NULL, path TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (repo, path)) STRICT, WITHOUT ROWID;
  CREATE TABLE events (
    repo INTEGER NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (repo, seq)
  ) STRICT, WITHOUT ROWID;
`;

/** What brings a file of an older layout to the next, by the version it has. */
export const UPGRADES: readonly string[] = [
  '',
  // Changes that were made and written again in one commit were not known as children.
  'INSERT OR IGNORE INTO children (repo, parent, child) SELECT changes.repo, json_each.value, changes.id FROM changes, json_each(changes.parents)',
];

/** The tables that hold a repo's content. */
export const REPO_TABLES = ['objects', 'changes', 'children', 'bookmarks', 'evolution', 'clients', 'operations', 'metadata', 'events'] as const;
