import type { HeldLock } from './device.ts';
import type { Log, LogMedium } from './medium.ts';
import { JournalError } from './medium.ts';
import { encodeRecord, replayRecords } from './records.ts';
import type { JournalContent, JournaledOperation, Refusal } from './records.ts';

/** Bytes a log may take up before what is answered in it is cleared out, and the part of it that must be gone for that to be worth it. */
const COMPACT_ABOVE = 256 * 1024;
const COMPACT_PART = 0.75;

/** How often a journal is made anew for one write, when its storage is destroyed again and again. */
const TRIES = 3;

/** Answers that are remembered for operations which may still be kept. */
const MAX_EARLY = 1_000;

/** What a {@link Journal} is made of. */
export interface JournalOptions {
  medium: LogMedium;
  client: string;
  /** Takes the lock that tells others the journal has an owner. */
  lock: () => Promise<HeldLock>;
}

/** An operation that waits for the server. */
interface Waiting {
  operation: JournaledOperation;
  /** It is stored. */
  isKept: boolean;
  /** Writes under way that store it. */
  writes: number;
  /** The log was written anew with it while it was not kept: told to have failed, it may be there. */
  rewritten: boolean;
}

/**
 * The operations of one client that the server has not answered, kept where they outlive the page. Nothing is stored before the first operation, and
 * nothing stays once the last is answered. Storage that was destroyed is written anew, with all that it held.
 */
export class Journal {
  readonly client: string;
  readonly #options: JournalOptions;
  readonly #live = new Map<number, Waiting>();
  /** Operations that were answered before they were kept: kept later, they would stay. */
  readonly #early = new Set<number>();
  /** It could not be written that some are answered or parked: all is to be written anew. */
  #unclear = false;
  readonly #parked = new Map<number, { operation: JournaledOperation; refusal: Refusal }>();
  #log: Promise<Log> | null = null;
  /** It was another engine's: there is something in its log. */
  #adopted = false;
  /** The log that is opened next lacks what was in the one before. */
  #lost = false;
  #lock: HeldLock | null = null;
  #liveBytes = 0;
  #closed = false;

  constructor(options: JournalOptions) {
    this.client = options.client;
    this.#options = options;
  }

  /** Takes over a journal whose owner is gone; `lock` is the one that was its. `null` when nothing is in it, which is then removed. */
  static async adopt(medium: LogMedium, client: string, lock: HeldLock): Promise<{ journal: Journal; content: JournalContent } | null> {
    const content = replayRecords(await medium.read(client));
    if (content.operations.length === 0 && content.parked.length === 0) {
      await medium.remove(client);
      lock.release();
      return null;
    }
    const journal = new Journal({ medium, client, lock: async () => lock });
    journal.#lock = lock;
    journal.#adopted = true;
    for (const operation of content.operations) journal.#waiting(operation).isKept = true;
    for (const { operation, refusal } of content.parked) journal.#parked.set(operation.seq, { operation, refusal });
    return { journal, content };
  }

