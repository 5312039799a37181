import { delay } from '../../base/env.ts';
import type { Env, TimerHandle } from '../../base/env.ts';
import { FsError } from '../../base/errors.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { Origin } from '../../wire/events.ts';
import type { OperationBody, OpsReply } from '../../wire/operations.ts';
import type { Journal } from '../journal/journal.ts';
import type { Answer, Journals } from '../journal/journals.ts';
import { JournalError } from '../journal/medium.ts';
import type { JournalContent, JournaledOperation, Refusal } from '../journal/records.ts';
import { Driver } from './driver.ts';
import { makeForeign, restorePending, showsIn } from './pending.ts';
import type { Accepted, Foreign, Pending } from './pending.ts';

/** Milliseconds that closing gives to what is under way, when what is not accepted is safe. */
const LAST_CALL = 1_000;
/** Milliseconds after which the journals of other engines are read again while something of them is shown. */
const REVIEW = 10_000;
/** Clients that are remembered. */
const MAX_INCLUDED = 1_000;

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
  /** There is no room for the journal: caches are to make some. */
  makeRoom: () => Promise<void>;
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

interface Adopted {
  driver: Driver;
  journal: Journal;
}

/**
 * All operations on a repo that the server has not accepted, as far as this device knows: our own, those that engines which are gone have left (they
 * are sent from here, under their own names), and those of other engines that live (shown, not sent).
 */
export class Backlog {
  readonly own: Driver;
  readonly #ports: BacklogPorts;
  readonly #journal: Journal | null;
  readonly #adopted = new Map<string, Adopted>();
  readonly #foreign = new Map<string, Map<number, Foreign>>();
  /** Of each client heard of, the last operation that has an answer. */
  readonly #included = new Map<string, number>();
  readonly #waiting = new Set<string>();
  #lookAgain: TimerHandle = null;
  readonly #saving = new Set<Promise<boolean>>();
  #started = false;
  #closed = false;
  /** Whether what is written is kept beyond the page: no more once the storage is lost. */
  #keeps: boolean;

