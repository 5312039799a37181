/** Runs tasks one after another, in the order they were given. */
export class Lock {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Runs `task` when those before it have ended, well or not. */
  run<T>(task: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    const result = this.#tail.then(task);
    const ended = (): void => void (this.#waiting -= 1);
    this.#tail = result.then(ended, ended);
    return result;
  }

  /** Resolves when the tasks given so far have ended; at once, without a turn of the queue, when there are none. */
  idle(): Promise<unknown> | null {
    return this.#waiting === 0 ? null : this.#tail;
  }
}