  /** The operations the server refused for good. */
  get parked(): readonly { operation: JournaledOperation; refusal: Refusal }[] {
    return [...this.#parked.values()];
  }

  /** Keeps operations, all or none: once this resolves they are there after a crash. @throws JournalError when they are not kept */
  async append(given: readonly JournaledOperation[]): Promise<void> {
    const operations = given.filter(({ seq }) => !this.#early.has(seq) && !this.has(seq));
    if (operations.length === 0) return;
    const writing = operations.map((operation) => this.#waiting(operation));
    for (const each of writing) each.writes += 1;
    try {
      // Tried again, those that were answered meanwhile are left out.
      const records = (): Uint8Array[] =>
        operations.filter(({ seq }) => this.#live.has(seq)).map((operation) => encodeRecord({ type: 'operation', operation }));
      await this.#write((log) => log.append(records()));
      for (const each of writing) each.isKept = true;
    } catch (error) {
      for (const { operation, isKept, writes, rewritten } of writing) {
        if (isKept || writes > 1) continue;
        this.#drop(operation.seq);
        this.#unclear ||= rewritten;
      }
      throw error;
    } finally {
      for (const each of writing) each.writes -= 1;
    }
  }

  /** Whether it keeps an operation. */
  has(seq: number): boolean {
    return this.#live.get(seq)?.isKept === true;
  }

  /**
   * Looks whether what it keeps is still stored, and that alone; where it was destroyed it is stored anew. Answers whether it is written only now what became of
   * some. @throws JournalError
   */
  async verify(): Promise<boolean> {
    if (this.#closed || this.isSettled) return false;
    if (!this.#unclear) {
      await this.#write((log) => log.verify());
      return false;
    }
    this.#unclear = false;
    try {
      await this.#write((log) => log.rewrite(this.#records()));
      return true;
    } catch (error) {
      this.#unclear = true;
      throw error;
    }
  }

  /** Whether nothing is kept in it, and nothing is left of what was. */
  get isSettled(): boolean {
    return this.isEmpty && !this.#unclear;
  }

  /** Lets go of operations that need not be sent again. That it is written is not waited for; where it can't be, {@link verify} sees to it. */
  answered(seqs: readonly number[]): void {
    const isKnown = (seq: number): boolean => this.#live.has(seq) || this.#parked.has(seq);
    const known = seqs.filter(isKnown);
    for (const seq of seqs) if ((this.#live.get(seq)?.writes ?? 0) > 0 || !isKnown(seq)) this.#early.add(seq);
    for (const seq of known) this.#drop(seq);
    for (const seq of this.#early) {
      if (this.#early.size <= MAX_EARLY) break;
      this.#early.delete(seq);
    }
    if (known.length > 0) this.#note(known).catch(() => (this.#unclear = true));
  }

  /** Sets a refused operation aside, with the reason. */
  park(seq: number, refusal: Refusal): void {
    const operation = this.#live.get(seq)?.operation;
    if (operation === undefined) return;
    this.#drop(seq);
    this.#parked.set(seq, { operation, refusal });
    // Lost, it would be sent, refused and parked once more; until then others take it for unsent.
    this.#write((log) => log.append([encodeRecord({ type: 'parked', seq, refusal })])).catch(() => (this.#unclear = true));
  }

  /** Whether anything is kept in it. */
  get isEmpty(): boolean {
    return this.#live.size === 0 && this.#parked.size === 0;
  }

  /** Lets go of it once what is being written is written: an empty one is removed, another waits to be adopted. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      const log = await this.#log;
      await log?.close();
      if (this.isEmpty && (log !== null || this.#lock !== null)) await this.#options.medium.remove(this.client);
    } catch {
      // What is left of it is looked at by the next engine.
    } finally {
      this.#lock?.release();
    }
  }

  #open(): Promise<Log> {
    const open = async (): Promise<Log> => {
      this.#lock ??= await this.#options.lock();
      const log = await this.#options.medium.open(this.client);
      if (!this.#lost && !(this.#adopted && log.size === 0)) return log;
      try {
        // What is being written follows, and may fail by itself.
        await log.rewrite(this.#records(({ isKept }) => isKept));
        this.#lost = false;
        return log;
      } catch (error) {
        await log.close();
        throw error;
      }
    };
    this.#log ??= open().catch((error: unknown) => {
      this.#log = null;
      throw error;
    });
    return this.#log;
  }

  /** Writes to the log; to another one, with all that is to be kept, when it turns out to be destroyed. @throws JournalError */
  async #write(work: (log: Log) => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const opening = this.#open();
      const log = await opening;
      try {
        return await work(log);
      } catch (error) {
        if (!(error instanceof JournalError) || error.code !== 'LOST' || this.#closed) throw error;
        if (this.#log === opening) {
          this.#log = null;
          this.#lost = true;
          await log.close().catch(() => undefined);
        }
        if (tries === TRIES) throw error;
      }
    }
  }

  /** Writes that operations are answered; clears the log out when most of it is. */
  #note(seqs: readonly number[]): Promise<void> {
    return this.#write((log) => {
      if (log.size < COMPACT_ABOVE || this.#liveBytes > log.size * (1 - COMPACT_PART)) return log.append([encodeRecord({ type: 'answered', seqs })]);
      return log.rewrite(this.#records());
    });
  }

  /** All that is to be kept, of the operations that wait those that are `wanted`. */
  #records(wanted: (waiting: Waiting) => boolean = () => true): Uint8Array[] {
    const waiting = [...this.#live.values()].filter(wanted);
    for (const each of waiting) each.rewritten ||= !each.isKept;
    const live = waiting.map(({ operation }) => operation);
    const operations = [...live, ...this.parked.map(({ operation }) => operation)].toSorted((a, b) => a.seq - b.seq);
    const parked = this.parked.map(({ operation, refusal }) => encodeRecord({ type: 'parked', seq: operation.seq, refusal }));
    return [...operations.map((operation) => encodeRecord({ type: 'operation', operation })), ...parked];
  }

  #waiting(operation: JournaledOperation): Waiting {
    const known = this.#live.get(operation.seq);
    if (known !== undefined) return known;
    const waiting: Waiting = { operation, isKept: false, writes: 0, rewritten: false };
    this.#live.set(operation.seq, waiting);
    this.#liveBytes += sizeOf(operation);
    return waiting;
  }

  #drop(seq: number): void {
    const waiting = this.#live.get(seq);
    if (waiting !== undefined) this.#liveBytes -= sizeOf(waiting.operation);
    this.#live.delete(seq);
    this.#parked.delete(seq);
  }
}

function sizeOf({ payload, blobs }: JournaledOperation): number {
  return blobs.reduce((sum, blob) => sum + blob.bytes.length, payload.length);
}
