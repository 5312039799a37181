import type { ParkedOperation, SyncStatus } from '../rpc/types.ts';
import { aboutRepo } from './arguments.ts';
import type { Calls } from './calls.ts';
import { checkHandler } from './subscription.ts';

/** How a mount stands with the backend. */
export class SyncView {
  readonly #calls: Calls;
  readonly #listeners = new Set<(status: SyncStatus) => void>();
  #status: SyncStatus = { state: 'connecting', online: true, pending: 0, pendingBytes: 0, lastAcceptedSeq: 0, storage: 'memory' };

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** The last word of it. */
  get status(): SyncStatus {
    return this.#status;
  }

  /** Calls `listener` at every change; the answer ends that. What it throws surfaces as an unhandled rejection and stops nothing. */
  subscribe(listener: (status: SyncStatus) => void): () => void {
    checkHandler('sync.subscribe', listener);
    // One function may be given several times, by those who know nothing of each other: each ends its own.
    const own = (status: SyncStatus): void => listener(status);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Operations the server refused for good after their writers had been told that they are safe: a change was deleted, or a right taken away. */
  parked(): Promise<ParkedOperation[]> {
    return this.#calls.call('parkedList');
  }

  /**
   * Makes a new change out of the parked edits of a repo (those named, or all), on top of the one looked at. What is refused there too stays parked, under
   * another id.
   *
   * @throws FsError ENOENT when there are none; MesaApiError why they are refused again, where the server can be asked now
   */
  async saveParked(args: { repo: string; ids?: string[]; message?: string }): Promise<{ changeOid: string }> {
    return this.#calls.call('parkedSave', aboutRepo('sync.saveParked', args, 'ids', 'message'));
  }

  /** Lets parked operations go for good. */
  async discardParked(args: { ids: string[] }): Promise<void> {
    await this.#calls.call('parkedDiscard', args);
  }

  /** Resolves when the server has answered everything written so far. */
  async flush(): Promise<void> {
    await this.#calls.call('flush');
  }

  /** Takes in a new status. */
  update(status: SyncStatus): void {
    this.#status = status;
    for (const listener of [...this.#listeners]) void call(listener, status);
  }
}

async function call(listener: (status: SyncStatus) => void, status: SyncStatus): Promise<void> {
  listener(status);
}
