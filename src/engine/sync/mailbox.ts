/** Items put in from anywhere and taken out in order by one loop, until the signal fires. */
export class Mailbox<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  readonly #signal: AbortSignal;
  #wake: (() => void) | null = null;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
  }

  put(item: T): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** @throws the signal's reason once it fires */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      this.#signal.throwIfAborted();
      const item = this.#items.shift();
      if (item === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else yield item;
      this.#wake = null;
    }
  }
}
