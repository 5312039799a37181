import type { Env, TimerHandle } from '../../base/env.ts';
import { FsError } from '../../base/errors.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { OperationBody, OpsReply } from '../../wire/operations.ts';
import { withinTime } from '../remote/time-limit.ts';
import { isTransient, isUnauthorized, retryAfterOf, retryDelay } from './backoff.ts';
import { Pace } from './pace.ts';
import { makePending } from './pending.ts';
import type { After } from './causal.ts';
import type { Pending } from './pending.ts';
import { advance } from './state.ts';
import type { DriverEvent, DriverState } from './state.ts';

/** Operations of one batch. */
const MAX_OPS = 1_000;
/** Milliseconds between tries while there is no token. */
const EXPIRED_WAIT = 15_000;

/**
 * Whoever makes this many operations within so many milliseconds, without waiting for the server, makes more: a batch waits so long for them after the one
 * before it, which saves the network, the server and all who listen most of the work. What is written now and then is sent at once.
 */
const STREAM = { operations: 8, within: 40, pause: 50 };

/** What the driver needs of the checkout it sends for. */
export interface DriverPorts {
  env: Env;
  /** Sends what has to arrive before operations; `null` where there is nothing of the kind. */
  before: (operations: Pending[], signal: AbortSignal) => Promise<void> | null;
  send: (operations: Pending[], signal: AbortSignal) => Promise<OpsReply>;
  /**
   * Takes the answer in: what was accepted is part of the head from now on, what was refused is gone. `remove` takes the batch out of what is
   * pending; it is called together with moving the head. The writers are told afterwards.
   */
  settled: (reply: OpsReply, batch: Pending[], remove: () => void) => Promise<void>;
  /** Opens the repo again. */
  reopen: () => Promise<void>;
  /** Operations were refused for good; those whose writers had been told that they are safe are to be kept for a person to see. */
  refused: (operations: Pending[], error: unknown) => void;
  /** Whether what an operation was made on top of has arrived, or goes with it. */
  ready: (operation: Pending) => boolean;
  /** Whether an operation that is not ready waits for what can't be sent now either. */
  held: (operation: Pending) => boolean;
  /** Writers are told before the server has answered: operations are kept while there is no token, instead of failing, and need not go one by one. */
  patient: () => boolean;
  /** The server has answered. */
  reached: () => void;
  /** The state, or what is pending, has changed. */
  changed: () => void;
}

/**
 * Sends one checkout's operations: in order, one batch under way at a time, all that wait in one batch. What fails for a passing reason is sent again
 * with the same names and bytes, so that the server does it once.
 */
export class Driver {
  readonly #ports: DriverPorts;
  readonly #closing = new AbortController();
  #state: DriverState = 'idle';
  #queue: Pending[] = [];
  #seq = 0;
  #attempt = 0;
  #reset: PromiseWithResolvers<void> | null = null;
  /** It was asked for again while it was under way. */
  #again = false;
  /** It could not be opened any more. */
  #gone = false;
  /** After a batch was refused as a whole its operations go one by one, so that only the offender is refused. */
  #alone = 0;
  readonly #pace = new Pace();
  #timer: TimerHandle = null;
  /** When the last few operations were made. */
  readonly #made: number[] = [];
  #lastSent = -Infinity;
  /** Runs while more is gathered. */
  #gathering: TimerHandle = null;
  #drained: (() => void)[] = [];
  /** Highest number the server has accepted. */
  lastAcceptedSeq = 0;
  retryAt: number | null = null;
  lastError: unknown = null;

  /** `left`: operations of a journal that was taken over, which are sent first. */
  constructor(ports: DriverPorts, left: Pending[] = []) {
    this.#ports = ports;
    this.#queue = left;
    this.#seq = left.at(-1)?.seq ?? 0;
  }

  /** Sends what waits, now that it may be sent. */
  wake(): void {
    this.#on('wake');
  }

  get state(): DriverState {
    return this.#state;
  }

  /** The operations not accepted yet, in order. */
  get pending(): readonly Pending[] {
    return this.#queue;
  }

