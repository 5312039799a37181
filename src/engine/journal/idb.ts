import { answerOf, IdbDatabase, isQuota } from '../storage/idb-database.ts';
import { GroupCommit } from './group-commit.ts';
import type { Log, LogMedium } from './medium.ts';
import { JournalError } from './medium.ts';

/** What of a platform's IndexedDB is used. */
export interface IdbPlatform {
  indexedDB: IDBFactory;
  IDBKeyRange: typeof globalThis.IDBKeyRange;
}

/**
 * What is stored of a group under its log's name and its number: its records, the bytes of the log up to there, who wrote it, with which of its writes, and
 * whether that was a rewrite.
 */
interface GroupRow {
  writer: string;
  write: number;
  rewritten: boolean;
  records: Uint8Array[];
  total: number;
}

const STORE = 'groups';

/**
 * Logs in one IndexedDB database, a row for each group, with strict durability. Numbers follow each other, and whoever opens a log takes the next one:
 * who had it before can't add to it and finds it `LOST`. So does one whose database was destroyed, with the next append.
 */
export class IdbMedium implements LogMedium {
  readonly durable = true;
  readonly #database: IdbDatabase;
  readonly #keyRange: IdbPlatform['IDBKeyRange'];
  readonly #open = new Set<string>();

  constructor({ indexedDB, IDBKeyRange }: IdbPlatform, name: string) {
    this.#database = new IdbDatabase(indexedDB, databaseName(name), { version: 1, stores: [STORE] });
    this.#keyRange = IDBKeyRange;
  }

  /** Whether there may be logs under a name: asked without making a database. */
  static async exists({ indexedDB }: IdbPlatform, name: string): Promise<boolean> {
    if (typeof indexedDB.databases !== 'function') return true;
    return (await indexedDB.databases()).some((database) => database.name === databaseName(name));
  }

  /** Whether a database holds logs: it is to be left alone by whoever looks for others. */
  static isJournal(database: string): boolean {
    return database.startsWith(databaseName(''));
  }

