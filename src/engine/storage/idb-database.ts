import type { UseStore } from 'idb-keyval';

/** How a database is made. */
export interface IdbSchema {
  version: number;
  /** Object stores with keys of their own; those that are missing are made when the version grows. */
  stores: readonly string[];
}

/** Whether a transaction is done when the system has it, or when the disk has. */
export type Durability = 'strict' | 'relaxed';

/** What a transaction fails with once its connection is gone. */
class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** Names of errors that say nothing of the request: on another connection it may go well. */
const PASSING: readonly string[] = ['ConnectionLost', 'AbortError', 'InvalidStateError', 'TransactionInactiveError', 'UnknownError', 'TimeoutError'];
/** Connections on which a transaction is tried. */
const TRIES = 3;

interface Connection {
  database: IDBDatabase;
  /** Transactions under way on it: what they are told when it is lost. */
  running: Set<() => void>;
}

/**
 * One database in IndexedDB; opened when it is first used, and again after its connection was lost or given up for another version. A transaction whose
 * connection is lost runs again on the new one, and never on the dead one. A database is never deleted to get it back.
 */
export class IdbDatabase {
  readonly #idb: IDBFactory;
  readonly #name: string;
  readonly #schema: IdbSchema;
  #connection: Promise<Connection> | null = null;
  #closed = false;

  constructor(idb: IDBFactory, name: string, schema: IdbSchema) {
    this.#idb = idb;
    this.#name = name;
    this.#schema = schema;
  }

  /**
   * Runs a transaction on some of the stores and answers what `body` did, for `readwrite` once all of it is stored. When it rejects nothing is, unless
   * the connection was lost in just that moment. `body` has to put up with being run again.
   *
   * @throws what `body` throws; DOMException `QuotaExceededError` and the like
   */
  async run<T>(
    stores: readonly string[],
    mode: IDBTransactionMode,
    durability: Durability,
    body: (transaction: IDBTransaction) => T | PromiseLike<T>,
  ): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const connection = this.#connect();
      try {
        return await attempt(await connection, stores, mode, durability, body);
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.#giveUp(connection);
        if (tries === TRIES || this.#closed) throw error;
      }
    }
  }

  /** One of the stores, as idb-keyval takes it: a transaction of its own for each call. */
  store(name: string, durability: Durability): UseStore {
    return (mode, callback) => this.run([name], mode, durability, (transaction) => callback(transaction.objectStore(name)));
  }

  /** Lets go of the connection; transactions under way go on to their end. */
  close(): void {
    this.#closed = true;
    if (this.#connection !== null) this.#giveUp(this.#connection);
  }

  #giveUp(connection: Promise<Connection>): void {
    if (this.#connection === connection) this.#connection = null;
    connection.then(
      ({ database }) => database.close(),
      () => undefined,
    );
  }

  #connect(): Promise<Connection> {
    if (this.#closed) return Promise.reject(new DOMException(`The database ${this.#name} is closed`, 'InvalidStateError'));
    if (this.#connection !== null) return this.#connection;
    const connection = this.#open();
    const forget = (): void => {
      if (this.#connection === connection) this.#connection = null;
    };
    connection.then(({ database, running }) => {
      database.addEventListener('close', () => {
        forget();
        for (const lost of [...running]) lost();
      });
      // Whoever wants another version, or to delete it, must not wait for us. Transactions under way are still done.
      database.addEventListener('versionchange', () => {
        forget();
        database.close();
      });
    }, forget);
    this.#connection = connection;
    return connection;
  }

  #open(): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const { version, stores } = this.#schema;
      const request = this.#idb.open(this.#name, version);
      let givenUp = false;
      request.addEventListener('upgradeneeded', () => {
        for (const store of stores) if (!request.result.objectStoreNames.contains(store)) request.result.createObjectStore(store);
      });
      request.addEventListener('success', () => {
        if (givenUp) request.result.close();
        else resolve({ database: request.result, running: new Set() });
      });
      request.addEventListener('error', () => reject(request.error ?? new ConnectionLost(`The database ${this.#name} could not be opened`)));
      // Another page keeps an older version open and does not let go; we don't wait for it.
      request.addEventListener('blocked', () => {
        givenUp = true;
        reject(new Error(`Another page keeps an older version of the database ${this.#name} open; close or reload it`));
      });
    });
  }
}

/** Whether a failure says that there is no room. */
export function isQuota(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}

/** The answer to a request. */
export function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new ConnectionLost('The request failed')));
  });
}

function isPassing(error: unknown): boolean {
  return error instanceof Error && PASSING.includes(error.name);
}

function attempt<T>(
  { database, running }: Connection,
  stores: readonly string[],
  mode: IDBTransactionMode,
  durability: Durability,
  body: (transaction: IDBTransaction) => T | PromiseLike<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const transaction = database.transaction([...stores], mode, { durability });
    let failure: unknown;
    const lost = (): void => fail(new ConnectionLost('The connection to the database was lost'));
    const fail = (error: unknown): void => {
      running.delete(lost);
      reject(error);
    };
    running.add(lost);
    const { promise: result, resolve: begin } = Promise.withResolvers<T>();
    transaction.addEventListener('complete', () => {
      running.delete(lost);
      resolve(result);
    });
    // Heard before `body` does, which may abort the transaction for it: that takes its reason away.
    transaction.addEventListener('error', ({ target }) => (failure ??= (target as IDBRequest).error));
    // It may be aborted without any `error` event: when there is no room, for one.
    transaction.addEventListener('abort', () => fail(transaction.error ?? failure ?? new ConnectionLost('The transaction was aborted')));
    begin(run(body, transaction));
    result.then(
      (value) => (mode === 'readonly' ? resolve(value) : undefined),
      (error: unknown) => {
        failure ??= error;
        try {
          transaction.abort();
        } catch {
          // It is ending already, and says how.
        }
      },
    );
  });
}

async function run<T>(body: (transaction: IDBTransaction) => T | PromiseLike<T>, transaction: IDBTransaction): Promise<T> {
  return body(transaction);
}