  constructor(ports: BacklogPorts) {
    this.#ports = ports;
    this.#keeps = ports.journals?.durable ?? false;
    this.#journal = ports.journals?.create(ports.client) ?? null;
    this.own = new Driver(this.#driverPorts(ports.client, () => this.#journal));
    ports.journals?.listen({
      wrote: (client, operation) => this.#heardWrite(client, operation),
      answered: (client, answers) => this.#heardAnswers(client, answers),
    });
  }

  /** Takes in what other engines of this device have not sent or have left. */
  async load(): Promise<void> {
    const { journals, client, warn } = this.#ports;
    if (journals === null) return;
    try {
      const others = await journals.others(client);
      await Promise.all(others.map((other) => this.#meet(journals, other)));
    } catch (error) {
      warn('The journals of this device cannot be listed', error);
    }
  }

  /** Begins to send: the first head is there. */
  start(): void {
    this.#started = true;
    for (const { driver } of this.#adopted.values()) driver.start();
  }

  /** Whether what is written is kept beyond the page. */
  get keeps(): boolean {
    return this.#keeps;
  }

  /** The operations that are sent from here and have no answer yet. */
  get pending(): Pending[] {
    return this.drivers.flatMap((driver) => [...driver.pending]);
  }

  get drivers(): Driver[] {
    return [...[...this.#adopted.values()].map(({ driver }) => driver), this.own];
  }

  get parked(): Parked[] {
    const journals = [...[...this.#adopted.values()].map(({ journal }) => journal), ...(this.#journal === null ? [] : [this.#journal])];
    return journals.flatMap((journal) => journal.parked.map((parked) => ({ client: journal.client, ...parked })));
  }

  /** The operations to lay on top of a head, others' before ours. Those that the head holds already are let go. */
  over(head: { change: string; repoSeq: number }, bookmark: string | null): Pending[] {
    for (const operations of this.#foreign.values()) {
      for (const [seq, { done }] of operations) {
        // Who follows no bookmark does not follow it into another change.
        const elsewhere = bookmark === null && done?.change !== head.change;
        if (done !== null && (done.repoSeq <= head.repoSeq || elsewhere)) operations.delete(seq);
      }
    }
    const adopted = [...this.#adopted.values()].flatMap(({ driver }) => [...driver.pending]);
    const foreign = [...this.#foreign.values()].flatMap((operations) => [...operations.values()]);
    return [...adopted, ...foreign, ...this.own.pending].filter((operation) => !operation.included && showsIn(operation, head.change, bookmark));
  }

  /** The names whose operations may be in a head that is opened, unknown to us. */
  get clients(): string[] {
    const own = this.own.pending.length > 0 ? [this.#ports.client] : [];
    return [...own, ...this.#adopted.keys(), ...this.#foreign.keys()];
  }

  /** The head holds what `origin` names and all before it of the same client. Answers whether that is ours. */
  include(origin: Origin | null): boolean {
    if (origin === null) return false;
    this.#heard(origin);
    const driver = origin.client === this.#ports.client ? this.own : this.#adopted.get(origin.client)?.driver;
    for (const operation of driver?.pending ?? []) if (operation.seq <= origin.seq) operation.included = true;
    const foreign = this.#foreign.get(origin.client);
    for (const seq of foreign?.keys() ?? []) if (seq <= origin.seq) foreign?.delete(seq);
    return origin.client === this.#ports.client;
  }

  /** The change that a pending operation makes, and what it is made on. */
  creationOf(change: string): { parents: string[] } | null {
    const foreign = [...this.#foreign.values()].flatMap((operations) => [...operations.values()]);
    const { body } = [...this.pending, ...foreign].find((operation) => operation.body.kind === 'change.create' && operation.body.id === change) ?? {};
    return body?.kind === 'change.create' ? body : null;
  }

  /** Queues an operation made where `change` is looked at. `acknowledged`: it is as safe as the mount promises. @throws FsError ECANCELED */
  write(body: OperationBody, blobs: StoredObject[], change: string): { acknowledged: Promise<unknown>; answered: Promise<unknown> } {
    const operation = this.own.enqueue(body, blobs, change);
    const saved = this.#save(operation);
    if (this.#ports.durability === 'remote' || !this.#keeps) return { acknowledged: operation.answered, answered: operation.answered };
    const safe = saved.then((kept) => (kept ? undefined : operation.answered));
    return { acknowledged: Promise.race([safe, operation.answered]), answered: operation.answered };
  }

  /** Queues an operation whose answer matters. Where the server can't be asked now and it is safe here, the answer is `null`. */
  async operate(body: OperationBody, change: string): Promise<Accepted | null> {
    const operation = this.own.enqueue(body, [], change);
    const saved = this.#save(operation);
    const unlessStuck = async (): Promise<Accepted | null> => {
      if ((await this.own.drained()) || !(await saved)) return operation.answered;
      operation.told = true;
      return null;
    };
    return Promise.race([operation.answered, unlessStuck()]);
  }

  /** Resolves when the server has answered all that is pending here, however long that takes. Refusals are their writers'. */
  async flush(): Promise<void> {
    await Promise.allSettled(this.pending.map((operation) => operation.answered));
  }

  /** Tells every driver what the platform knows. */
  notify(event: 'online' | 'offline' | 'credential' | 'reached'): void {
    for (const driver of this.drivers) driver.notify(event);
  }

  /** Lets go of a parked operation: it was saved elsewhere, or is not wanted. */
  unpark(client: string, seq: number): void {
    const journal = client === this.#ports.client ? this.#journal : this.#adopted.get(client)?.journal;
    journal?.answered([seq]);
    this.#release(client);
    this.#ports.changed();
  }

  /** Stops sending. Answers how many operations the server has not accepted; those that are safe wait for the next engine. */
  async close(): Promise<number> {
    const { clock } = this.#ports.env;
    await Promise.allSettled(this.#saving);
    const patience = new AbortController();
    const lastCall = this.#keeps ? [delay(clock, LAST_CALL, patience.signal).catch(() => undefined)] : [];
    await Promise.race([this.own.drained(), ...lastCall]);
    patience.abort();
    this.#closed = true;
    if (this.#lookAgain !== null) clock.clear(this.#lookAgain);
    const left = this.own.close();
    const lost = left.filter((operation) => !operation.told && !operation.sent);
    this.#journal?.answered(lost.map(({ seq }) => seq));
    const adopted = [...this.#adopted.values()];
    const theirs = adopted.flatMap(({ driver }) => driver.close());
    await Promise.all([this.#journal?.close(), ...adopted.map(({ journal }) => journal.close())]);
    await this.#ports.journals?.close();
    return left.length + theirs.length;
  }

  /** Keeps an operation in the journal. Answers whether it is kept; one that can be neither kept nor sent is taken back. */
  #save(operation: Pending): Promise<boolean> {
    if (this.#journal === null || !this.#keeps) return Promise.resolve(false);
    const saving = this.#saveIn(this.#journal, operation);
    this.#saving.add(saving);
    void saving.finally(() => this.#saving.delete(saving));
    return saving;
  }

  async #saveIn(journal: Journal, operation: Pending): Promise<boolean> {
    const { durability, client, journals, makeRoom, warn, relay } = this.#ports;
    const attempt = (): Promise<void> => journal.append(operation);
    try {
      await attempt().catch(async (error: unknown) => {
        if (!(error instanceof JournalError) || error.code !== 'QUOTA') throw error;
        await makeRoom();
        await attempt();
      });
      if (durability === 'journal') operation.told = true;
      journals?.tellWrote(client, operation);
      return true;
    } catch (error) {
      warn('A write cannot be kept on this device', error);
      if (error instanceof JournalError && error.code === 'LOST') this.#keeps = false;
      if (this.own.withdraw(operation)) {
        operation.reject(new FsError('ENOSPC', 'write', '/', { hint: 'it can be neither stored on this device nor sent now', cause: error }));
        await relay();
      }
      this.#ports.changed();
      return false;
    }
  }

  async #meet(journals: Journals, client: string): Promise<void> {
    try {
      const taken = await journals.adopt(client);
      if (taken === 'empty') return;
      if (taken !== 'owned') return this.#adopt(client, taken.journal, taken.content);
      for (const operation of (await journals.read(client)).operations) this.#show(client, operation);
      this.#inherit(journals, client);
    } catch (error) {
      this.#ports.warn('A journal of this device cannot be read; it stays where it is', error);
    }
  }

  /** Takes a journal over once its engine is gone. */
  #inherit(journals: Journals, client: string): void {
    if (this.#waiting.has(client)) return;
    this.#waiting.add(client);
    void journals.inherit(client).then(async (taken) => {
      this.#waiting.delete(client);
      if (this.#closed) return taken?.journal.close();
      if (taken !== null) this.#adopt(client, taken.journal, taken.content);
      else if (this.#foreign.delete(client)) void this.own.reset();
      await this.#ports.relay();
    });
  }

  #adopt(client: string, journal: Journal, content: JournalContent): void {
    this.#foreign.delete(client);
    const driver = new Driver(
      this.#driverPorts(client, () => journal),
      content.operations.map(restorePending),
    );
    this.#adopted.set(client, { driver, journal });
    if (this.#started) driver.start();
    this.#ports.changed();
  }

  /** Lets go of an adopted journal that has nothing in it any more. */
  #release(client: string): void {
    const adopted = this.#adopted.get(client);
    if (adopted === undefined || adopted.driver.pending.length > 0 || !adopted.journal.isEmpty) return;
    this.#adopted.delete(client);
    adopted.driver.close();
    void adopted.journal.close();
  }

  #driverPorts(client: string, journalOf: () => Journal | null): ConstructorParameters<typeof Driver>[0] {
    const { env, send, settled, reopen, changed, journals, durability } = this.#ports;
    return {
      env,
      reopen,
      changed,
      patient: client !== this.#ports.client || (durability === 'journal' && this.#keeps),
      send: (operations, signal) => send(client, operations, signal),
      settled: async (reply, batch, remove) => {
        await settled(reply, batch, remove);
        const answers = reply.results.flatMap((result): Answer[] =>
          result.ok ? [{ seq: result.seq, done: { repoSeq: result.repoSeq, change: result.change } }] : [],
        );
        journalOf()?.answered(answers.map(({ seq }) => seq));
        journals?.tellAnswered(client, answers);
        this.#release(client);
      },
      refused: (operations, error) => {
        const journal = journalOf();
        for (const { seq, told } of operations) {
          if (told) journal?.park(seq, refusalOf(error, env.clock.now()));
          else journal?.answered([seq]);
        }
        journals?.tellAnswered(
          client,
          operations.map(({ seq }) => ({ seq, done: null })),
        );
        this.#release(client);
        changed();
      },
    };
  }

  #heardWrite(client: string, operation: JournaledOperation): void {
    const { journals } = this.#ports;
    if (journals === null || this.#adopted.has(client) || client === this.#ports.client) return;
    this.#show(client, operation);
    this.#inherit(journals, client);
    void this.#ports.relay();
  }

  #heardAnswers(client: string, answers: readonly Answer[]): void {
    const operations = this.#foreign.get(client);
    for (const { seq, done } of answers) {
      const operation = operations?.get(seq);
      // The server may answer before the journal has written, and what has an answer is not shown any more.
      if (operation === undefined) this.#heard({ client, seq });
      else if (done === null) operations?.delete(seq);
      else operation.done = done;
    }
    void this.#ports.relay();
  }

  /** Remembers that an operation, and all before it of its client, has its answer: its journal may be heard of later than that. */
  #heard({ client, seq }: Origin): void {
    const before = this.#included.get(client) ?? 0;
    this.#included.delete(client);
    this.#included.set(client, Math.max(before, seq));
    const [oldest] = this.#included.keys();
    if (this.#included.size > MAX_INCLUDED && oldest !== undefined) this.#included.delete(oldest);
  }

  #show(client: string, operation: JournaledOperation): void {
    if (operation.seq <= (this.#included.get(client) ?? 0)) return;
    const operations = this.#foreign.get(client) ?? new Map<number, Foreign>();
    this.#foreign.set(client, operations);
    if (!operations.has(operation.seq)) operations.set(operation.seq, makeForeign(operation));
    this.#lookAgain ??= this.#ports.env.clock.set(() => void this.#review(), REVIEW);
  }

  /** Lets go of what other engines' journals no longer hold: what they said of it may have been lost. */
  async #review(): Promise<void> {
    this.#lookAgain = null;
    const { journals, env } = this.#ports;
    for (const [client, operations] of this.#foreign) {
      const before = [...operations.keys()];
      const kept = await journals?.read(client).catch(() => null);
      if (kept === null || kept === undefined || this.#closed) continue;
      const seqs = new Set(kept.operations.map(({ seq }) => seq));
      const gone = before.filter((seq) => !seqs.has(seq) && operations.delete(seq));
      if (gone.length > 0) await this.#ports.relay();
    }
    if (this.#closed || [...this.#foreign.values()].every((operations) => operations.size === 0)) return;
    this.#lookAgain ??= env.clock.set(() => void this.#review(), REVIEW);
  }
}

function refusalOf(error: unknown, at: number): Refusal {
  if (error instanceof MesaApiError) return { code: error.code ?? `HTTP_${error.status}`, message: error.message, at };
  return { code: 'REFUSED', message: error instanceof Error ? error.message : String(error), at };
}
