import { FsError } from '../../base/errors.ts';
import type { Channel, Device, HeldLock } from './device.ts';
import { Journal } from './journal.ts';
import type { LogMedium } from './medium.ts';
import { decodeRecord, encodeRecord, replayRecords } from './records.ts';
import type { JournalContent, JournaledOperation } from './records.ts';

/** What became of another engine's operation: the repo's sequence number at which its effect stands, and in which change; `null` when it was refused. */
export interface Answer {
  seq: number;
  done: { repoSeq: number; change: string } | null;
}

/** What is heard of another engine's journal. */
export interface JournalListener {
  wrote: (client: string, operation: JournaledOperation) => void;
  answered: (client: string, answers: readonly Answer[]) => void;
}

/** What engines tell each other; operations in the journal's own encoding. */
type Message = { type: 'wrote'; client: string; record: Uint8Array } | { type: 'answered'; client: string; answers: Answer[] };

/**
 * The journals of one repo that one principal has on this device: ours, those of engines that live, and those whose engines are gone. A lock tells which
 * is which: its owner holds it for as long as it lives.
 */
export class Journals {
  readonly durable: boolean;
  readonly #device: Device;
  readonly #scope: string;
  readonly #medium: LogMedium;
  readonly #channel: Channel;
  readonly #closing = new AbortController();

  private constructor(device: Device, scope: string, medium: LogMedium) {
    this.#device = device;
    this.#scope = scope;
    this.#medium = medium;
    this.durable = medium.durable;
    this.#channel = device.channel(`mesafs:${scope}`);
  }

  /** Opens the journals kept under a name: one for an API address, a principal, an org and a repo. @throws JournalError when there is no storage */
  static async open(device: Device, scope: string): Promise<Journals> {
    return new Journals(device, scope, await device.logs(scope));
  }

  /** The journal of a new client. */
  create(client: string): Journal {
    return new Journal({ medium: this.#medium, client, lock: () => this.#device.locks.hold(this.#lockName(client), this.#closing.signal) });
  }

  /** The names of the other clients that have a journal here. */
  async others(own: string): Promise<string[]> {
    return (await this.#medium.names()).filter((client) => client !== own).toSorted();
  }

  /** What is in a journal, whoever it belongs to. @throws JournalError */
  async read(client: string): Promise<JournalContent> {
    return replayRecords(await this.#medium.read(client));
  }

  /** Takes a journal over if its owner is gone: `owned` while that lives, `empty` when there is nothing in it. */
  async adopt(client: string): Promise<{ journal: Journal; content: JournalContent } | 'owned' | 'empty'> {
    const lock = await this.#device.locks.tryHold(this.#lockName(client));
    return lock === null ? 'owned' : this.#take(client, lock);
  }

  /** Waits until a journal's owner is gone and takes it over; `null` when there is nothing in it, or this is closed first. @throws JournalError */
  async inherit(client: string): Promise<{ journal: Journal; content: JournalContent } | null> {
    const { signal } = this.#closing;
    const lock = await this.#device.locks.hold(this.#lockName(client), signal).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    const taken = lock === null ? 'empty' : await this.#take(client, lock);
    return taken === 'empty' ? null : taken;
  }

  /** Tells the other engines of an operation that is kept now. */
  tellWrote(client: string, operation: JournaledOperation): void {
    this.#post({ type: 'wrote', client, record: encodeRecord({ type: 'operation', operation }) });
  }

  /** Tells the other engines what became of operations. */
  tellAnswered(client: string, answers: Answer[]): void {
    if (answers.length > 0) this.#post({ type: 'answered', client, answers });
  }

  /** Hears what other engines write and what becomes of it. */
  listen({ wrote, answered }: JournalListener): void {
    this.#channel.listen((received) => {
      const message = received as Message;
      if (message.type === 'answered') return answered(message.client, message.answers);
      const operation = readOperation(message.record);
      if (operation !== null) wrote(message.client, operation);
    });
  }

  /** Removes every journal. @throws FsError EBUSY while one holds what the server has not accepted, or belongs to an engine that lives */
  async clear(repo: string): Promise<void> {
    for (const client of await this.#medium.names()) {
      const taken = await this.adopt(client);
      if (taken === 'empty') continue;
      if (taken !== 'owned') await taken.journal.close();
      const hint = 'the server has not accepted all of it: mount it and flush, or save or discard what is parked; and close its mounts';
      throw new FsError('EBUSY', 'forget', repo, { hint });
    }
  }

  /** Asks the platform to keep what is stored; answers whether it will. */
  persist(): Promise<boolean> {
    return this.#device.persist();
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The mount was closed'));
    this.#channel.close();
    await this.#medium.close();
  }

  async #take(client: string, lock: HeldLock): Promise<{ journal: Journal; content: JournalContent } | 'empty'> {
    try {
      return (await Journal.adopt(this.#medium, client, lock)) ?? 'empty';
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  #post(message: Message): void {
    this.#channel.post(message);
  }

  #lockName(client: string): string {
    return `mesafs:${this.#scope}:${client}`;
  }
}

/** What another tab wrote; `null` where this version can't read it: its journal is read when it is taken over, and says so then. */
function readOperation(bytes: Uint8Array): JournaledOperation | null {
  try {
    const record = decodeRecord(bytes);
    return record.type === 'operation' ? record.operation : null;
  } catch {
    return null;
  }
}
