import { delay } from '../../base/env.ts';
import type { Env } from '../../base/env.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { OperationBody, OpsReply } from '../../wire/operations.ts';
import type { Journal } from '../journal/journal.ts';
import type { Answer, Journals } from '../journal/journals.ts';
import type { JournaledOperation, Refusal } from '../journal/records.ts';
import { Adoption } from './adoption.ts';
import { Driver } from './driver.ts';
import { Lookout } from './lookout.ts';
import { Overlay } from './overlay.ts';
import type { Accepted, Pending } from './pending.ts';
import { Precedence } from './precedence.ts';
import { Saving } from './saving.ts';
import { Siblings } from './siblings.ts';
import { Unnoted } from './unnoted.ts';

/** Milliseconds that closing gives to what is under way, when what is not accepted is safe. */
const LAST_CALL = 1_000;

/** What a {@link Backlog} needs of the checkout it keeps the operations of. */
export interface BacklogPorts {
  env: Env;
  /** Names this checkout among all writers of the repo. */
  client: string;
  /** Where operations are kept until the server has them; `null` where nothing outlives the page. */
  journals: Journals | null;
  /** When a write resolves: once it is kept here, or once the server has it. */
  durability: 'journal' | 'remote';
  send: (client: string, operations: Pending[], signal: AbortSignal) => Promise<OpsReply>;
  /** Takes an answer in; `remove` takes the batch out of what is pending, together with moving the head. */
  settled: (reply: OpsReply, batch: Pending[], remove: () => void) => Promise<void>;
  reopen: () => Promise<void>;
  /** What lies on top of the head has changed, and not by a write of this checkout: the view is to be computed anew. */
  relay: () => Promise<void>;
  /** An operation of ours was taken back: the view is to be computed anew without it. */
  withdrawn: (operation: Pending) => Promise<void>;
  /** Moves to the head that was noted on this device last, if that is a later one. */
  catchUp: () => Promise<void>;
  /** There is no room for the journal: caches are to make some. */
  makeRoom: () => Promise<void>;
  /** Whether a head that holds what went into this change is still to be noted on this device: the journal keeps it until then. */
  awaitsNote: (change: string) => boolean;
  /** Whether this change was looked at before, and another is now. */
  wasLeft: (change: string) => boolean;
  /** Whether the server does an operation once, whoever sends it: a plain REST API knows no names. */
  sharesNames: () => boolean;
  /** The server has answered. */
  reached: () => void;
  /** The state, or what is pending, has changed. */
  changed: () => void;
  warn: (message: string, error: unknown) => void;
}

/** An operation that the server refused after its writer had been told that it is safe. */
export interface Parked {
  client: string;
  operation: JournaledOperation;
  refusal: Refusal;
}

/**
 * All operations on a repo that the server has not accepted, as far as this device knows: our own, those that engines which are gone have left (they
 * are sent from here, under their own names), and those of other engines that live (shown, not sent).
 */
export class Backlog {
  readonly own: Driver;
  /** What of it all lies on top of a head. */
  readonly overlay: Overlay;
  readonly #ports: BacklogPorts;
  readonly #journal: Journal | null;
  /** `null` where nothing outlives the page. */
  readonly #adoption: Adoption | null;
  readonly #siblings: Siblings;
  readonly #precedence: Precedence;
  readonly #unnoted = new Unnoted();
  /** Parked operations that something is done with. */
  readonly #claimed = new Set<string>();
  readonly #saving: Saving;
  readonly #lookout: Lookout;
  #started = false;

