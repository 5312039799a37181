/** Hands items over in batches: the next when the last has been taken. What waits is not repeated. */
export class Outbox<T> {
  readonly #deliver: (items: T[]) => void | Promise<void>;
  readonly #waiting = new Map<string, T>();
  #delivering = false;
  #closed = false;

  constructor(deliver: (items: T[]) => void | Promise<void>) {
    this.#deliver = deliver;
  }

  add(items: T[]): void {
    if (this.#closed) return;
    for (const item of items) {
      const key = JSON.stringify(item);
      this.#waiting.delete(key);
      this.#waiting.set(key, item);
    }
    if (this.#waiting.size > 0 && !this.#delivering) void this.#run();
  }

  /** Drops what waits. */
  close(): void {
    this.#closed = true;
    this.#waiting.clear();
  }

  async #run(): Promise<void> {
    this.#delivering = true;
    while (this.#waiting.size > 0) {
      const items = [...this.#waiting.values()];
      this.#waiting.clear();
      try {
        await this.#deliver(items);
      } catch {
        // The page is gone, or its handler failed: that is the page's to report.
      }
    }
    this.#delivering = false;
  }
}
