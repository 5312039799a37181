import type { Overlay } from '../sync/overlay.ts';
import type { Pending } from '../sync/pending.ts';
import { reachablePins } from '../remote/git-tree.ts';
import type { ObjectStore } from './objects.ts';
import type { Races } from './races.ts';
import type { Standing } from './standing.ts';

/** Bytes of objects made here above which those that nobody needs are let go. */
const ENOUGH = 16 * 1024 * 1024;

/** What a {@link Retention} is made of. */
export interface RetentionParts {
  objects: ObjectStore;
  standing: Standing;
  overlay: Overlay;
  races: Races;
  /** The operations that are sent from here and have no answer yet. */
  pending: () => readonly Pending[];
}

/** Keeps the objects that were made here and that the server may not have, for as long as something needs them. */
export class Retention {
  readonly #parts: RetentionParts;
  #limit = ENOUGH;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** Lets go of all of them where nothing is pending: the server has them. */
  release(): void {
    const { objects, races, pending } = this.#parts;
    if (this.#laid.length === 0 && pending().length === 0 && !races.active) objects.unpin();
  }

  /** Lets go of trees that are part of nothing any more, once there are many. */
  trim(): void {
    const { objects, standing, races, pending } = this.#parts;
    if (objects.pinnedBytes <= this.#limit || races.active) return;
    const wanted = reachablePins(standing.view, (oid) => (objects.isPinned(oid) ? objects.peek(oid) : undefined));
    for (const { blobs } of [...this.#laid, ...pending()]) for (const { oid } of blobs) wanted.add(oid);
    objects.keepPinned(wanted);
    this.#limit = Math.max(ENOUGH, 2 * objects.pinnedBytes);
  }

  get #laid(): Pending[] {
    const { overlay, standing } = this.#parts;
    return overlay.over(standing.head, standing.bookmark);
  }
}