  async names(): Promise<string[]> {
    return this.#run('readonly', async (store) => {
      const names: string[] = [];
      for (let range: IDBKeyRange | null = null; ;) {
        const cursor: IDBCursor | null = await answerOf(store.openKeyCursor(range));
        if (cursor === null) return names;
        const [name] = cursor.key as [string];
        names.push(name);
        range = this.#keyRange.lowerBound([name, []]);
      }
    });
  }

  async read(name: string): Promise<Uint8Array[]> {
    const rows = await this.#run('readonly', (store) => answerOf<GroupRow[]>(store.getAll(rangeOf(this.#keyRange, name))));
    return rows.flatMap(({ records }) => records);
  }

  async open(name: string): Promise<Log> {
    if (this.#open.has(name)) throw new JournalError('BUSY', `The log ${name} is open already`);
    this.#open.add(name);
    const writer = crypto.randomUUID();
    try {
      const last = await this.#run('readwrite', async (store) => {
        const cursor = await answerOf(store.openCursor(rangeOf(this.#keyRange, name), 'prev'));
        const number = cursor === null ? 1 : Number((cursor.key as unknown[])[1]) + 1;
        const total = (cursor?.value as GroupRow | undefined)?.total ?? 0;
        store.put({ writer, write: 0, rewritten: false, records: [], total } satisfies GroupRow, [name, number]);
        return { number, total };
      });
      return new IdbLog(this.#database, this.#keyRange, name, writer, last, () => this.#open.delete(name));
    } catch (error) {
      this.#open.delete(name);
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    if (this.#open.has(name)) throw new JournalError('BUSY', `The log ${name} is open and can't be removed`);
    await this.#run('readwrite', (store) => void store.delete(rangeOf(this.#keyRange, name)));
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #run<T>(mode: IDBTransactionMode, body: (store: IDBObjectStore) => T | PromiseLike<T>): Promise<T> {
    return journaled(this.#database.run([STORE], mode, 'relaxed', (transaction) => body(transaction.objectStore(STORE))));
  }
}

class IdbLog implements Log {
  readonly #database: IdbDatabase;
  readonly #keyRange: IdbPlatform['IDBKeyRange'];
  readonly #name: string;
  readonly #writer: string;
  readonly #closed: () => void;
  readonly #commit: GroupCommit;
  /** The number of the last group, and the bytes of all. */
  #number: number;
  #total: number;
  /** Counts writes, those that failed too. */
  #writes = 0;
  /** The connection on which that was written: as long as there is no other one, the database is the same. */
  #connection: IDBDatabase | null = null;

  constructor(
    database: IdbDatabase,
    keyRange: IdbPlatform['IDBKeyRange'],
    name: string,
    writer: string,
    last: { number: number; total: number },
    closed: () => void,
  ) {
    this.#database = database;
    this.#keyRange = keyRange;
    this.#name = name;
    this.#writer = writer;
    this.#number = last.number;
    this.#total = last.total;
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

  verify(): Promise<void> {
    return this.#commit.alone(async () => {
      const last = this.#database.run([STORE], 'readonly', 'relaxed', (transaction) =>
        answerOf<GroupRow | undefined>(transaction.objectStore(STORE).get([this.#name, this.#number])),
      );
      if ((await journaled(last))?.writer !== this.#writer) throw this.#destroyed();
    });
  }

  close(): Promise<void> {
    return this.#commit.close(async () => this.#closed());
  }

  async #write(records: readonly Uint8Array[], alone: boolean): Promise<void> {
    this.#writes += 1;
    const bytes = records.reduce((sum, record) => sum + record.length, 0);
    const row: GroupRow = { writer: this.#writer, write: this.#writes, rewritten: alone, records: records.map(trimmed), total: 0 };
    try {
      await this.#database.run([STORE], 'readwrite', 'strict', async (transaction) => {
        const store = transaction.objectStore(STORE);
        const sure = transaction.db === this.#connection;
        this.#connection = transaction.db;
        if (!sure && (await this.#isStored(store, row))) return;
        if (alone) store.delete(this.#keyRange.bound([this.#name], [this.#name, this.#number]));
        store.add({ ...row, total: bytes + (alone ? 0 : this.#total) }, [this.#name, this.#number + 1]);
        // Nothing more is asked: the answer to this need not be waited for before it is stored.
        transaction.commit();
      });
    } catch (error) {
      this.#connection = null;
      if (error instanceof Error && error.name === 'ConstraintError') throw this.#takenOver(error);
      throw journalError(error);
    }
    this.#number += 1;
    this.#total = bytes + (alone ? 0 : this.#total);
  }

  /** On another connection: whether a group was stored before that one was lost. @throws JournalError LOST unless the log is as it was left */
  async #isStored(store: IDBObjectStore, row: GroupRow): Promise<boolean> {
    const number = this.#number + 1;
    const key = (at: number): IDBValidKey => [this.#name, at];
    const [last, next] = await Promise.all([number - 1, number].map((at) => answerOf<GroupRow | undefined>(store.get(key(at)))));
    if (next === undefined) {
      if (last?.writer !== this.#writer) throw this.#destroyed();
      return false;
    }
    if (next.writer !== this.#writer) throw this.#takenOver();
    if (next.write === row.write) return true;
    // One before it is there, though it was told to have failed: what was to be added is taken out again, what was written anew stands for all before it.
    if (!next.rewritten) store.delete(key(number));
    else {
      this.#number = number;
      this.#total = next.total;
    }
    return false;
  }

  #destroyed(): JournalError {
    return new JournalError('LOST', `The log ${this.#name} was destroyed`);
  }

  #takenOver(cause?: unknown): JournalError {
    return new JournalError('LOST', `The log ${this.#name} was taken over by someone else`, cause);
  }
}

function databaseName(name: string): string {
  return `mesafs-journal-${name}`;
}

/** The keys of a log's groups: an array sorts after every number. */
function rangeOf(keyRange: IdbPlatform['IDBKeyRange'], name: string): IDBKeyRange {
  return keyRange.bound([name], [name, []]);
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
    throw journalError(error);
  }
}

function journalError(error: unknown): JournalError {
  if (error instanceof JournalError) return error;
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (isQuota(error)) return new JournalError('QUOTA', `There is no room in IndexedDB (${reason})`, error);
  return new JournalError('IO', `IndexedDB failed (${reason})`, error);
}
