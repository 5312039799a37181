import type { BookmarkEvent, ChangeEvent, Head, TouchedPath } from '../../wire/events.ts';
import type { OperationBody, OpsReply } from '../../wire/operations.ts';
import type { Overlay } from '../sync/overlay.ts';
import type { Accepted, Pending } from '../sync/pending.ts';
import type { Heads } from './heads.ts';
import { UNMADE } from './heads.ts';
import type { Lock } from './lock.ts';
import type { Places, Standpoint } from './places.ts';
import type { Move, Standing } from './standing.ts';
import { sameView } from './trees.ts';

/** What a {@link Following} is made of. */
export interface FollowingParts {
  /** Held while the view is changed. */
  lock: Lock;
  standing: Standing;
  overlay: Overlay;
  heads: Heads;
  /** What the backend speaks. */
  kind: () => 'live' | 'rest';
  /** Where the repo stands is to be asked again. */
  reset: () => void;
  /** Paths look different for another reason than their content. */
  changed: (paths: TouchedPath[]) => void;
  /** Another head is shown, or the same with other work on top; `paths` differ, `null` where that could not be looked at. */
  adopted: (paths: TouchedPath[] | null) => void;
  /** The backend has gone back, as one restored from a copy does. */
  wentBack: () => void;
  /** A change that was named here has been made. */
  made: (change: string) => void;
  /** Learns which changes are made, and as what, and which are not; answers where to go on for whoever stands in one that is not. */
  places: Pick<Places, 'made' | 'moved' | 'refused'>;
}

/**
 * Follows the server: takes in what events, answers and notes say of where it stands now. They come by different ways and overtake each other; what is older
 * than what is known is dropped, but for what it tells of operations that were laid on the head.
 */
export class Following {
  readonly #parts: FollowingParts;

  constructor(parts: FollowingParts) {
    this.#parts = parts;
  }

