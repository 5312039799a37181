import { GroupCommit } from './group-commit.ts';
import type { Log, LogMedium } from './medium.ts';
import { JournalError } from './medium.ts';

/** What a write to logs in memory asks before it is done. */
export interface MemoryWrite {
  log: string;
  kind: 'append' | 'rewrite';
  /** Bytes that are in all logs of the device once it is done. */
  bytes: number;
}

/** Logs that outlive the engines that write them, as far as the process does. */
export type StoredLogs = Map<string, StoredLog>;

/** One of them. */
export interface StoredLog {
  records: Uint8Array[];
  /** The engine that has it open. */
  writer: object | null;
}

/** The process that logs are written by: it can end at any moment. */
export interface MemoryHost {
  readonly durable: boolean;
  /** Whether it has ended: then nothing it does has an effect, and nothing it waits for comes. */
  readonly ended: boolean;
  /** Calls back in a later turn, unless the process ends before. */
  later(callback: () => void): void;
  /** Writes under way: each is applied when it is called, whole. */
  readonly writing: Set<() => void>;
  /** @throws JournalError when the write is to fail */
  check(write: MemoryWrite): void;
}

/** Logs in memory, written by one engine. `logs` is asked each time, since what is stored may be destroyed meanwhile. */
export class MemoryMedium implements LogMedium {
  readonly #logs: () => StoredLogs;
  readonly #host: MemoryHost;

  constructor(logs: () => StoredLogs, host: MemoryHost) {
    this.#logs = logs;
    this.#host = host;
  }

  get durable(): boolean {
    return this.#host.durable;
  }

  names(): Promise<string[]> {
    return this.#answer(() => [...this.#logs().keys()]);
  }

  read(name: string): Promise<Uint8Array[]> {
    return this.#answer(() => (this.#logs().get(name)?.records ?? []).map((record) => record.slice()));
  }

  open(name: string): Promise<Log> {
    return this.#answer(() => {
      const stored = this.#logs().get(name) ?? { records: [], writer: null };
      if (stored.writer !== null) throw new JournalError('BUSY', `The log ${name} is open already`);
      stored.writer = this.#host;
      this.#logs().set(name, stored);
      return new MemoryLog(name, stored, this.#logs, this.#host);
    });
  }

  remove(name: string): Promise<void> {
    return this.#answer(() => {
      const writer = this.#logs().get(name)?.writer ?? null;
      if (writer !== null) throw new JournalError('BUSY', `The log ${name} is open and can't be removed`);
      this.#logs().delete(name);
    });
  }

  async close(): Promise<void> {}

  #answer<T>(make: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#host.later(() => {
        try {
          resolve(make());
        } catch (error) {
          reject(error);
        }
      });
    });
  }
}

class MemoryLog implements Log {
  readonly #name: string;
  readonly #stored: StoredLog;
  readonly #logs: () => StoredLogs;
  readonly #host: MemoryHost;
  readonly #commit: GroupCommit;

  constructor(name: string, stored: StoredLog, logs: () => StoredLogs, host: MemoryHost) {
    this.#name = name;
    this.#stored = stored;
    this.#logs = logs;
    this.#host = host;
    this.#commit = new GroupCommit({
      write: (records) => this.#write('append', records, () => this.#stored.records.push(...records)),
      soon: (callback) => queueMicrotask(callback),
    });
  }

  get size(): number {
    return bytesOf(this.#stored.records);
  }

  append(records: readonly Uint8Array[]): Promise<void> {
    return this.#commit.append(copies(records));
  }

  rewrite(records: readonly Uint8Array[]): Promise<void> {
    const whole = copies(records);
    return this.#commit.alone(() => this.#write('rewrite', whole, () => void (this.#stored.records = whole)));
  }

  verify(): Promise<void> {
    return this.#commit.alone(async () => this.#assertThere());
  }

  close(): Promise<void> {
    return this.#commit.close(async () => {
      if (!this.#host.ended) this.#stored.writer = null;
    });
  }

  #assertThere(): void {
    if (this.#logs().get(this.#name) !== this.#stored) throw new JournalError('LOST', `The log ${this.#name} was destroyed`);
  }

  /** Applies a write in a later turn. A process that ends meanwhile has done it or not. */
  #write(kind: MemoryWrite['kind'], records: readonly Uint8Array[], apply: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#host.ended) return;
      this.#host.writing.add(apply);
      this.#host.later(() => {
        this.#host.writing.delete(apply);
        try {
          this.#assertThere();
          const before = [...this.#logs().values()].reduce((sum, log) => sum + (kind === 'rewrite' && log === this.#stored ? 0 : bytesOf(log.records)), 0);
          this.#host.check({ log: this.#name, kind, bytes: before + bytesOf(records) });
          apply();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }
}

function copies(records: readonly Uint8Array[]): Uint8Array[] {
  return records.map((record) => record.slice());
}

function bytesOf(records: readonly Uint8Array[]): number {
  return records.reduce((bytes, record) => bytes + record.length, 0);
}
