import type { WatchEvent } from '../rpc/types.ts';

/** Is called for every event; the next comes when it has resolved. */
export type WatchEventHandler = (event: WatchEvent) => void | Promise<void>;

/**
 * One subscription to a mount's events. The handler gets one at a time; an event that waits already is not queued again. When the handler throws the
 * subscription ends, and the error surfaces as an unhandled rejection.
 */
export class MesaFileSystemSubscription {
  readonly #handler: WatchEventHandler;
  readonly #ended: (subscription: MesaFileSystemSubscription) => void;
  readonly #waiting = new Map<string, WatchEvent>();
  #running = false;
  #open = true;

  /** @throws TypeError for what is no function */
  constructor(handler: WatchEventHandler, ended: (subscription: MesaFileSystemSubscription) => void) {
    checkHandler('subscribe', handler);
    this.#handler = handler;
    this.#ended = ended;
  }

  /** Ends it: the handler is not called again. Twice is fine. */
  unsubscribe(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#waiting.clear();
    this.#ended(this);
  }

  [Symbol.dispose](): void {
    this.unsubscribe();
  }

  /** Queues events for the handler. */
  deliver(events: readonly WatchEvent[]): void {
    if (!this.#open) return;
    for (const event of events) {
      const key = `${event.recursive ? 'r' : 'f'}${event.path}`;
      this.#waiting.delete(key);
      this.#waiting.set(key, event);
    }
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
        const [key, event] = next;
        this.#waiting.delete(key);
        await this.#handler(event);
      }
    } catch (error) {
      this.unsubscribe();
      throw error;
    } finally {
      this.#running = false;
    }
  }
}

/** Refuses what can't be called now rather than at the first event. @throws TypeError */
export function checkHandler(call: string, handler: unknown): void {
  if (typeof handler !== 'function') throw new TypeError(`${call} takes a function to call at every event, not ${String(handler)}`);
}
