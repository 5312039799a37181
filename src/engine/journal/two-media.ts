import type { Log, LogMedium } from './medium.ts';

/**
 * Logs in either of two media. A log stays where it was made; a new one is made in the first. So what was written where the first was not to be had is
 * found all the same. A log is made by whoever holds its lock, so it is never in both.
 */
export class TwoMedia implements LogMedium {
  readonly durable = true;
  readonly #first: LogMedium;
  readonly #second: LogMedium;

  constructor(first: LogMedium, second: LogMedium) {
    this.#first = first;
    this.#second = second;
  }

  async names(): Promise<string[]> {
    const [first, second] = await Promise.all([this.#first.names(), this.#inSecond()]);
    return [...new Set([...first, ...second])];
  }

  async read(name: string): Promise<Uint8Array[]> {
    return (await this.#where(name)).read(name);
  }

  async open(name: string): Promise<Log> {
    return (await this.#where(name)).open(name);
  }

  async remove(name: string): Promise<void> {
    await (await this.#where(name)).remove(name);
  }

  async close(): Promise<void> {
    await Promise.all([this.#first.close(), this.#second.close()]);
  }

  async #where(name: string): Promise<LogMedium> {
    return (await this.#inSecond()).includes(name) && !(await this.#first.names()).includes(name) ? this.#second : this.#first;
  }

  /** What is in the second; where that fails, new logs can be made in the first nevertheless. */
  async #inSecond(): Promise<string[]> {
    return this.#second.names().catch(() => []);
  }
}
