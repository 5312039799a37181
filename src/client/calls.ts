import type { EngineContract, FsArgs, FsMethod, FsResult } from '../rpc/contract.ts';

/** Makes the calls of one mount, and cancels them. */
export class Calls {
  readonly #engine: EngineContract;
  readonly #mount: number;
  #next = 1;
  #closed = false;

  constructor(engine: EngineContract, mount: number) {
    this.#engine = engine;
    this.#mount = mount;
  }

  call<M extends FsMethod>(method: M, ...args: FsArgs<M>): Promise<FsResult<M>> {
    return this.#engine.call(this.#mount, method, args);
  }

  /** Makes a call that `signal` cancels. */
  async cancellable<M extends FsMethod>(signal: AbortSignal | undefined, method: M, ...args: FsArgs<M>): Promise<FsResult<M>> {
    if (signal === undefined) return this.call(method, ...args);
    signal.throwIfAborted();
    const id = this.#next;
    this.#next += 1;
    const cancel = (): void => void this.#engine.cancel(this.#mount, id).catch(() => undefined);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await this.#engine.call(this.#mount, method, args, id);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Whether the mount was closed, or is being. */
  get isClosed(): boolean {
    return this.#closed;
  }

  close(): Promise<{ pending: number }> {
    this.#closed = true;
    return this.#engine.closeMount(this.#mount);
  }
}