  /** Queues an operation; its `answered` resolves when the server has accepted it, and rejects when it was refused. @throws FsError ECANCELED */
  enqueue(body: OperationBody, blobs: StoredObject[], change: string, after?: After): Pending {
    if (this.#state === 'closed') throw canceled();
    this.#seq += 1;
    const operation = makePending(this.#seq, body, blobs, change, { after, prev: this.#queue.at(-1)?.seq });
    this.#queue.push(operation);
    this.#made.push(this.#ports.env.clock.now());
    if (this.#made.length > STREAM.operations) this.#made.shift();
    this.#ports.changed();
    // Whatever is written in the same tick goes out together.
    queueMicrotask(() => this.#on('wake'));
    return operation;
  }

  /** Takes back an operation that was never sent and can't be now. Answers whether it was. */
  withdraw(operation: Pending): boolean {
    if (operation.sent || !this.isStuck) return false;
    this.#remove([operation]);
    this.#ports.changed();
    return true;
  }

  /** Whether sending has to wait: for the network, the server or a token; or others have to, and this for them. */
  get isStuck(): boolean {
    if (this.#state === 'backing-off' || this.#state === 'offline' || this.#state === 'expired') return true;
    const [first] = this.#queue;
    return this.#state === 'idle' && first !== undefined && !this.#ports.ready(first) && this.#ports.held(first);
  }

  /** Another driver's state has changed: those who wait for this one look again. */
  look(): void {
    for (const check of this.#drained.splice(0)) check();
  }

  /** Opens the repo again. Resolves when it is open, or can't be opened any more. */
  reset(): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    this.#again ||= this.#state === 'resetting';
    this.#reset ??= Promise.withResolvers<void>();
    const { promise } = this.#reset;
    this.#on('wake');
    return promise;
  }

  /** Tells the driver what the platform knows: the network is back or gone, or there may be a new token. */
  notify(event: 'online' | 'offline' | 'credential' | 'reached'): void {
    // It may be another network.
    if (event === 'online') this.#pace.reset();
    this.#on(event);
  }

  /** Resolves when nothing is pending, or when trying has to wait (offline, expired, backing off): then `false`. */
  drained(): Promise<boolean> {
    this.#hurry();
    let asked = false;
    return new Promise((resolve) => {
      const check = (): boolean => {
        if (this.#queue.length === 0 || this.#state === 'closed') resolve(this.#queue.length === 0);
        else if (this.isStuck) resolve(false);
        else {
          // It waits for what another engine sends: that the server can't be asked shows only when it is.
          if (!asked && this.#state === 'idle' && !this.#isReady) {
            asked = true;
            queueMicrotask(() => void this.reset());
          }
          return false;
        }
        return true;
      };
      const again = (): void => {
        if (!check()) this.#drained.push(again);
      };
      again();
    });
  }

  /** Stops: what is pending rejects with `ECANCELED`. Answers those operations. */
  close(): Pending[] {
    const left = this.#queue;
    this.#on('close');
    return left;
  }

  #on(event: DriverEvent): void {
    const { state, effect } = advance(this.#state, event, { reset: this.#reset !== null, queued: this.#isReady && !this.#gathers() });
    const before = this.#state;
    this.#state = state;
    if ((before === 'backing-off' || before === 'expired') && state !== before) this.#stopTimer();
    if (effect === 'send') void this.#send();
    else if (effect === 'reopen') void this.#reopen();
    else if (effect === 'wait') this.#wait();
    else if (effect === 'stop') this.#stop();
    if (before !== state) this.#ports.changed();
    this.look();
  }

  async #send(): Promise<void> {
    const batch = this.#nextBatch();
    this.#lastSent = this.#ports.env.clock.now();
    for (const operation of batch) operation.sent = true;
    const bytes = batch.reduce((sum, operation) => sum + operation.bytes, 0);
    const { clock } = this.#ports.env;
    try {
      const before = this.#ports.before(batch, this.#closing.signal);
      if (before !== null) await before;
      const began = clock.now();
      const reply = await withinTime(clock, this.#pace.limit(bytes), this.#closing.signal, (signal) => this.#ports.send(batch, signal));
      this.#pace.answered(bytes, clock.now() - began);
      this.#ports.reached();
      // It is there again, as another maybe: what was answered is shown where it stands now.
      const gone: unknown = this.#gone ? await this.#open().catch((error: unknown) => error) : null;
      await this.#settle(reply, batch);
      this.#attempt = 0;
      this.lastError = gone ?? null;
      this.#on('done');
    } catch (error) {
      this.#pace.failed(error);
      await this.#failed(error, batch);
    }
  }

  get #isReady(): boolean {
    const [first] = this.#queue;
    return first !== undefined && this.#ports.ready(first);
  }

  /** Somebody waits for the answers: nothing more is gathered. */
  #hurry(): void {
    if (this.#gathering === null) return;
    this.#ports.env.clock.clear(this.#gathering);
    this.#gathering = null;
    this.#lastSent = -Infinity;
    this.#on('wake');
  }

  /** Whether more operations are likely to come soon enough to be waited for; then what waits goes out after the wait. */
  #gathers(): boolean {
    const { env, patient } = this.#ports;
    const { clock } = env;
    const now = clock.now();
    const wait = this.#lastSent + STREAM.pause - now;
    const [first = 0] = this.#made;
    const streams = this.#made.length >= STREAM.operations && now >= first && now - first <= STREAM.within;
    // A clock that was set back says nothing of how long ago anything was.
    const isSoon = wait > 0 && wait <= STREAM.pause;
    if (!patient() || !streams || !isSoon || this.#drained.length > 0 || this.#alone > 0 || this.#queue.length >= MAX_OPS) return false;
    this.#gathering ??= clock.set(() => {
      this.#gathering = null;
      this.#on('wake');
    }, wait);
    return true;
  }

  #nextBatch(): Pending[] {
    const batch: Pending[] = [];
    let bytes = 0;
    const limit = this.#alone > 0 ? 1 : MAX_OPS;
    const { room } = this.#pace;
    for (const operation of this.#queue) {
      if (batch.length >= limit || (batch.length > 0 && bytes + operation.bytes > room) || !this.#ports.ready(operation)) break;
      // A try that may well fail must not take along what can be taken back if it turns out that there is no room for it.
      if (batch.length > 0 && this.#attempt > 0 && operation.saving) break;
      batch.push(operation);
      bytes += operation.bytes;
    }
    return batch;
  }

  async #settle(reply: OpsReply, batch: Pending[]): Promise<void> {
    const results = new Map(reply.results.map((result) => [result.seq, result]));
    const answered = batch.filter((operation) => results.has(operation.seq));
    if (answered.length < batch.length) throw new Error('The server answered only a part of the batch');
    this.#alone = Math.max(0, this.#alone - answered.length);
    await this.#ports.settled(reply, answered, () => this.#remove(answered));
    this.#ports.changed();
    for (const operation of answered) {
      const result = results.get(operation.seq);
      if (result?.ok === true) {
        this.lastAcceptedSeq = Math.max(this.lastAcceptedSeq, operation.seq);
        operation.resolve(result);
      } else if (result?.ok === false) {
        const error = new MesaApiError(result.error.message, { status: 0, code: result.error.code, body: { error: result.error } });
        operation.reject(error);
        this.#ports.refused([operation], error);
      }
    }
  }

  async #failed(error: unknown, batch: Pending[]): Promise<void> {
    if (this.#state === 'closed') return;
    this.lastError = null;
    if (isTransient(error)) {
      this.lastError = error;
      return this.#on('failed');
    }
    if (isUnauthorized(error)) {
      this.lastError = error;
      // Nothing can be sent any more. Whoever still waits is told now; what is safe waits for another token.
      if (!this.#ports.patient())
        await this.#refuse(
          error,
          this.#queue.filter((operation) => !operation.told),
        );
      return this.#on('unauthorized');
    }
    if (batch.length > 1) {
      this.#alone = batch.length;
      for (const operation of batch) operation.sent = false;
    } else {
      // Refused for good: the one who wrote it is told, the others go on.
      await this.#refuse(error, batch);
    }
    this.#on('done');
  }

  async #refuse(error: unknown, operations: Pending[]): Promise<void> {
    await this.#ports.settled({ results: [], cursor: '' }, operations, () => this.#remove(operations)).catch(() => this.#remove(operations));
    for (const operation of operations) operation.reject(error);
    this.#ports.refused(operations, error);
  }

  #remove(operations: Pending[]): void {
    const gone = new Set(operations);
    this.#queue = this.#queue.filter((operation) => !gone.has(operation));
  }

  async #reopen(): Promise<void> {
    try {
      this.#again = false;
      await this.#open();
      // What was asked for meanwhile may not be in it: once more, and no oftener, since that may go on for ever.
      if (this.#again) await this.#open();
      this.#attempt = 0;
      this.lastError = null;
      this.#reopened();
      this.#on('done');
    } catch (error) {
      this.lastError = error;
      if (isUnauthorized(error)) return this.#on('unauthorized');
      if (isTransient(error)) return this.#on('failed');
      // A repo that is gone stays as it was last seen.
      this.#gone = true;
      this.#reopened();
      this.#on('done');
    }
  }

  async #open(): Promise<void> {
    await this.#ports.reopen();
    this.#gone = false;
  }

  #reopened(): void {
    this.#reset?.resolve();
    this.#reset = null;
  }

  #wait(): void {
    const { env } = this.#ports;
    const least = this.#state === 'expired' ? EXPIRED_WAIT : retryAfterOf(env, this.lastError);
    const wait = retryDelay(env, this.#attempt, least);
    this.#attempt += 1;
    this.retryAt = env.clock.now() + wait;
    this.#timer = env.clock.set(() => this.#on('timer'), wait);
  }

  #stopTimer(): void {
    if (this.#timer !== null) this.#ports.env.clock.clear(this.#timer);
    this.#timer = null;
    this.retryAt = null;
  }

  #stop(): void {
    if (this.#gathering !== null) this.#ports.env.clock.clear(this.#gathering);
    this.#closing.abort(canceled());
    this.#reopened();
    for (const operation of this.#queue) operation.reject(canceled());
    this.#queue = [];
  }
}

function canceled(): FsError {
  return new FsError('ECANCELED', 'close', '/', { hint: 'the mount was closed before the server accepted the write' });
}
