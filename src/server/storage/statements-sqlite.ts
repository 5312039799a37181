import { ApiError } from '../../wire/errors.ts';
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';

/** A row as SQLite answers it. */
export type Row = Record<string, SQLOutputValue>;

/** Runs SQL on one database; every statement is prepared once. */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Answers how many rows were changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return attempt(() => Number(this.#prepare(sql).run(...values).changes));
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return attempt(() => this.#prepare(sql).get(...values));
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return attempt(() => this.#prepare(sql).all(...values));
  }

  /** Does everything in `step` or nothing; on return it is on the disk. */
  transaction<T>(step: () => T): T {
    attempt(() => this.#db.exec('BEGIN IMMEDIATE'));
    try {
      const value = step();
      attempt(() => this.#db.exec('COMMIT'));
      return value;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }
}

/** What the machine may be short of for a while, by SQLite's number: a retry can do. */
const PASSING: ReadonlyMap<number, string> = new Map([
  [5, 'the database is locked'],
  [7, 'memory is short'],
  [8, 'the database cannot be written to'],
  [10, 'the disk fails'],
  [13, 'the disk is full'],
  [14, 'the database cannot be opened'],
]);

/** @throws ApiError UNAVAILABLE when what failed was the machine and not the statement */
function attempt<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    const number = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
    const reason = PASSING.get(number);
    if (reason === undefined) throw error;
    throw new ApiError(
      'UNAVAILABLE',
      `The server cannot store or read just now: ${reason}. Nothing was changed by this request; try again later.`,
      undefined,
      error,
    );
  }
}

/** A column that holds text. */
export function text(row: Row, column: string): string {
  return String(row[column]);
}

/** A column that holds text or nothing. */
export function textOrNull(row: Row, column: string): string | null {
  const value = row[column];
  return typeof value === 'string' ? value : null;
}

/** A column that holds a number. */
export function number(row: Row, column: string): number {
  return Number(row[column]);
}

/** A column that holds a number or nothing. */
export function numberOrNull(row: Row, column: string): number | null {
  const value = row[column];
  return value === null || value === undefined ? null : Number(value);
}

/** A column that holds JSON this adapter wrote itself. */
export function json<T>(row: Row, column: string): T {
  return JSON.parse(text(row, column)) as T;
}
