import { JournalError } from './medium.ts';

/** Bytes above which groups that wait are not written together any more. */
const TOGETHER = 16 * 1024 * 1024;

interface Job {
  /** What is to be appended; or what runs alone, in its turn. */
  work: readonly Uint8Array[] | (() => Promise<void>);
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** What a {@link GroupCommit} writes with. */
export interface GroupWriter {
  /** Writes the records as one group, whole or not at all. @throws JournalError */
  write(records: readonly Uint8Array[]): Promise<void>;
  /** Calls back when it is time to write; what is appended until then is written together. */
  soon(callback: () => void): void;
}

/**
 * Gathers what is appended to a log into few writes: one is under way at a time, and all that was given meanwhile goes as the next, in order.
 *
 * When a write fails, what waits behind it fails with it: a log never holds a later group without the earlier ones, so whoever appended tries again
 * in the order in which it was told. After `LOST` everything fails.
 */
export class GroupCommit {
  readonly #writer: GroupWriter;
  #jobs: Job[] = [];
  #running = false;
  #lost: JournalError | null = null;
  #closed: Promise<void> | null = null;

  constructor(writer: GroupWriter) {
    this.#writer = writer;
  }

  append(records: readonly Uint8Array[]): Promise<void> {
    return this.#add(records);
  }

  /** Runs a task alone, after what was given before and before what is given later. Its failure is its own, unless it says `LOST`. */
  alone(task: () => Promise<void>): Promise<void> {
    return this.#add(task);
  }

  /** Takes nothing more, and runs `end` once what was given is written. */
  close(end: () => Promise<void>): Promise<void> {
    this.#closed ??= this.#enqueue(end);
    return this.#closed;
  }

  #add(work: Job['work']): Promise<void> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    if (this.#closed !== null) return Promise.reject(new JournalError('LOST', 'The log is closed; open it again to append to it'));
    return this.#enqueue(work);
  }

  #enqueue(work: Job['work']): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ work, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      this.#writer.soon(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      const { work } = job;
      if (typeof work === 'function') await this.#settle([job], work);
      else {
        const jobs = [job, ...this.#following(work)];
        const records = jobs.flatMap((each) => (typeof each.work === 'function' ? [] : each.work));
        await this.#settle(jobs, async () => (records.length === 0 ? undefined : this.#writer.write(records)));
      }
    }
    this.#running = false;
  }

  /** The groups that can be written together with this one. */
  #following(first: readonly Uint8Array[]): Job[] {
    let bytes = total(first);
    let count = 0;
    for (const { work } of this.#jobs) {
      if (typeof work === 'function' || bytes > TOGETHER) break;
      bytes += total(work);
      count += 1;
    }
    return this.#jobs.splice(0, count);
  }

  async #settle(jobs: Job[], work: () => Promise<void>): Promise<void> {
    try {
      await work();
      for (const { resolve } of jobs) resolve();
    } catch (error) {
      if (error instanceof JournalError && error.code === 'LOST') this.#lost = error;
      for (const { reject } of jobs) reject(error);
      const append = typeof jobs[0]?.work !== 'function';
      if (append || this.#lost !== null) this.#failWaiting(error);
    }
  }

  #failWaiting(error: unknown): void {
    const waiting = this.#jobs;
    this.#jobs = [];
    for (const job of waiting) {
      // What ends the log has to run all the same.
      if (this.#closed !== null && job === waiting.at(-1)) this.#jobs.push(job);
      else job.reject(error);
    }
  }
}

function total(records: readonly Uint8Array[]): number {
  return records.reduce((bytes, record) => bytes + record.length, 0);
}
