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
import { isTransient, isUnauthorized } from './backoff.ts';
import { inCausalOrder, requirements } from './causal.ts';
import type { After } from './causal.ts';
import { Driver } from './driver.ts';
import { makeForeign, restorePending, showsIn } from './pending.ts';
import type { Accepted, Foreign, Pending } from './pending.ts';

/** Milliseconds that closing gives to what is under way, when what is not accepted is safe. */
const LAST_CALL = 1_000;
/** Operations of another engine that are sent at once. */
const MAX_BEFORE = 1_000;
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
  /** Whether a head that holds what went into this change is still to be noted on this device: the journal keeps it until then. */
  awaitsNote: (change: string) => boolean;
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
  /** Accepted, and still in a journal. */
  #unnoted: { client: string; seq: number; repoSeq: number }[] = [];
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
    this.#wake();
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

  /** The operations to lay on top of a head, each after those it was made on top of. Those that the head holds already are let go. */
  over(head: { change: string; repoSeq: number }, bookmark: string | null): Pending[] {
    for (const operations of this.#foreign.values()) {
      for (const [seq, { done }] of operations) {
        // Who follows no bookmark does not follow it into another change.
        const elsewhere = bookmark === null && done?.change !== head.change;
        if (done !== null && (done.repoSeq <= head.repoSeq || elsewhere)) operations.delete(seq);
      }
    }
    return inCausalOrder(this.#queues()).filter((operation) => !operation.included && showsIn(operation, head.change, bookmark));
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
    const operation = this.own.enqueue(body, blobs, change, this.#present());
    const saved = this.#save(operation);
    if (this.#ports.durability === 'remote' || !this.#keeps) return { acknowledged: operation.answered, answered: operation.answered };
    const safe = saved.then((kept) => (kept ? undefined : operation.answered));
    const acknowledged = Promise.race([safe, operation.answered]);
    // Who writes need not wait.
    acknowledged.catch(() => undefined);
    return { acknowledged, answered: operation.answered };
  }

  /** Queues an operation whose answer matters. Where the server can't be asked now and it is safe here, the answer is `null`. */
  async operate(body: OperationBody, change: string): Promise<Accepted | null> {
    const operation = this.own.enqueue(body, [], change, this.#present());
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

  /** A head was noted on this device: what it holds need not be kept in journals any more. */
  noted(repoSeq: number): void {
    const held = this.#unnoted.filter((operation) => operation.repoSeq <= repoSeq);
    this.#unnoted = this.#unnoted.filter((operation) => operation.repoSeq > repoSeq);
    for (const client of new Set(held.map((operation) => operation.client))) {
      this.#journalOf(client)?.answered(held.filter((operation) => operation.client === client).map(({ seq }) => seq));
      this.#release(client);
    }
  }

  /** Tells every driver what the platform knows. */
  notify(event: 'online' | 'offline' | 'credential' | 'reached'): void {
    for (const driver of this.drivers) driver.notify(event);
  }

  /** Lets go of a parked operation: it was saved elsewhere, or is not wanted. */
  unpark(client: string, seq: number): void {
    this.#journalOf(client)?.answered([seq]);
    this.#release(client);
    this.#ports.changed();
  }

  /** Waits until what was written is kept, and gives what is under way a moment where it is. */
  async lastCall(): Promise<void> {
    const { clock } = this.#ports.env;
    await Promise.allSettled(this.#saving);
    const patience = new AbortController();
    const lastCall = this.#keeps ? [delay(clock, LAST_CALL, patience.signal).catch(() => undefined)] : [];
    await Promise.race([this.own.drained(), ...lastCall]);
    patience.abort();
  }

  /** Stops sending. Answers how many operations the server has not accepted; those that are safe wait for the next engine. */
  async close(): Promise<number> {
    const { clock } = this.#ports.env;
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

  /** What is waiting, by client. */
  #queues(): Map<string, readonly Pending[]> {
    const queues = new Map<string, readonly Pending[]>([[this.#ports.client, this.own.pending]]);
    for (const [client, operations] of this.#foreign) queues.set(client, [...operations.values()]);
    for (const [client, { driver }] of this.#adopted) queues.set(client, driver.pending);
    return queues;
  }

  /** The last operation of each other client that has no answer: what is written now is made on top of them. */
  #present(): After | undefined {
    const after: Record<string, number> = {};
    for (const [client, { driver }] of this.#adopted) if (driver.pending.length > 0) after[client] = driver.pending.at(-1)?.seq ?? 0;
    for (const [client, operations] of this.#foreign) {
      const waiting = [...operations.values()].filter(({ done }) => done === null);
      if (waiting.length > 0) after[client] = waiting.at(-1)?.seq ?? 0;
    }
    return Object.keys(after).length === 0 ? undefined : after;
  }

  /** Whether all that an operation has to come after has arrived, or is another engine's, which can be sent from here with it. */
  #isReady(client: string, operation: Pending): boolean {
    if (operation.after === undefined) return true;
    const queues = this.#queues();
    for (const [other, seq] of requirements(operation, (name) => queues.get(name) ?? [])) {
      const foreign = this.#foreign.get(other);
      if (foreign !== undefined && !this.#ports.sharesNames()) {
        for (const each of foreign.values()) if (each.seq <= seq && each.done === null) return false;
      }
      const first = foreign === undefined ? queues.get(other)?.[0] : undefined;
      // Of its own it waits for those that another's stands between.
      if (first !== undefined && first.seq <= seq && (other !== client || first.seq < operation.seq)) return false;
    }
    return true;
  }

  /** Sends what operations have to come after and other engines have not sent: under their names, so that it is done once whoever sends it. */
  async #sendBefore(operations: readonly Pending[], signal: AbortSignal): Promise<void> {
    const queues = this.#queues();
    const wanted = new Map<string, Foreign[]>();
    for (const operation of operations) {
      if (operation.after === undefined) continue;
      for (const [client, seq] of requirements(operation, (name) => queues.get(name) ?? [])) {
        const foreign = [...(this.#foreign.get(client)?.values() ?? [])].filter((each) => each.seq <= seq && each.done === null);
        if (foreign.length > (wanted.get(client)?.length ?? 0)) wanted.set(client, foreign);
      }
    }
    const clientOf = new Map([...wanted].flatMap(([client, foreign]) => foreign.map((each): [Foreign, string] => [each, client])));
    const ordered = inCausalOrder(wanted);
    while (ordered.length > 0) {
      const client = clientOf.get(ordered[0] as Foreign) ?? '';
      const end = ordered.findIndex((each) => clientOf.get(each) !== client);
      const batch = ordered.splice(0, Math.min(end < 0 ? ordered.length : end, MAX_BEFORE));
      const { results } = await this.#ports.send(client, batch, signal).catch((error: unknown) => {
        // Refused, it is no reason to refuse what comes after it.
        if (isTransient(error) || isUnauthorized(error)) throw error;
        return { results: [] };
      });
      const answers = results.map((result): Answer => ({ seq: result.seq, done: result.ok ? { repoSeq: result.repoSeq, change: result.change } : null }));
      this.#heardAnswers(client, answers);
      this.#ports.journals?.tellAnswered(
        client,
        answers.filter(({ done }) => done !== null),
      );
    }
  }

  /** Lets go of operations that the server has; of those whose head is still to be noted here only then, so that the next page shows them without a network. */
  #accepted(client: string, answers: readonly Answer[]): void {
    const gone: number[] = [];
    for (const { seq, done } of answers) {
      if (done !== null && this.#ports.awaitsNote(done.change)) this.#unnoted.push({ client, seq, repoSeq: done.repoSeq });
      else gone.push(seq);
    }
    this.#journalOf(client)?.answered(gone);
  }

  #journalOf(client: string): Journal | null {
    return client === this.#ports.client ? this.#journal : (this.#adopted.get(client)?.journal ?? null);
  }

  #wake(): void {
    if (this.#started) for (const driver of this.drivers) driver.wake();
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
      const takeBack = async (): Promise<void> => {
        if (!this.own.withdraw(operation)) return;
        operation.reject(new FsError('ENOSPC', 'write', '/', { hint: 'it can be neither stored on this device nor sent now', cause: error }));
        await relay();
      };
      await takeBack();
      // Whatever is under way may fail, and then this can't be sent either.
      this.own
        .drained()
        .then((drained) => (drained ? undefined : takeBack()))
        .catch((late: unknown) => warn('A write could not be taken back', late));
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
    if (this.#started) driver.wake();
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
    const { env, send, settled, reopen, changed, reached, journals, durability } = this.#ports;
    return {
      env,
      reopen,
      changed,
      reached,
      patient: client !== this.#ports.client || (durability === 'journal' && this.#keeps),
      ready: (operation) => this.#isReady(client, operation),
      send: async (operations, signal) => {
        await this.#sendBefore(operations, signal);
        return send(client, operations, signal);
      },
      settled: async (reply, batch, remove) => {
        await settled(reply, batch, remove);
        const answers = reply.results.flatMap((result): Answer[] =>
          result.ok ? [{ seq: result.seq, done: { repoSeq: result.repoSeq, change: result.change } }] : [],
        );
        this.#accepted(client, answers);
        journals?.tellAnswered(client, answers);
        this.#release(client);
        this.#wake();
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
        this.#wake();
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
    this.#wake();
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
    if (!operations.has(operation.seq)) {
      const isLate = operation.seq < ([...operations.keys()].at(-1) ?? 0);
      operations.set(operation.seq, makeForeign(operation));
      // Heard of later than one after it.
      if (isLate) this.#foreign.set(client, new Map([...operations].toSorted(([a], [b]) => a - b)));
    }
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
      if (gone.length > 0) this.#wake();
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
