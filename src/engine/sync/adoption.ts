import type { Clock, TimerHandle } from '../../base/env.ts';
import type { Journal } from '../journal/journal.ts';
import type { Journals } from '../journal/journals.ts';
import { PartialListError } from '../journal/medium.ts';
import type { JournalContent, JournaledOperation } from '../journal/records.ts';
import type { Driver } from './driver.ts';
import { restorePending } from './pending.ts';
import type { Pending } from './pending.ts';
import type { Siblings } from './siblings.ts';

const NOT_CAUGHT_UP = 'What another tab had noted of this repo cannot be read';
const UNLISTED = 'Not all journals of this device can be listed';
const UNREAD = 'A journal of this device cannot be read; it stays where it is';
/** Milliseconds after which a journal that could not be read is read again. */
const AGAIN = 10_000;

/** What an {@link Adoption} is made of. */
export interface AdoptionPorts {
  clock: Clock;
  journals: Journals;
  siblings: Siblings;
  /** The head holds an operation of a client, and those before it. */
  held: (client: string, seq: number) => void;
  /** Makes what sends the operations of a journal. */
  driver: (client: string, journal: Journal, left: Pending[]) => Driver;
  /** Another journal is sent from here now. */
  adopted: (driver: Driver) => void;
  /** What became of operations is to be asked: their journal is gone, or was found late. */
  vanished: () => void;
  /** Moves to the head that was noted here last, if that is a later one: what a journal let go is in it. */
  catchUp: () => Promise<void>;
  /** What lies on top of the head has changed. */
  relay: () => Promise<void>;
  warn: (message: string, error: unknown) => void;
}

interface Adopted {
  driver: Driver;
  journal: Journal;
}

/** The journals that engines which are gone have left on this device: taken over as soon as that shows, and sent from here under their own names. */
export class Adoption {
  readonly #ports: AdoptionPorts;
  readonly #adopted = new Map<string, Adopted>();
  /** Journals that are to be taken over once their engines are gone. */
  readonly #waiting = new Set<string>();
  /** What is tried again after a while, by what it is about. */
  readonly #again = new Map<string, TimerHandle>();
  #closed = false;

  constructor(ports: AdoptionPorts) {
    this.#ports = ports;
  }

  get clients(): string[] {
    return [...this.#adopted.keys()];
  }

  get drivers(): Driver[] {
    return [...this.#adopted.values()].map(({ driver }) => driver);
  }

  get journals(): Journal[] {
    return [...this.#adopted.values()].map(({ journal }) => journal);
  }

  /** What is waiting, by client. */
  get queues(): [client: string, queue: readonly Pending[]][] {
    return [...this.#adopted].map(([client, { driver }]) => [client, driver.pending]);
  }

  driverOf(client: string): Driver | null {
    return this.#adopted.get(client)?.driver ?? null;
  }

  journalOf(client: string): Journal | null {
    return this.#adopted.get(client)?.journal ?? null;
  }

  /** Takes in what other engines than `own` have not sent or have left; `late`: the head is there, which may hold some of it. */
  async load(own: string, late = false): Promise<void> {
    const others = await this.#ports.journals.others(own).catch((error: unknown) => {
      this.#tryAgain('', () => void this.load(own, true).then(this.#ports.relay), UNLISTED, error);
      return error instanceof PartialListError ? error.names.filter((client) => client !== own) : [];
    });
    await Promise.all(others.map((other) => this.#meet(other, late)));
  }

  /** Another engine has written: its operation is shown, and sent from here should that engine go. */
  heardWrite(client: string, operation: JournaledOperation): void {
    if (this.#adopted.has(client)) return;
    this.#ports.siblings.show(client, operation);
    this.#inherit(client);
    void this.#ports.relay();
  }

  /** Lets go of a journal that has nothing in it any more. */
  release(client: string): void {
    const adopted = this.#adopted.get(client);
    if (adopted === undefined || adopted.driver.pending.length > 0 || !adopted.journal.isEmpty) return;
    this.#adopted.delete(client);
    adopted.driver.close();
    void adopted.journal.close();
  }

  /** Stops sending; answers what was not accepted. */
  async close(): Promise<Pending[]> {
    this.#closed = true;
    for (const timer of this.#again.values()) this.#ports.clock.clear(timer);
    const adopted = [...this.#adopted.values()];
    const left = adopted.flatMap(({ driver }) => driver.close());
    await Promise.all(adopted.map(({ journal }) => journal.close()));
    return left;
  }

  async #meet(client: string, late: boolean): Promise<void> {
    const { journals, siblings, relay, vanished } = this.#ports;
    if (this.#adopted.has(client) || this.#waiting.has(client)) return;
    try {
      const taken = await journals.adopt(client);
      if (taken === 'empty') return;
      if (this.#closed) return taken === 'owned' ? undefined : await taken.journal.close();
      // The head was asked for without it: what of it is in there is asked now.
      if (late) vanished();
      if (taken !== 'owned') return this.#adopt(client, taken.journal, taken.content);
      for (const operation of (await journals.read(client)).operations) siblings.show(client, operation);
      this.#inherit(client);
    } catch (error) {
      this.#tryAgain(client, () => void this.#meet(client, true).then(relay), UNREAD, error);
    }
  }

  /** What can't be read now stays where it is, and is not taken for empty. */
  #tryAgain(about: string, task: () => void, message: string, error: unknown): void {
    if (this.#closed) return;
    if (!this.#again.has(about)) this.#ports.warn(message, error);
    this.#again.set(about, this.#ports.clock.set(task, AGAIN));
  }

  /** Takes a journal over once its engine is gone. */
  #inherit(client: string): void {
    const { journals, siblings, vanished, catchUp, relay, warn } = this.#ports;
    if (this.#waiting.has(client)) return;
    this.#waiting.add(client);
    const take = async (): Promise<void> => {
      const taken = await journals.inherit(client).finally(() => this.#waiting.delete(client));
      const kept = new Set(taken?.content.operations.map(({ seq }) => seq));
      if (!this.#closed && !siblings.of(client).every(({ seq }) => kept.has(seq))) await catchUp().catch((error: unknown) => warn(NOT_CAUGHT_UP, error));
      if (this.#closed) return taken?.journal.close();
      if (taken !== null) this.#adopt(client, taken.journal, taken.content);
      else if (siblings.take(client).known) vanished();
      await relay();
    };
    take().catch((error: unknown) => this.#tryAgain(client, () => this.#inherit(client), UNREAD, error));
  }

  #adopt(client: string, journal: Journal, content: JournalContent): void {
    const { isGone, held } = this.#ports.siblings.take(client);
    if (held > 0) this.#ports.held(client, held);
    const left = content.operations.map(restorePending);
    // What was not shown any more is in the head, or went elsewhere: the journal keeps it a little longer.
    for (const operation of left) operation.included = isGone(operation.seq);
    const driver = this.#ports.driver(client, journal, left);
    this.#adopted.set(client, { driver, journal });
    this.#ports.adopted(driver);
  }
}