  constructor(ports: BacklogPorts) {
    this.#ports = ports;
    this.#journal = ports.journals?.create(ports.client) ?? null;
    this.#saving = new Saving({ ...ports, journal: this.#journal, withdraw: (operation) => this.own.withdraw(operation), drained: () => this.own.drained() });
    const changed = (): void => {
      this.#wake();
      void ports.relay();
    };
    this.#siblings = new Siblings({ clock: ports.env.clock, journals: ports.journals, catchUp: ports.catchUp, changed });
    this.#precedence = new Precedence({
      clock: ports.env.clock,
      siblings: this.#siblings,
      queues: () => this.overlay.queues(),
      sharesNames: ports.sharesNames,
      isStuck: (client) => this.#adoption?.driverOf(client)?.isStuck === true,
      send: ports.send,
      tell: (client, answers) => ports.journals?.tellAnswered(client, answers),
    });
    this.overlay = new Overlay({
      client: ports.client,
      own: () => this.own,
      adoption: () => this.#adoption,
      siblings: this.#siblings,
      unnoted: this.#unnoted,
      pending: () => this.pending,
      wake: () => this.#wake(),
    });
    this.#lookout = new Lookout({
      clock: ports.env.clock,
      keeps: () => this.keeps,
      journals: () => this.#journals,
      tell: (client, answers) => ports.journals?.tellAnswered(client, answers),
      warn: ports.warn,
    });
    this.own = new Driver(this.#driverPorts(ports.client, this.#journal));
    this.#adoption = ports.journals === null ? null : this.#adoptionOf(ports.journals);
    ports.journals?.listen({
      wrote: (client, operation) => (client === ports.client ? undefined : this.#adoption?.heardWrite(client, operation)),
      answered: (client, answers) => {
        this.#siblings.heardAnswers(client, answers);
        // What is answered there need not wait here.
        if (answers.some(({ done }) => done !== null)) this.#reached();
      },
    });
  }

  /** Takes in what other engines of this device have not sent or have left. */
  async load(): Promise<void> {
    await this.#adoption?.load(this.#ports.client);
  }

  /** Begins to send: the first head is there. */
  start(): void {
    this.#started = true;
    this.#wake();
  }

  /** Whether what is written is kept beyond the page. */
  get keeps(): boolean {
    return this.#saving.keeps;
  }

  /** The operations that are sent from here and have no answer yet. */
  get pending(): Pending[] {
    return this.drivers.flatMap((driver) => [...driver.pending]);
  }

  /** How many operations of other engines of this device are known here and have no answer yet. */
  get elsewhere(): number {
    return this.#siblings.clients.reduce((sum, client) => sum + this.#siblings.waiting(client).length, 0);
  }

  get drivers(): Driver[] {
    return [...(this.#adoption?.drivers ?? []), this.own];
  }

  /** The refused operations that wait for a person to decide. */
  get parked(): Parked[] {
    const all = this.#journals.flatMap((journal) => journal.parked.map((parked) => ({ client: journal.client, ...parked })));
    return all.filter(({ client, operation }) => !this.#claimed.has(`${client} ${operation.seq}`));
  }

  /** Takes parked operations out of those that wait, while something is done with them; the answer puts back those that are still there. */
  claim(parked: readonly Parked[]): () => void {
    const names = parked.map(({ client, operation }) => `${client} ${operation.seq}`);
    for (const name of names) this.#claimed.add(name);
    this.#ports.changed();
    return () => {
      for (const name of names) this.#claimed.delete(name);
      this.#ports.changed();
    };
  }

  /** Queues an operation made where `change` is looked at. `acknowledged`: it is as safe as the mount promises. @throws FsError ECANCELED */
  write(body: OperationBody, blobs: StoredObject[], change: string): { acknowledged: Promise<unknown>; answered: Promise<unknown> } {
    const operation = this.own.enqueue(body, blobs, change, this.overlay.present());
    const saved = this.#saving.save(operation);
    this.#lookout.start();
    if (this.#ports.durability === 'remote' || !this.keeps) return { acknowledged: operation.answered, answered: operation.answered };
    const safe = saved.then((kept) => (kept ? undefined : operation.answered));
    // A refusal is told at once. What the server has is waited for here too: without a network the next page shows what is kept on this device.
    const acknowledged = Promise.race([safe, operation.answered.then(() => safe)]);
    // Who writes need not wait.
    acknowledged.catch(() => undefined);
    return { acknowledged, answered: operation.answered };
  }

  /** Queues an operation whose answer matters. Where the server can't be asked now and it is safe here, the answer is `null`. */
  async operate(body: OperationBody, change: string): Promise<Accepted | null> {
    const operation = this.own.enqueue(body, [], change, this.overlay.present());
    operation.awaited = true;
    const saved = this.#saving.save(operation);
    this.#lookout.start();
    const unlessStuck = async (): Promise<Accepted | null> => {
      if ((await this.own.drained()) || !(await saved)) return operation.answered;
      // It may be about a change that is to be made before it.
      for (const each of this.own.pending) if (each === operation || (each.seq < operation.seq && each.body.kind === 'change.create')) each.told = true;
      return null;
    };
    return Promise.race([operation.answered, unlessStuck()]);
  }

  /** Resolves when the server has answered all that is pending here, however long that takes. Refusals are their writers'. */
  async flush(): Promise<void> {
    for (const driver of this.drivers) void driver.drained();
    await Promise.allSettled(this.pending.map((operation) => operation.answered));
  }

  /** The head of a change is kept on this device, or of `null` all are given up: what it holds need not be kept in journals any more. */
  noted(repoSeq: number, change: string | null, holds: Readonly<Record<string, number>> = {}): void {
    this.#siblings.noted(holds);
    for (const [client, seqs] of this.#unnoted.take(repoSeq, change)) {
      this.#journalOf(client)?.answered(seqs);
      this.#adoption?.release(client);
    }
  }

  /** Tells every driver what the platform knows. */
  notify(event: 'online' | 'offline' | 'credential' | 'reached'): void {
    for (const driver of this.drivers) driver.notify(event);
  }

  /** Lets go of a parked operation: it was saved elsewhere, or is not wanted. */
  unpark(client: string, seq: number): void {
    this.#journalOf(client)?.answered([seq]);
    this.#adoption?.release(client);
    this.#ports.changed();
  }

  /** Waits until what was written is kept, and gives what is under way a moment where it is. */
  async lastCall(): Promise<void> {
    const { clock } = this.#ports.env;
    await this.#saving.settled();
    const patience = new AbortController();
    const lastCall = this.keeps ? [delay(clock, LAST_CALL, patience.signal).catch(() => undefined)] : [];
    await Promise.race([this.own.drained(), ...lastCall]);
    patience.abort();
  }

  /** Stops sending. Answers how many operations the server has not accepted; those that are safe wait for the next engine. */
  async close(): Promise<number> {
    this.#lookout.stop();
    this.#siblings.close();
    const left = this.own.close();
    const lost = left.filter((operation) => !operation.told && !operation.sent);
    this.#journal?.answered(lost.map(({ seq }) => seq));
    const [theirs] = await Promise.all([this.#adoption?.close(), this.#journal?.close()]);
    await this.#ports.journals?.close();
    return left.length + (theirs?.length ?? 0);
  }

  /** Lets go of operations that the server has; of those whose head is still to be noted here only then, so that the next page shows them without a network. */
  #accepted(client: string, answers: readonly Answer[]): void {
    const gone = new Set(answers.filter(({ done }) => done === null || !this.#ports.awaitsNote(done.change)).map(({ seq }) => seq));
    this.#unnoted.forget(client, gone);
    this.#journalOf(client)?.answered([...gone]);
    const { tooMany } = this.#unnoted;
    if (tooMany !== null) this.noted(tooMany, null);
  }

  get #journals(): Journal[] {
    return [...(this.#adoption?.journals ?? []), ...(this.#journal === null ? [] : [this.#journal])];
  }

  #journalOf(client: string): Journal | null {
    return client === this.#ports.client ? this.#journal : (this.#adoption?.journalOf(client) ?? null);
  }

  /** The server has answered another engine of this device. */
  #reached(): void {
    if (!this.#started) return;
    this.notify('reached');
    this.#ports.reached();
  }

  #wake(): void {
    if (this.#started) for (const driver of this.drivers) driver.wake();
  }

  #adoptionOf(journals: Journals): Adoption {
    const { relay, catchUp, changed, warn } = this.#ports;
    return new Adoption({
      clock: this.#ports.env.clock,
      journals,
      siblings: this.#siblings,
      held: (client, seq) => this.#unnoted.hold(client, seq),
      driver: (client, journal, left) => new Driver(this.#driverPorts(client, journal), left),
      adopted: (driver) => {
        this.#lookout.start();
        if (this.#started) driver.wake();
        changed();
      },
      vanished: () => void this.own.reset(),
      catchUp,
      relay,
      warn,
    });
  }

  #driverPorts(client: string, journal: Journal | null): ConstructorParameters<typeof Driver>[0] {
    const { env, send, settled, wasLeft, reopen, changed, reached, journals, durability } = this.#ports;
    return {
      env,
      reopen,
      changed: () => {
        if (client !== this.#ports.client) this.own.look();
        changed();
      },
      reached,
      patient: () => client !== this.#ports.client || (durability === 'journal' && this.keeps),
      ready: (operation) => this.#precedence.isReady(client, operation),
      held: (operation) => this.#precedence.isHeld(client, operation),
      before: (operations, signal) => this.#precedence.sendBefore(operations, signal),
      send: (operations, signal) => send(client, operations, signal),
      settled: async (reply, batch, remove) => {
        const accepted = reply.results.filter((result) => result.ok);
        await settled(reply, batch, () => {
          remove();
          // The head that they move may be noted before this goes on.
          this.#unnoted.add(client, accepted, batch, wasLeft);
        });
        const answers = accepted.map(({ seq, repoSeq, change }): Answer => ({ seq, done: { repoSeq, change } }));
        // Where bookmarks stand is in no head: nothing is waited for.
        const noted = new Set(batch.filter(({ body }) => body.kind !== 'bookmark.create' && body.kind !== 'bookmark.move').map(({ seq }) => seq));
        this.#accepted(
          client,
          answers.map((answer) => (noted.has(answer.seq) ? answer : { ...answer, done: null })),
        );
        journals?.tellAnswered(client, answers);
        this.#adoption?.release(client);
        this.#wake();
      },
      refused: (operations, error) => {
        for (const { seq, told } of operations) {
          if (told) journal?.park(seq, refusalOf(error, env.clock.now()));
          else journal?.answered([seq]);
        }
        journals?.tellAnswered(
          client,
          operations.map(({ seq }) => ({ seq, done: null })),
        );
        this.#adoption?.release(client);
        this.#wake();
        changed();
      },
    };
  }
}

function refusalOf(error: unknown, at: number): Refusal {
  if (error instanceof MesaApiError) return { code: error.code ?? `HTTP_${error.status}`, message: error.message, at };
  return { code: 'REFUSED', message: error instanceof Error ? error.message : String(error), at };
}
