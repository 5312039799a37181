/**
 * Append-only logs of records, by name: what a journal is kept in. Records are bytes that the medium does not look into. Two media stand behind this
 * in browsers (OPFS, IndexedDB) and one in memory; one suite holds them all (`test/contract/log-medium.ts`).
 */
export interface LogMedium {
  /** Whether what was appended outlives the process. */
  readonly durable: boolean;
  /** The names under which there is a log, in any order. @throws JournalError, {@link PartialListError} when only some of them can be told */
  names(): Promise<string[]>;
  /**
   * The records of a log, oldest first, as far as they are whole: a group cut off by a crash is left out entirely. `[]` when there is no such log. A log
   * can be read while another engine appends to it; what is read is then a beginning of it.
   */
  read(name: string): Promise<Uint8Array[]>;
  /** Opens a log for appending, making it when there is none. One at a time: who opens holds the journal's lock. @throws JournalError */
  open(name: string): Promise<Log>;
  /** Removes a log that nobody has open. Does nothing when there is none. @throws JournalError */
  remove(name: string): Promise<void>;
  /** Lets go of the storage; open logs are closed by their owners. */
  close(): Promise<void>;
}

/** A log that is open for appending. */
export interface Log {
  /** Bytes it takes up, about. */
  readonly size: number;
  /**
   * Appends records as one group: once this resolves they are there after a crash, all of them; when it rejects none is, and the log can be appended to
   * again unless the error says `LOST`. Groups given while one is being written are written together, in order; when one fails, those that wait behind it
   * fail with it, so that no later group is there without an earlier one. After `IO` it may be there nevertheless: where nothing works any more, what was
   * written before it failed cannot be taken back.
   *
   * @throws JournalError
   */
  append(records: readonly Uint8Array[]): Promise<void>;
  /** Replaces all records, in one step: after a crash there are either the old ones or the new. @throws JournalError */
  rewrite(records: readonly Uint8Array[]): Promise<void>;
  /** Looks whether it is still stored. @throws JournalError LOST when it was destroyed */
  verify(): Promise<void>;
  /** Closes it once what is being appended is written. */
  close(): Promise<void>;
}

/**
 * Why a journal could not be written. `QUOTA`: there is no room. `LOST`: the storage is gone for good (destroyed, or the medium closed). `BUSY`: someone
 * else has it open. `DAMAGED`: what was acknowledged once cannot be read any more, and nothing of it is thrown away. `IO`: anything else; the next try
 * may succeed.
 */
export type JournalErrorCode = 'QUOTA' | 'LOST' | 'BUSY' | 'DAMAGED' | 'IO';

/** Is thrown where a journal can't be written or opened. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Is thrown where there may be more logs than can be told. */
export class PartialListError extends JournalError {
  /** Those that can. */
  readonly names: string[];

  constructor(names: string[], cause: unknown) {
    super('IO', 'Some logs of this device cannot be listed', cause);
    this.names = names;
  }
}
