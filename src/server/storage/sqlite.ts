import { DatabaseSync } from 'node:sqlite';
import { toBase64Url } from '../base64.ts';
import type { Storage } from './interface.ts';
import { SqliteRepos } from './repo-sqlite.ts';
import { SCHEMA, SCHEMA_VERSION, UPGRADES } from './sqlite-schema.ts';
import { Statements } from './statements-sqlite.ts';

/** Where the file is, and randomness to name a new one's history with. */
export interface SqliteOptions {
  /** The file's path; it is made when missing. Its directory has to be there. */
  file: string;
  random(bytes: Uint8Array): void;
}

/**
 * Keeps everything in one SQLite file (Node's own SQLite): a write-ahead log flushed to the disk at every commit, so that what was answered
 * survives a crash of the process and of the machine.
 *
 * @example
 * ```ts
 * import { sqliteStorage } from 'mesafs-web/server/sqlite';
 * const storage = sqliteStorage({ file: '.mesafs/mesafs.sqlite', random: (bytes) => crypto.getRandomValues(bytes) });
 * ```
 * @throws Error when the file is no database, comes from a newer version of this package, or is open elsewhere ("database is locked")
 */
export function sqliteStorage(options: SqliteOptions): Storage {
  const { file } = options;
  const db = new DatabaseSync(file, { timeout: 1_000 });
  try {
    // Exclusive: the authority of a repo is one process, so no second one may have the file open.
    db.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000',
    );
    migrate(db, options);
    return new SqliteStorage(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

class SqliteStorage extends SqliteRepos implements Storage {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    super(new Statements(db));
    this.#db = db;
  }

  async epoch(): Promise<string> {
    return String(this.sql.get("SELECT value FROM meta WHERE name = 'epoch'")?.['value']);
  }

  async close(): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
  }
}

function migrate(db: DatabaseSync, { file, ...options }: SqliteOptions): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > SCHEMA_VERSION) throw new Error(`${file} has the layout ${version}, but this version of mesafs-web knows ${SCHEMA_VERSION} only; update it`);
  if (version === SCHEMA_VERSION) return db.exec('BEGIN IMMEDIATE; COMMIT');
  db.exec('BEGIN IMMEDIATE');
  if (version > 0) {
    for (const upgrade of UPGRADES.slice(version)) db.exec(upgrade);
  } else {
    const epoch = new Uint8Array(9);
    options.random(epoch);
    db.exec(SCHEMA);
    db.prepare("INSERT INTO meta (name, value) VALUES ('epoch', ?)").run(toBase64Url(epoch));
  }
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}