  /** Takes in that a change has a new version. */
  async heardChange(event: ChangeEvent): Promise<void> {
    await this.#parts.lock.run(async () => {
      if (event.change !== this.#head.change) return;
      const { own, laid } = this.#parts.overlay.include(event.origin, event.change, this.#bookmark);
      if (event.repoSeq <= this.#head.repoSeq) return this.#unlay(laid);
      const { commit, trees, side, repoSeq } = event;
      const unknown = event.paths.some(({ path, recursive }) => path === '' && recursive);
      // Metadata is no content: nothing else tells that it changed.
      if (!own && sameView(event, this.#head) && !(unknown && this.#parts.kind() === 'rest')) this.#parts.changed(event.paths);
      await this.#adopt({ head: { ...this.#head, commit, trees, side, repoSeq }, hints: unknown ? null : event.paths, own });
    });
  }

  /** Takes in that a bookmark has moved. */
  async heardBookmark(event: BookmarkEvent): Promise<void> {
    await this.#parts.lock.run(async () => {
      if (event.bookmark !== this.#bookmark) return;
      // Gone, or there again: what is told of that is asked.
      if (event.head === null || event.previous === null) this.#parts.reset();
      if (event.head === null) return;
      const { laid } = this.#parts.overlay.include(event.origin, event.head.change, this.#bookmark);
      if (event.repoSeq < this.#parts.standing.bookmarkAt) return this.#unlay(laid);
      if (event.head.change === this.#head.change) {
        this.#parts.standing.confirm(event.repoSeq);
        return this.#unlay(laid);
      }
      await this.#adopt({ head: { ...event.head, bookmark: this.#bookmark }, hints: null, own: false, bookmarkAt: event.repoSeq });
    });
  }

  /** Takes in the answer to a batch; `remove` takes it out of what is pending. */
  settled(reply: OpsReply, batch: Pending[], remove: () => void): Promise<void> {
    return this.#parts.lock.run(async () => {
      const accepted = new Set(reply.results.filter(({ ok }) => ok).map(({ seq }) => seq));
      const refused = batch.filter(({ seq }) => !accepted.has(seq));
      const stays = this.#parts.standing.without(refused);
      remove();
      let head = this.#head;
      let bookmarkAt = 0;
      let entered = false;
      const bodies = new Map(batch.map((operation) => [operation.seq, operation.body]));
      for (const result of reply.results) {
        const body = bodies.get(result.seq);
        // A plain REST API gives changes ids of its own.
        if (result.ok && body?.kind === 'change.create') {
          if (body.id !== result.change) this.#parts.overlay.renamed(body.id, result.change);
          this.#parts.places.made(body.id, result.change);
        }
        if (result.ok && (body?.kind === 'bookmark.move' || body?.kind === 'bookmark.create')) {
          const { change, commit, trees, side, repoSeq } = result;
          const there = { ...head, bookmark: body.name, change, commit, trees, side, repoSeq, cursor: reply.cursor };
          this.#parts.places.moved(body.name, { head: there, holds: reply.accepted ?? {}, bookmarkAt: repoSeq });
        }
        if (!result.ok || body === undefined || result.repoSeq <= head.repoSeq || !this.#concerns(body, result, head.change)) continue;
        const { change, commit, trees, side, repoSeq } = result;
        head = { ...head, change, commit, trees, side, repoSeq, cursor: reply.cursor };
        if (body.kind === 'bookmark.move' || (body.kind === 'files' && 'bookmark' in body.target)) bookmarkAt = repoSeq;
        // A checkpoint says where its bookmark is expected, and goes on from what was shown: what comes with it is news.
        entered ||= body.kind === 'bookmark.move' && body.expected === undefined && change !== this.#head.change;
      }
      // What the reply says of others is as of its last result: where that is not where we stand, events will tell.
      const last = Math.max(0, ...reply.results.map((result) => (result.ok ? result.repoSeq : 0)));
      if (head !== this.#head && head.repoSeq === last) this.#parts.overlay.includeAll(reply.accepted, head.change, this.#bookmark);
      const isDoubtful = head !== this.#head && this.#parts.kind() === 'live' && this.#parts.overlay.doubt(reply.accepted ?? {});
      this.#parts.made(head.change);
      const place = this.#leave(refused);
      if (place !== null) await this.#adopt({ ...place, hints: null, own: false, isOld: true, stays });
      else await this.#adopt({ head, hints: null, own: true, bookmarkAt, stays, entered });
      // Where it was to be moved it is not.
      const isUnmoved = refused.some(({ body }) => body.kind === 'bookmark.move' && body.name === this.#bookmark);
      // Where it stood before is where it was then. And what is in doubt may have been asked about in vain.
      if (isUnmoved || isDoubtful || place !== null || this.#parts.overlay.inDoubt) this.#parts.reset();
    });
  }

  /**
   * Takes in what opening the repo again has answered, asked where it stood then; `accepted`: of each client of this device that was asked about, the last
   * operation it holds. Answers `false` when it stands in another place meanwhile, and, where that is `wanted`, when the answer to a batch has overtaken it, or
   * another engine has written meanwhile.
   */
  opened(head: Head, accepted: Record<string, number>, { head: before, bookmark }: Standpoint, wanted: boolean): Promise<boolean> {
    return this.#parts.lock.run(async () => {
      const now = this.#head;
      // The same change may be worked in without its bookmark now: where that stands says nothing of it.
      if (now.change !== before.change || this.#bookmark !== bookmark) return false;
      if (head.repoSeq < now.repoSeq && head.repoSeq >= before.repoSeq) {
        if (wanted) return false;
        // Again and again something was faster: what that has brought stands, and what came between is heard once more.
        this.#parts.overlay.includeAll(accepted, head.change, this.#bookmark);
        await this.#adopt({ head: { ...now, cursor: head.cursor }, hints: null, own: true });
        return true;
      }
      if (head.repoSeq < now.repoSeq) {
        this.#parts.standing.wentBack();
        this.#parts.overlay.wentBack();
        this.#parts.wentBack();
      }
      this.#parts.overlay.trust();
      this.#parts.overlay.includeAll(accepted, head.change, this.#bookmark);
      const isDoubtful = this.#parts.overlay.doubt(accepted);
      await this.#adopt({ head: { ...head, bookmark: this.#bookmark }, hints: null, own: false, bookmarkAt: head.repoSeq });
      return !(isDoubtful && wanted);
    });
  }

  /** Computes the view anew: what lies on top of the head has changed. Whether a change is there that another engine was to make is asked once that has no more to do with it. */
  relay(): Promise<void> {
    return this.#parts.lock.run(async () => {
      await this.#adopt({ head: this.#head, hints: null, own: true });
      if (this.#head.commit === UNMADE && this.#parts.overlay.creationOf(this.#head.change) === null) this.#parts.reset();
    });
  }

  /** The change that is looked at is not there, and nobody on this device is to make it any more. Goes back; answers whether there is anything to go back to. */
  unmade(change: string): Promise<boolean> {
    return this.#parts.lock.run(async () => {
      if (this.#head.change !== change || this.#head.commit !== UNMADE) return true;
      const place = this.#parts.places.refused(change);
      if (place === null) return false;
      await this.#adopt({ ...place, hints: null, own: false, isOld: true });
      return true;
    });
  }

  /** Computes the view anew without an operation that was taken back: it could be neither kept nor sent. Goes back, if it was to make the present change. */
  withdrawn(operation: Pending): Promise<void> {
    return this.#parts.lock.run(async () => {
      const stays = this.#parts.standing.without([operation]);
      const place = this.#leave([operation]);
      if (place === null) return this.#adopt({ head: this.#head, hints: null, own: true, stays });
      await this.#adopt({ ...place, hints: null, own: false, isOld: true, stays });
      this.#parts.reset();
    });
  }

  /** Moves to the head that another engine of this device has noted, if that is a later one: journals let go of what it holds. */
  async catchUp(): Promise<void> {
    const [ofBookmark, ofChange] = await Promise.all([
      this.#bookmark === null ? null : this.#parts.heads.find({ bookmark: this.#bookmark }),
      this.#parts.heads.find({ change: this.#head.change }),
    ]);
    // Whoever works in the change itself knows nothing of the bookmark.
    const isNews = ofBookmark !== null && ofBookmark.head.repoSeq > this.#head.repoSeq && this.#isThere(ofBookmark);
    const isSame = ofBookmark?.head.change === ofChange?.head.change;
    const isBehind = isSame && (ofBookmark?.head.repoSeq ?? 0) < (ofChange?.head.repoSeq ?? 0);
    const noted =
      ofChange !== null && (!isNews || isBehind)
        ? { ...ofChange, head: { ...ofChange.head, bookmark: this.#bookmark }, bookmarkAt: isSame ? ofBookmark?.bookmarkAt : 0 }
        : ofBookmark;
    await this.#parts.lock.run(async () => {
      if (noted === null || noted.head.repoSeq <= this.#head.repoSeq || !this.#isThere(noted)) return;
      if (this.#bookmark === null ? noted.head.change !== this.#head.change : noted.head.bookmark !== this.#bookmark) return;
      this.#parts.overlay.includeAll(noted.holds, noted.head.change, this.#bookmark);
      await this.#adopt({ head: { ...noted.head, bookmark: this.#bookmark }, hints: null, own: false, bookmarkAt: noted.bookmarkAt });
    });
  }

  get #head(): Head {
    return this.#parts.standing.head;
  }

  get #bookmark(): string | null {
    return this.#parts.standing.bookmark;
  }

  /** Whether a note tells of where this stands: of its change, or of another to which its bookmark is known to have gone since. A change goes on alone, too. */
  #isThere({ head, bookmarkAt = 0 }: { head: Head; bookmarkAt?: number | undefined }): boolean {
    return head.change === this.#head.change || bookmarkAt > this.#parts.standing.bookmarkAt;
  }

  /** Where to go on when the change that is looked at is not made, `null` where it is another one, or was made before: asked for again it is refused too. */
  #leave(refused: readonly Pending[]): Standpoint | null {
    let found: Standpoint | null = null;
    for (const { body } of refused) {
      if (body.kind !== 'change.create') continue;
      const place = this.#parts.places.refused(body.id);
      if (body.id === this.#head.change && this.#head.commit === UNMADE) found = place;
    }
    return found;
  }

  /** Whether an operation's result says where the checkout stands. */
  #concerns(body: OperationBody, result: Accepted, change: string): boolean {
    if (body.kind === 'change.create') return body.id === change;
    if (body.kind === 'change.describe') return body.change === change;
    // Whoever moves the bookmark that is followed goes there.
    if (body.kind === 'bookmark.move') return body.name === this.#bookmark;
    if (body.kind !== 'files') return false;
    return result.change === change || ('bookmark' in body.target && body.target.bookmark === this.#bookmark);
  }

  /** Computes the view anew when what was laid on the head turns out to be in it: an event that is no news for the head may tell of that. */
  async #unlay(laid: boolean): Promise<void> {
    if (laid) await this.#adopt({ head: this.#head, hints: null, own: true });
  }

  /** Moves to a new head. */
  async #adopt(move: Move): Promise<void> {
    const { change, commit } = this.#head;
    // Where the bookmark has gone on, what waits to be written by its name goes there. To a change that is not made it is moved after that.
    const isGone = move.bookmark === undefined && move.head.change !== change && commit !== UNMADE;
    if (isGone && this.#bookmark !== null) this.#parts.overlay.followed(this.#bookmark, change, move.head.change);
    const paths = await this.#parts.standing.move(move);
    this.#parts.adopted(paths);
  }
}
