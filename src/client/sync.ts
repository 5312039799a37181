import type { SyncStatus } from '../rpc/types.ts';
import type { Calls } from './calls.ts';

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

  /** Calls `listener` at every change; the answer ends that. */
  subscribe(listener: (status: SyncStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves when the server has answered everything written so far. */
  async flush(): Promise<void> {
    await this.#calls.call('flush');
  }

  /** Takes in a new status. */
  update(status: SyncStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }
}
