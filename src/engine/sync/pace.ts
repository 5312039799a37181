import { TimeLimitError } from '../remote/time-limit.ts';

/** Bytes of a batch; a single operation may be larger. Where the network is too slow for that it is halved, down to the least. */
const MAX_BYTES = 16 * 1024 * 1024;
const LEAST_BYTES = 256 * 1024;
/** Milliseconds after which a batch without an answer is taken for lost, and how many more each of its bytes gives it: 64 KiB a second. */
const TIMEOUT = 120_000;
const PER_BYTE = 1_000 / (64 * 1024);
/** How often that time is doubled at most where it was too short, and how often a batch is halved. */
const MAX_SLOW = { doubled: 1, halved: 6 };
/** A batch that took a smaller part of its time than this says that more can be sent at once. */
const WELL_INSIDE = 0.25;

/** How much is sent at once, and how long that may take: learnt from what was too much. */
export class Pace {
  /** How often it was too much, less what went well since. */
  #slow = 0;

  /** Bytes that a batch may have. */
  get room(): number {
    return Math.max(MAX_BYTES / 2 ** this.#slow, LEAST_BYTES);
  }

  /** Milliseconds that a batch of so many bytes is given. */
  limit(bytes: number): number {
    return (TIMEOUT + bytes * PER_BYTE) * 2 ** Math.min(this.#slow, MAX_SLOW.doubled);
  }

  /** A batch of so many bytes was answered after so many milliseconds. */
  answered(bytes: number, ms: number): void {
    if (ms < this.limit(bytes) * WELL_INSIDE) this.#slow = Math.max(0, this.#slow - 1);
  }

  failed(error: unknown): void {
    if (error instanceof TimeLimitError) this.#slow = Math.min(this.#slow + 1, MAX_SLOW.halved);
  }

  /** It may be another network. */
  reset(): void {
    this.#slow = 0;
  }
}
