import type { Env } from '../../base/env.ts';
import { newChangeId } from '../../base/ids.ts';
import type { OperationBody, Target } from '../../wire/operations.ts';
import { contentEdits } from '../sync/pending.ts';
import type { Checkout } from './checkout.ts';
import { creationOn } from './creation.ts';
import { checkLimits, checkSizes, withoutLost } from './limits.ts';
import type { Lock } from './lock.ts';
import { unsentObjects } from './outgoing.ts';
import type { Plan } from './outgoing.ts';
import type { Retention } from './retention.ts';
import type { Standing } from './standing.ts';
import type { View } from './trees.ts';

/** A write that can be seen by reads. `accepted`: it is as safe as the mount promises; `answered`, where there is anything to send: the server has it. */
export interface Queued {
  accepted: Promise<unknown>;
  answered?: Promise<unknown>;
}

/** What {@link Writing} is made of. */
export interface WritingParts {
  env: Env;
  /** Whether what is written goes into the change of the bookmark, or into a new one on top of it. */
  writes: 'direct' | 'fork';
  /** Held while the view is changed. */
  lock: Lock;
  standing: Standing;
  retention: Retention;
  /** A change that is still to be made is gone into. */
  leave: (change: string) => void;
}

/** Makes what is written into operations, each upon the view that those before it have left, and has it seen by reads. */
export class Writing {
  readonly #checkout: Checkout;
  readonly #parts: WritingParts;
  /** What the next change that a write begins is called. */
  #newChange: string;

  constructor(checkout: Checkout, parts: WritingParts) {
    this.#checkout = checkout;
    this.#parts = parts;
    this.#newChange = this.#randomChange();
  }

  /** Makes the edits of several writes, each an operation of its own, one upon the other. All are made, or none. */
  together(plan: (view: View) => Promise<Plan[]>): Promise<Queued[]> {
    const { lock, standing, retention, writes } = this.#parts;
    const { objects, trees, backlog, races } = this.#checkout;
    return lock.run(async () => {
      const plans = await plan(standing.view);
      const planned = plans.flatMap((each) => each.edits);
      if (planned.length === 0) return plans.map(() => ({ accepted: Promise.resolve() }));
      await checkLimits(this.#checkout, planned);
      const unsent = plans.map((each) => unsentObjects(objects, each));
      plans.forEach((each, index) => checkSizes(this.#checkout, each.edits, unsent[index] ?? []));
      for (const made of unsent) objects.pin(made);
      const { view, edits } = await withoutLost(planned, async (wished) => ({
        ...(await trees.apply(standing.view, contentEdits({ kind: 'files', target: { change: '' }, edits: wished }))),
        edits: wished,
      }));
      if (writes === 'fork' && standing.bookmark !== null) this.#fork();
      let taken = 0;
      const queued = plans.map((each, index): Queued => {
        const own = edits.slice(taken, (taken += each.edits.length));
        if (own.length === 0) return { accepted: Promise.resolve() };
        const body: OperationBody = { kind: 'files', target: this.#target(), edits: own };
        const { acknowledged, answered } = backlog.write(body, unsent[index] ?? [], standing.head.change);
        races.wrote(contentEdits(body));
        return { accepted: acknowledged, answered };
      });
      standing.wrote(view, edits);
      retention.trim();
      return queued;
    });
  }

  /** A change has been made: its name is used once. */
  made(change: string): void {
    if (change === this.#newChange) this.#newChange = this.#randomChange();
  }

  #target(): Target {
    const { head, bookmark } = this.#parts.standing;
    return bookmark === null ? { change: head.change } : { bookmark, newChange: this.#newChange };
  }

  /** Leaves the bookmark where it is and goes on in a new change. */
  #fork(): void {
    const { standing, leave } = this.#parts;
    const id = this.#newChange;
    this.#newChange = this.#randomChange();
    const { head } = standing;
    leave(id);
    // Its failure shows in the write that follows it; the next one begins at the bookmark again.
    this.#checkout.backlog.write(creationOn(this.#checkout, id, { head, holds: {} }, ''), [], head.change).answered.catch(() => undefined);
    standing.fork(id);
  }

  #randomChange(): string {
    return newChangeId((bytes) => this.#parts.env.random(bytes));
  }
}
