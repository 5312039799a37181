import { FsError } from '../../base/errors.ts';
import type { Journal } from '../journal/journal.ts';
import type { Journals } from '../journal/journals.ts';
import { JournalError } from '../journal/medium.ts';
import type { Pending } from './pending.ts';

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
  relay: () => Promise<void>;
  changed: () => void;
  warn: (message: string, error: unknown) => void;
}

/** Keeps operations in the journal of their client. */
export class Saving {
  readonly #ports: SavingPorts;
  readonly #running = new Set<Promise<boolean>>();
  /** Whether what is written is kept beyond the page: no more once the storage is lost. */
  keeps: boolean;

  constructor(ports: SavingPorts) {
    this.#ports = ports;
    this.keeps = ports.journals?.durable ?? false;
  }

  /** Keeps an operation. Answers whether it is kept; one that can be neither kept nor sent is taken back, and fails. */
  save(operation: Pending): Promise<boolean> {
    const { journal } = this.#ports;
    if (journal === null || !this.keeps) return Promise.resolve(false);
    const saving = this.#save(journal, operation);
    this.#running.add(saving);
    void saving.finally(() => this.#running.delete(saving));
    return saving;
  }

  /** Resolves when what is being kept is kept, or can't be. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async #save(journal: Journal, operation: Pending): Promise<boolean> {
    const { durability, client, journals, changed, warn } = this.#ports;
    try {
      await this.#append(journal, operation);
      if (durability === 'journal') operation.told = true;
      journals?.tellWrote(client, operation);
      return true;
    } catch (error) {
      warn('A write cannot be kept on this device', error);
      if (error instanceof JournalError && error.code === 'LOST') this.keeps = false;
      await this.#takeBack(operation, error);
      // Whatever is under way may fail, and then this can't be sent either.
      this.#ports
        .drained()
        .then((drained) => (drained ? undefined : this.#takeBack(operation, error)))
        .catch((late: unknown) => warn('A write could not be taken back', late));
      changed();
      return false;
    }
  }

  async #append(journal: Journal, operation: Pending): Promise<void> {
    try {
      await journal.append(operation);
    } catch (error) {
      if (!(error instanceof JournalError) || error.code !== 'QUOTA') throw error;
      await this.#ports.makeRoom();
      await journal.append(operation);
    }
  }

  async #takeBack(operation: Pending, cause: unknown): Promise<void> {
    if (!this.#ports.withdraw(operation)) return;
    operation.reject(new FsError('ENOSPC', 'write', '/', { hint: 'it can be neither stored on this device nor sent now', cause }));
    await this.#ports.relay();
  }
}
