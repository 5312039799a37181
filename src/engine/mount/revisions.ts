import { MissingObjectError } from '../../core/resolve.ts';
import type { Head } from '../../wire/events.ts';
import type { Opened, OpenRequest } from '../remote/interface.ts';
import type { Overlay } from '../sync/overlay.ts';
import { showsIn } from '../sync/pending.ts';
import { UNMADE } from './heads.ts';
import type { Heads, Noted, Revision } from './heads.ts';
import { none, revisionOf } from './opening.ts';
import type { Places } from './places.ts';
import type { Standing } from './standing.ts';

/** What {@link Revisions} are made of. */
export interface RevisionsParts {
  standing: Standing;
  overlay: Overlay;
  heads: Heads;
  places: Places;
  open: (request: OpenRequest) => Promise<Opened>;
}

/** Where revisions stand that may be gone to: as the backend says, or as far as this device knows. */
export class Revisions {
  readonly #parts: RevisionsParts;

  constructor(parts: RevisionsParts) {
    this.#parts = parts;
  }

  /** Asks the backend, with the root trees. */
  async resolve(revision: { bookmark?: string; changeId?: string }): Promise<Noted> {
    const { clients } = this.#parts.overlay;
    const { head, accepted } = await this.#parts.open({ ...revisionOf(revision.bookmark, revision.changeId), paths: [], known: [], clients });
    return { head, holds: { ...none(clients), ...accepted }, isAsked: true };
  }

  /** As far as this device knows, without what is pending there; `null` when it knows nothing of it. */
  async known(revision: Revision): Promise<Noted | null> {
    const { overlay, heads, places } = this.#parts;
    const { head, bookmark: followed } = this.#parts.standing;
    const { bookmark } = revision;
    const moved = revision.change === undefined ? overlay.movedTo(bookmark ?? head.defaultBookmark) : null;
    if (moved !== null) return this.known({ change: moved });
    const isHere = revision.change === undefined ? (bookmark ?? head.defaultBookmark) === followed : revision.change === head.change;
    const change = isHere ? head.change : revision.change;
    const creation = change === undefined ? null : overlay.creationOf(change);
    // What shows by way of the bookmark is not in the head of a change that is not made: without the bookmark it has to be.
    if (isHere && (creation === null || followed === null || head.commit !== UNMADE)) return { head, holds: {} };
    if (change === undefined || creation === null)
      return heads.find(revision, places.lastOf(change === undefined ? { bookmark: bookmark ?? head.defaultBookmark } : { change }));
    const parent = await this.known({ change: creation.parents[0] });
    return parent === null ? null : { head: await this.unmade(change, parent), holds: {} };
  }

  /**
   * The head of a change that the server has not made yet: what its parent holds with all that is pending there, but for what is shown on top of it anyway
   * where `bookmark` is followed to it.
   */
  async unmade(change: string, { head: parent, holds }: Noted, bookmark: string | null = null): Promise<Head> {
    const left = this.#parts.overlay.over(parent, parent.bookmark, holds).filter((operation) => !showsIn(operation, change, bookmark));
    const view = await this.#parts.standing.onTop(parent, left);
    if (view === null) throw new MissingObjectError(parent.trees);
    return { ...parent, trees: [...view.trees], side: view.side, bookmark, change, commit: UNMADE };
  }
}
