import { isWithin } from '../../base/paths.ts';
import type { Head, TouchedPath } from '../../wire/events.ts';
import type { WireEdit } from '../../wire/operations.ts';
import type { Overlay } from '../sync/overlay.ts';
import type { Pending } from '../sync/pending.ts';
import { differingPaths, displacedConflicts } from './diff.ts';
import { UNMADE } from './heads.ts';
import { layWhatCanBe } from './laying.ts';
import { withoutLost } from './limits.ts';
import type { ObjectStore } from './objects.ts';
import type { Races } from './races.ts';
import { sameView } from './trees.ts';
import type { Trees, View } from './trees.ts';

/** What a {@link Standing} is made of. */
export interface StandingParts {
  trees: Trees;
  objects: ObjectStore;
  overlay: Overlay;
  races: Races;
  /** Paths changed; the new state can be read. */
  changed: (paths: TouchedPath[]) => void;
  /** The head is another one now. */
  moved: () => void;
  /** Where the repo stands is to be asked again. */
  reset: () => void;
  warn: (message: string, error: unknown) => void;
}

/** How a new head came about. */
export interface Move {
  head: Head;
  /** The paths in which it is known to differ from the last one; `null`: the versions have to be compared. */
  hints: TouchedPath[] | null;
  /** Edits made on this device are in it. */
  own: boolean;
  /** The number of the repo's history as of which the head is where the bookmark stands; left out, nothing new is known of the bookmark. */
  bookmarkAt?: number | undefined;
  /** The bookmark that is followed from now on, where that is another one. */
  bookmark?: string | null;
  /** Whoever works here has had the bookmark moved there: what is there is no news to him. */
  entered?: boolean;
  /** It is where this stood a while ago: what was told of it since was passed over. */
  isOld?: boolean;
  /** What is left of what was laid on the last head, where some of it was refused: nobody's edit did that. */
  stays?: readonly Pending[] | null;
}

/**
 * Where a checkout stands: the server's head, and the view, which is that head with the operations on top that the server has not accepted. One of them
 * moves after another, never two at once.
 */
export class Standing {
  readonly #parts: StandingParts;
  #head: Head;
  #view: View;
  #bookmark: string | null;
  #bookmarkAt: number;
  /** The view is not the head with all that is pending on top: that could not be had. */
  #behind = false;
  /** The head is where this stood a while ago. */
  #isOld = false;
  /** What was laid on the head. */
  #laid: ReadonlySet<Pending> = new Set();

  constructor(parts: StandingParts, head: Head, bookmark: string | null) {
    this.#parts = parts;
    this.#head = head;
    this.#view = head;
    this.#bookmark = bookmark;
    this.#bookmarkAt = head.repoSeq;
  }

  /** Where the server stands, as far as is known. */
  get head(): Head {
    return this.#head;
  }

  /** What is read now: a value that never changes. */
  get view(): View {
    return this.#view;
  }

  /** The bookmark that is followed, or `null` when a change is worked in. */
  get bookmark(): string | null {
    return this.#bookmark;
  }

  /** The number of the repo's history as of which it is known where the bookmark stands. The head may be newer: a change goes on without its bookmark. */
  get bookmarkAt(): number {
    return this.#bookmarkAt;
  }

  /** As of that number the bookmark is where the head is, or it is known to have been there later than that. */
  confirm(bookmarkAt: number): void {
    this.#bookmarkAt = Math.max(this.#bookmarkAt, bookmarkAt);
  }

  /** The backend has gone back, as one restored from a copy does: what was known of the bookmark is of another history. */
  wentBack(): void {
    this.#bookmarkAt = 0;
  }

