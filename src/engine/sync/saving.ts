import { FsError } from '../../base/errors.ts';
import type { Journal } from '../journal/journal.ts';
import type { Journals } from '../journal/journals.ts';
import { JournalError } from '../journal/medium.ts';
import type { Pending } from './pending.ts';

/** What a person can do about it. */
const REMEDY = 'Free some space for this site, or go on once the server can be reached';

/** What {@link Saving} needs. */
export interface SavingPorts {
  client: string;
  journals: Journals | null;
  journal: Journal | null;
  durability: 'journal' | 'remote';
  /** There is no room for the journal: caches are to make some. */
  makeRoom: () => Promise<void>;
  /** Takes back an operation that was never sent and can't be now; answers whether it was. */
  withdraw: (operation: Pending) => boolean;
  /** Resolves when nothing is pending, or, with `false`, when sending has to wait. */
  drained: () => Promise<boolean>;
  /** The view is to be computed anew without an operation that was taken back. */
  withdrawn: (operation: Pending) => Promise<void>;
  changed: () => void;
  warn: (message: string, error: unknown) => void;
}

/** Keeps operations in the journal of their client. */
export class Saving {
  readonly #ports: SavingPorts;
  readonly #running = new Set<Promise<unknown>>();
  /** What is not kept and may have been sent: it comes before what is made on top of it. */
  readonly #unkept = new Set<Pending>();
  /** Whether what is written is kept beyond the page: no more once the storage is lost. */
  keeps: boolean;

  constructor(ports: SavingPorts) {
    this.#ports = ports;
    this.keeps = ports.journals?.durable ?? false;
  }

  /**
   * Keeps an operation. Answers whether it is kept; one that can be neither kept nor sent is taken back, and fails.
   *
   * @throws FsError EIO when it is not kept and was sent without an answer: it stays, in memory, and is sent again
   */
  save(operation: Pending): Promise<boolean> {
    const { journal } = this.#ports;
    if (journal === null || !this.keeps) return Promise.resolve(false);
    const keeping = this.#keep(journal, operation);
    this.#running.add(keeping);
    void keeping.finally(() => this.#running.delete(keeping));
    const saved = keeping.then((failure) => (failure === null ? true : this.#unkeepable(operation, failure)));
    // Who writes need not wait.
    saved.catch(() => undefined);
    return saved;
  }

  /** Resolves when what is being kept is kept, or can't be. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  /** Writes an operation to the journal; answers what it failed with. */
  async #keep(journal: Journal, operation: Pending): Promise<{ cause: unknown } | null> {
    const { durability, client, journals, warn } = this.#ports;
    operation.saving = true;
    try {
      await this.#append(journal, [...this.#unkept, operation]);
      for (const kept of [...this.#unkept, operation]) {
        if (!journal.has(kept.seq)) continue;
        this.#unkept.delete(kept);
        if (durability === 'journal' && !kept.awaited) kept.told = true;
        journals?.tellWrote(client, kept);
      }
      return null;
    } catch (cause) {
      warn('A write cannot be kept on this device', cause);
      if (cause instanceof JournalError && cause.code === 'LOST') this.keeps = false;
      return { cause };
    } finally {
      operation.saving = false;
    }
  }

  async #append(journal: Journal, operations: Pending[]): Promise<void> {
    try {
      await journal.append(operations);
    } catch (error) {
      if (!(error instanceof JournalError) || error.code !== 'QUOTA') throw error;
      await this.#ports.makeRoom();
      const last = operations.slice(-1);
      await journal.append(operations).catch(() => journal.append(last));
    }
  }

  /** Waits for what becomes of an operation that is not kept. Answers whether it is after all; if not, its writer hears of it otherwise. @throws FsError EIO */
  async #unkeepable(operation: Pending, { cause }: { cause: unknown }): Promise<boolean> {
    const { changed, drained } = this.#ports;
    if (await this.#takeBack(operation, cause)) return false;
    this.#unkept.add(operation);
    const answered = operation.answered.then(
      () => true,
      () => true,
    );
    void answered.then(() => this.#unkept.delete(operation));
    changed();
    // Whatever is under way may fail, and then this can't be sent either.
    if (await Promise.race([answered, drained()])) return false;
    if (!this.#unkept.has(operation)) return true;
    if (await this.#takeBack(operation, cause)) return false;
    const hint = `it cannot be stored on this device, and whether the server has it is not known; it is sent again. ${REMEDY}`;
    throw new FsError('EIO', 'write', '/', { hint, cause });
  }

  async #takeBack(operation: Pending, cause: unknown): Promise<boolean> {
    const { withdraw, journal, withdrawn } = this.#ports;
    if (!withdraw(operation)) return false;
    // It may be on its way there once more, before what was made on top of it.
    journal?.answered([operation.seq]);
    operation.reject(new FsError('ENOSPC', 'write', '/', { hint: `it can be neither stored on this device nor sent now. ${REMEDY}`, cause }));
    await withdrawn(operation);
    return true;
  }
}
