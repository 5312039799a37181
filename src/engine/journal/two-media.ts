import type { Log, LogMedium } from './medium.ts';
import { PartialListError } from './medium.ts';

/**
 * Logs in either of two media. A log stays where it was made; a new one is made in the first. So what was written where the first was not to be had is
 * found all the same. A log is made by whoever holds its lock, so it is never in both.
 */
export class TwoMedia implements LogMedium {
  readonly durable = true;
  readonly #first: LogMedium;
  readonly #second: LogMedium;
  readonly #moves: boolean;
  /** Where each log was found. */
  readonly #found = new Map<string, LogMedium>();

  /** `moves`: what is opened is taken over into the first, as far as there is room: the second can't be written. */
  constructor(first: LogMedium, second: LogMedium, moves = false) {
    this.#first = first;
    this.#second = second;
    this.#moves = moves;
  }

  async names(): Promise<string[]> {
    const first = await this.#first.names();
    const second = await this.#second.names().catch((error: unknown) => {
      throw new PartialListError(first, error);
    });
    return [...new Set([...first, ...second])];
  }

  async read(name: string): Promise<Uint8Array[]> {
    return (await this.#where(name)).read(name);
  }

  async open(name: string): Promise<Log> {
    // A new one is made in the first, whatever becomes of the second; one that was read is where it was found.
    const medium = this.#found.get(name) ?? (await this.#where(name).catch(() => this.#first));
    if (medium === this.#second && this.#moves) return this.#move(name).catch(() => medium.open(name));
    return medium.open(name);
  }

  async remove(name: string): Promise<void> {
    await (await this.#where(name)).remove(name);
    // Of one that was taken over, the other may still have all.
    if (this.#moves) for (const medium of [this.#first, this.#second]) if ((await medium.names()).includes(name)) await medium.remove(name);
    this.#found.delete(name);
  }

  async close(): Promise<void> {
    await Promise.all([this.#first.close(), this.#second.close()]);
  }

  async #move(name: string): Promise<Log> {
    const records = await this.#second.read(name);
    const log = await this.#first.open(name);
    try {
      await log.rewrite(records);
    } catch (error) {
      await log.close();
      await this.#first.remove(name);
      throw error;
    }
    this.#found.set(name, this.#first);
    // Where it is in both, the first counts.
    await this.#second.remove(name).catch(() => undefined);
    await log.close();
    return this.#first.open(name);
  }

  /** Where a log is. @throws JournalError when that can't be said: one that isn't found must not be taken for empty */
  async #where(name: string): Promise<LogMedium> {
    // An empty one may be what is left of a move that did not come to its end.
    const isFirst = (await this.#first.names()).includes(name) && !(this.#moves && (await this.#first.read(name)).length === 0);
    const found = isFirst || !(await this.#second.names()).includes(name) ? this.#first : this.#second;
    this.#found.set(name, found);
    return found;
  }
}
