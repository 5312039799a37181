import { answerOf, IdbDatabase, isQuota } from '../storage/idb-database.ts';
import { GroupCommit } from './group-commit.ts';
import type { Log, LogMedium } from './medium.ts';
import { JournalError } from './medium.ts';

/** What of a platform's IndexedDB is used. */
export interface IdbPlatform {
  indexedDB: IDBFactory;
  IDBKeyRange: typeof globalThis.IDBKeyRange;
}

/** What is stored of a log under its name: who appends to it. */
interface LogRow {
  writer: string;
}

/** What is stored of a group under the log's name and its number: its records, and the bytes of the log up to there. */
interface GroupRow {
  records: Uint8Array[];
  total: number;
}

const STORES = ['logs', 'groups'] as const;

/**
 * Logs in one IndexedDB database, a row for each group, with strict durability. Who opened a log last is its writer: whoever had it before finds it
 * `LOST`, and so does one whose database was destroyed, with the next append.
 */
export class IdbMedium implements LogMedium {
  readonly durable = true;
  readonly #database: IdbDatabase;
  readonly #keyRange: IdbPlatform['IDBKeyRange'];
  readonly #open = new Set<string>();

  constructor({ indexedDB, IDBKeyRange }: IdbPlatform, name: string) {
    this.#database = new IdbDatabase(indexedDB, databaseName(name), { version: 1, stores: STORES });
    this.#keyRange = IDBKeyRange;
  }

  /** Whether there may be logs under a name: asked without making a database. */
  static async exists({ indexedDB }: IdbPlatform, name: string): Promise<boolean> {
    if (typeof indexedDB.databases !== 'function') return true;
    return (await indexedDB.databases()).some((database) => database.name === databaseName(name));
  }

  async names(): Promise<string[]> {
    const keys = await journaled(this.#database.run(['logs'], 'readonly', 'relaxed', (tx) => answerOf(tx.objectStore('logs').getAllKeys())));
    return keys.map(String);
  }

  async read(name: string): Promise<Uint8Array[]> {
    const range = this.#groups(name);
    const rows = await journaled(this.#database.run(['groups'], 'readonly', 'relaxed', (tx) => answerOf<GroupRow[]>(tx.objectStore('groups').getAll(range))));
    return rows.flatMap(({ records }) => records);
  }

  async open(name: string): Promise<Log> {
    if (this.#open.has(name)) throw new JournalError('BUSY', `The log ${name} is open already`);
    this.#open.add(name);
    const writer = crypto.randomUUID();
    try {
      const last = await journaled(
        this.#database.run(STORES, 'readwrite', 'relaxed', async (tx) => {
          tx.objectStore('logs').put({ writer } satisfies LogRow, name);
          return answerOf(tx.objectStore('groups').openCursor(this.#groups(name), 'prev')).then((cursor) => ({
            number: cursor === null ? 0 : Number((cursor.key as unknown[])[1]),
            total: (cursor?.value as GroupRow | undefined)?.total ?? 0,
          }));
        }),
      );
      return new IdbLog(this.#database, name, writer, last, this.#groups(name), () => this.#open.delete(name));
    } catch (error) {
      this.#open.delete(name);
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    if (this.#open.has(name)) throw new JournalError('BUSY', `The log ${name} is open and can't be removed`);
    await journaled(
      this.#database.run(STORES, 'readwrite', 'relaxed', (tx) => {
        tx.objectStore('logs').delete(name);
        tx.objectStore('groups').delete(this.#groups(name));
      }),
    );
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  /** The keys of a log's groups: an array sorts after every number. */
  #groups(name: string): IDBKeyRange {
    return this.#keyRange.bound([name], [name, []]);
  }
}

class IdbLog implements Log {
  readonly #database: IdbDatabase;
  readonly #name: string;
  readonly #writer: string;
  readonly #groups: IDBKeyRange;
  readonly #closed: () => void;
  readonly #commit: GroupCommit;
  /** The number of the last group, and the bytes of all. */
  #number: number;
  #total: number;

  constructor(database: IdbDatabase, name: string, writer: string, last: { number: number; total: number }, groups: IDBKeyRange, closed: () => void) {
    this.#database = database;
    this.#name = name;
    this.#writer = writer;
    this.#number = last.number;
    this.#total = last.total;
    this.#groups = groups;
    this.#closed = closed;
    this.#commit = new GroupCommit({ write: (records) => this.#write(records, false), soon: (callback) => queueMicrotask(callback) });
  }

  get size(): number {
    return this.#total;
  }

  append(records: readonly Uint8Array[]): Promise<void> {
    return this.#commit.append(records);
  }

  rewrite(records: readonly Uint8Array[]): Promise<void> {
    return this.#commit.alone(() => this.#write(records, true));
  }

  close(): Promise<void> {
    return this.#commit.close(async () => this.#closed());
  }

  async #write(records: readonly Uint8Array[], alone: boolean): Promise<void> {
    const number = this.#number + 1;
    const total = records.reduce((sum, record) => sum + record.length, alone ? 0 : this.#total);
    const row: GroupRow = { records: records.map(trimmed), total };
    await journaled(
      this.#database.run(STORES, 'readwrite', 'strict', (tx) => {
        const groups = tx.objectStore('groups');
        if (alone) groups.delete(this.#groups);
        groups.put(row, [this.#name, number]);
        return answerOf<LogRow | undefined>(tx.objectStore('logs').get(this.#name)).then((log) => this.#check(log));
      }),
    );
    this.#number = number;
    this.#total = total;
  }

  #check(log: LogRow | undefined): void {
    if (log === undefined) throw new JournalError('LOST', `The log ${this.#name} was destroyed`);
    if (log.writer !== this.#writer) throw new JournalError('LOST', `The log ${this.#name} was taken over by someone else`);
  }
}

function databaseName(name: string): string {
  return `mesafs-journal-${name}`;
}

/** The record by itself: a view would be stored with all of the buffer that it is a part of. */
function trimmed(record: Uint8Array): Uint8Array {
  return record.byteLength === record.buffer.byteLength ? record : record.slice();
}

/** Turns what IndexedDB fails with into a {@link JournalError}. */
async function journaled<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof JournalError) throw error;
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (isQuota(error)) throw new JournalError('QUOTA', `There is no room in IndexedDB (${reason})`, error);
    throw new JournalError('IO', `IndexedDB failed (${reason})`, error);
  }
}
