import type { PinResult } from '../rpc/types.ts';
import type { Calls } from './calls.ts';

/** What a mount keeps on this device. */
export class CacheView {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * Brings in a file or all that is in a directory, and keeps it: it can be read offline, and what others change in it is brought in while there is a
   * network. Resolves when it is all there. @throws FsError ENOENT, EINVAL (outside a repo)
   */
  pin(path: string): Promise<PinResult> {
    return this.#calls.call('pin', path);
  }

  /** Lets what was pinned go when room is needed. */
  async unpin(path: string): Promise<void> {
    await this.#calls.call('unpin', path);
  }

  /** The pinned paths, sorted. */
  pinned(): Promise<string[]> {
    return this.#calls.call('pins');
  }
}