  /** What is laid on the head, as it is shown now, but for what was `refused`; `null` where that is nothing. */
  without(refused: readonly Pending[]): Pending[] | null {
    if (refused.length === 0) return null;
    const { overlay } = this.#parts;
    // What other engines wrote may be known of, and not shown yet.
    const shown = new Set([...this.#laid, ...overlay.own]);
    return overlay.over(this.#head, this.#bookmark).filter((operation) => shown.has(operation) && !refused.includes(operation));
  }

  /** Stands at another head from now on, with all on top that can be laid there. Nobody is told. */
  async enter(entered: Head, bookmark: string | null): Promise<void> {
    const head = this.#latest(entered);
    this.#parts.overlay.settle(head, bookmark);
    const left = this.#parts.overlay.over(head, bookmark);
    const laid = await this.onTop(head, left);
    const view = laid ?? (await layWhatCanBe(this.#parts.trees, { trees: head.trees, side: head.side }, left)) ?? head;
    // All at once: whoever looks meanwhile sees where it stood, and never one place's bookmark with another's head.
    this.#behind = laid === null;
    this.#isOld = false;
    this.#laid = new Set(left);
    this.#view = view;
    this.#head = head;
    this.#bookmark = bookmark;
    this.#bookmarkAt = entered.repoSeq;
  }

  /**
   * The same, where the bookmark that is followed was moved there as of `bookmarkAt` and it is to look as before: what comes with it comes from others, and is
   * told. Answers the paths that differ.
   */
  goOn(head: Head, bookmark: string, bookmarkAt: number, entered = false): Promise<TouchedPath[] | null> {
    return this.move({ head: this.#latest(head), hints: null, own: true, bookmark, bookmarkAt, entered });
  }

  /** Goes on in a change that is to be made on top of the present one, with all that is shown there. */
  fork(change: string): void {
    const { trees, side } = this.#view;
    this.#bookmark = null;
    this.#head = { ...this.#head, trees: [...trees], side, change, commit: UNMADE, bookmark: null };
  }

  /** Shows edits that were made here. */
  wrote(view: View, edits: readonly WireEdit[]): void {
    const before = this.#view;
    this.#view = view;
    void this.#tellDisplaced(before, view, edits);
  }

  /**
   * Moves to a new head: lays what is pending on top, and tells of what that changes in the view. Answers the paths that differ; `null` when the view
   * can't be had now: it stays as it is until the repo has been opened again.
   */
  async move({ head, hints, own, bookmarkAt, stays = null, isOld = false, entered = false, bookmark = this.#bookmark }: Move): Promise<TouchedPath[] | null> {
    const { trees, races, overlay, changed, moved } = this.#parts;
    const before = this.#view;
    this.confirm(bookmarkAt ?? 0);
    // What is known of the last step says too little if one before it was not shown, or passed over.
    const told = this.#behind || this.#isOld ? null : hints;
    const clean = sameView(before, this.#head) && !own;
    overlay.settle(head, bookmark);
    const left = overlay.over(head, bookmark);
    const { head: from } = this;
    const wasBehind = this.#behind;
    const view = await this.onTop(head, left);
    this.#laid = new Set(left);
    if (head !== this.#head) this.#isOld = isOld;
    this.#head = head;
    this.#bookmark = bookmark;
    this.#view = view ?? before;
    this.#behind = view === null;
    moved();
    if (view === null) return null;
    if (sameView(before, view)) return [];
    const arrived = races.arriving(before);
    const isExact = clean && left.length === 0;
    const differing = await differingPaths(trees, before, view, told, isExact);
    // Times and metadata are no content: they can't be compared, and are told of as the server does.
    const others = own || isExact ? [] : await this.#beside(view, told ?? [], differing);
    const paths = [...differing, ...others];
    // What it looked like without what was refused.
    const calm = stays === null || wasBehind ? null : await this.onTop(from, stays);
    if (calm === null) arrived(paths);
    else arrived(await differingPaths(trees, calm, view, null, false), calm);
    if (entered) races.clear();
    if (paths.length > 0) changed(paths);
    return paths;
  }

  /** What a version looks like with pending operations laid on top; `null` when what that takes can't be had now. The repo is opened again then. */
  async onTop({ trees, side }: View, left: readonly Pending[]): Promise<View | null> {
    const edits = left.flatMap((operation) => operation.edits);
    try {
      for (const { blobs } of left) this.#parts.objects.pinOthers(blobs);
      return await withoutLost(edits, async (wished) => (await this.#parts.trees.apply({ trees, side }, wished)).view);
    } catch (error) {
      this.#parts.warn('What is not sent yet cannot be shown now', error);
      this.#parts.reset();
      return null;
    }
  }

  /** Of the paths in which the server's state differs, those that are there and look the same: their time is another, or their metadata. */
  async #beside(view: View, told: readonly TouchedPath[], differing: readonly TouchedPath[]): Promise<TouchedPath[]> {
    const isNamed = ({ path }: TouchedPath): boolean => differing.some((each) => each.path === path || (each.recursive && isWithin(each.path, path)));
    const left = told.filter((each) => !each.recursive && !isNamed(each));
    if (left.length === 0) return [];
    const paths = left.map(({ path }) => path);
    const found = await this.#parts.trees
      .lookup(
        view,
        paths.filter((path) => path !== ''),
      )
      .catch(() => []);
    const gone = new Set(paths.filter((path) => path !== '').filter((_, index) => found[index]?.kind === 'absent'));
    return left.filter(({ path }) => !gone.has(path));
  }

  /** What is entered was asked for a while ago, and the change may have gone on since. */
  #latest(entered: Head): Head {
    const isOld = entered.change === this.#head.change && entered.repoSeq < this.#head.repoSeq;
    return isOld ? { ...this.#head, bookmark: entered.bookmark } : entered;
  }

  /** Tells of conflicts whose sides change places because of edits made here, elsewhere: whoever made them knows of no more than their own paths. */
  async #tellDisplaced(before: View, after: View, edits: readonly WireEdit[]): Promise<void> {
    const made = edits.flatMap((edit) => (edit.type === 'rename' ? [edit.from, edit.to] : [edit.path])).map((path) => ({ path, recursive: true }));
    const displaced = await displacedConflicts(this.#parts.trees, before, after, made);
    if (displaced.length > 0) this.#parts.changed(displaced);
  }
}
