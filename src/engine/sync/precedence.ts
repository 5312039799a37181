import type { Clock } from '../../base/env.ts';
import type { OpsReply } from '../../wire/operations.ts';
import type { Answer } from '../journal/journals.ts';
import { withinTime } from '../remote/time-limit.ts';
import { isTransient, isUnauthorized } from './backoff.ts';
import { inCausalOrder, requirements } from './causal.ts';
import { Pace } from './pace.ts';
import type { Foreign, Pending } from './pending.ts';
import type { Siblings } from './siblings.ts';

/** Operations of another engine that are sent at once. */
const MAX_BEFORE = 1_000;

/** What {@link Precedence} needs. */
export interface PrecedencePorts {
  clock: Clock;
  siblings: Siblings;
  /** What is waiting, by client. */
  queues: () => ReadonlyMap<string, readonly Pending[]>;
  /** Whether the server does an operation once, whoever sends it. */
  sharesNames: () => boolean;
  /** Whether what is sent from here for a client has to wait. */
  isStuck: (client: string) => boolean;
  send: (client: string, operations: Pending[], signal: AbortSignal) => Promise<OpsReply>;
  /** Tells the other engines what became of operations. */
  tell: (client: string, answers: Answer[]) => void;
}

/** Has operations arrive after those they were made on top of, in whatever journal these are: else a device would be in conflict with itself. */
export class Precedence {
  readonly #ports: PrecedencePorts;
  readonly #pace = new Pace();

  constructor(ports: PrecedencePorts) {
    this.#ports = ports;
  }

  /**
   * Whether all that an operation has to come after has arrived, or is another engine's, which can be sent from here with it. Where one of those before it is
   * not known here it can't be: the server takes the operations of a client in order only. That engine sends it.
   */
  isReady(client: string, operation: Pending): boolean {
    if (operation.after === undefined) return true;
    const { siblings, sharesNames } = this.#ports;
    const queues = this.#ports.queues();
    for (const [other, seq] of requirements(operation, (name) => queues.get(name) ?? [])) {
      const isTheirs = siblings.has(other);
      if (isTheirs && siblings.waiting(other, seq).length > 0 && !(sharesNames() && siblings.isWhole(other, seq))) return false;
      const first = isTheirs ? undefined : queues.get(other)?.[0];
      // Of its own it waits for those that another's stands between.
      if (first !== undefined && first.seq <= seq && (other !== client || first.seq < operation.seq)) return false;
    }
    return true;
  }

  /** Whether an operation has to come after what another driver here can't send now. */
  isHeld(client: string, operation: Pending): boolean {
    if (operation.after === undefined) return false;
    const { siblings, isStuck } = this.#ports;
    const queues = this.#ports.queues();
    const wanted = [...requirements(operation, (name) => queues.get(name) ?? [])];
    return wanted.some(([other, seq]) => other !== client && !siblings.has(other) && (queues.get(other)?.[0]?.seq ?? Infinity) <= seq && isStuck(other));
  }

  /**
   * Sends what operations have to come after and other engines have not sent: under their names, so that it is done once whoever sends it. `null` where there is
   * nothing of the kind.
   */
  sendBefore(operations: readonly Pending[], signal: AbortSignal): Promise<void> | null {
    const wanted = this.#wanted(operations);
    return wanted.size === 0 ? null : this.#sendAll(wanted, signal);
  }

  async #sendAll(wanted: Map<string, Foreign[]>, signal: AbortSignal): Promise<void> {
    const clientOf = new Map([...wanted].flatMap(([client, theirs]) => theirs.map((each): [Foreign, string] => [each, client])));
    let ordered = inCausalOrder(wanted);
    while (ordered.length > 0) {
      const client = clientOf.get(ordered[0] as Foreign) ?? '';
      const count = batchSize(ordered, this.#pace.room, (each) => clientOf.get(each) === client);
      const isTaken = await this.#sendFor(client, ordered.splice(0, count), signal);
      // What comes after one that its own engine has to send would be in its way.
      if (!isTaken) ordered = ordered.filter((each) => clientOf.get(each) !== client);
    }
  }

  /**
   * Sends a batch under the name of its client; one by one when it is refused as a whole. Refused, they are no reason to refuse what comes after them. Answers
   * whether all are answered.
   */
  async #sendFor(client: string, batch: Foreign[], signal: AbortSignal): Promise<boolean> {
    const { clock, siblings, send, tell } = this.#ports;
    const bytes = batch.reduce((sum, each) => sum + each.bytes, 0);
    const began = clock.now();
    let reply: Pick<OpsReply, 'results'>;
    try {
      reply = await withinTime(clock, this.#pace.limit(bytes), signal, (either) => send(client, batch, either));
      this.#pace.answered(bytes, clock.now() - began);
    } catch (error) {
      this.#pace.failed(error);
      if (isTransient(error) || isUnauthorized(error)) throw error;
      if (batch.length === 1) return false;
      for (const each of batch) if (!(await this.#sendFor(client, [each], signal))) return false;
      return true;
    }
    const answers = reply.results.map((result): Answer => ({ seq: result.seq, done: result.ok ? { repoSeq: result.repoSeq, change: result.change } : null }));
    siblings.heardAnswers(client, answers);
    // Of a refusal its own engine is told by the server.
    tell(
      client,
      answers.filter(({ done }) => done !== null),
    );
    return true;
  }

  #wanted(operations: readonly Pending[]): Map<string, Foreign[]> {
    const queues = this.#ports.queues();
    const wanted = new Map<string, Foreign[]>();
    for (const operation of operations) {
      if (operation.after === undefined) continue;
      for (const [client, seq] of requirements(operation, (name) => queues.get(name) ?? [])) {
        const theirs = this.#ports.siblings.waiting(client, seq);
        if (theirs.length > (wanted.get(client)?.length ?? 0)) wanted.set(client, theirs);
      }
    }
    return wanted;
  }
}

/** How many of the first operations go in one batch: those of one client, and of no more bytes than there is room for. */
function batchSize(operations: readonly Foreign[], room: number, isOne: (operation: Foreign) => boolean): number {
  let bytes = 0;
  const end = operations.findIndex((each, index) => {
    bytes += each.bytes;
    return !isOne(each) || index >= MAX_BEFORE || (index > 0 && bytes > room);
  });
  return end < 0 ? operations.length : end;
}
