/** Tasks that are carried out in one go at most. */
const MAX_TOGETHER = 256;

/** Carries out items in their order, and answers what became of each. */
export type TogetherTask<I, T> = (items: I[]) => Promise<PromiseSettledResult<T>[]>;

/** Items that wait for their turn as one. */
interface Gathering {
  kind: object;
  items: unknown[];
  outcomes: Promise<PromiseSettledResult<unknown>[]>;
}

/** Runs tasks one after another, in the order they were given. */
export class Lock {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** What was given last, while it has not begun and others may join. */
  #gathering: Gathering | null = null;

  /** Runs `task` when those before it have ended, well or not. */
  run<T>(task: () => Promise<T>): Promise<T> {
    this.#gathering = null;
    this.#waiting += 1;
    const result = this.#tail.then(task);
    const ended = (): void => void (this.#waiting -= 1);
    this.#tail = result.then(ended, ended);
    return result;
  }

  /** Has an item carried out when the tasks before it have ended, in one go with those of the same `kind` that were given right before and after it. */
  async together<I, T>(item: I, kind: object, task: TogetherTask<I, T>): Promise<T> {
    const last = this.#gathering;
    const joins = last?.kind === kind && last.items.length < MAX_TOGETHER;
    const gathering = joins ? last : this.#gather(kind, task as TogetherTask<unknown, unknown>);
    const index = gathering.items.push(item) - 1;
    const outcome = (await gathering.outcomes)[index];
    if (outcome === undefined) throw new Error('A task that was carried out with others has no outcome');
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value as T;
  }

  /** Resolves when the tasks given so far have ended; at once, without a turn of the queue, when there are none. */
  idle(): Promise<unknown> | null {
    return this.#waiting === 0 ? null : this.#tail;
  }

  #gather(kind: object, task: TogetherTask<unknown, unknown>): Gathering {
    const items: unknown[] = [];
    const outcomes = this.run(() => {
      if (this.#gathering === gathering) this.#gathering = null;
      return task(items);
    });
    const gathering: Gathering = { kind, items, outcomes };
    this.#gathering = gathering;
    return gathering;
  }
}
