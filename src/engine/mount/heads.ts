import type { Head } from '../../wire/events.ts';
import type { ObjectCache } from '../cache/interface.ts';

/** The commit of a change that the server has not made yet. */
export const UNMADE = '';

/** A revision as it is asked for: the default bookmark when neither is named. */
export interface Revision {
  bookmark?: string | undefined;
  change?: string | undefined;
}

/** A head as it was noted. */
export interface Noted {
  head: Head;
  /** Of each client of this device, the last operation that the head holds: a journal may have it still. */
  holds: Record<string, number>;
  /** It was asked of the server just now: `holds` names every client that was known then. */
  isAsked?: boolean;
  /** The number of the repo's history as of which its bookmark is known to stand there; the head may be newer. */
  bookmarkAt?: number;
}

/**
 * Where revisions stood when they were last seen, kept beside the objects of the cache: what a mount begins with when the server can't be reached. A head
 * is noted only once what was readable under the one before is readable under it.
 */
export class Heads {
  readonly #cache: ObjectCache | null;

  constructor(cache: ObjectCache | null) {
    this.#cache = cache;
  }

  /** The head as it was last noted, or `null`; `known` instead where that is later. */
  async find(revision: Revision, known: Noted | null = null): Promise<Noted | null> {
    const found = await this.#read(keyOf(revision));
    if (found === null || (known !== null && found.head.repoSeq < known.head.repoSeq)) return known;
    if (revision.change !== undefined) return found;
    // Whoever works in the change itself knows nothing of the bookmark.
    const { head, bookmarkAt } = found;
    const ofChange = await this.#read(keyOf({ change: head.change }));
    if (ofChange === null || ofChange.head.repoSeq <= head.repoSeq) return found;
    return { ...later(found, ofChange), head: { ...ofChange.head, bookmark: head.bookmark }, ...(bookmarkAt === undefined ? {} : { bookmarkAt }) };
  }

  /**
   * Keeps a head for its change, and for the bookmark it was reached by. Where another engine has noted a later one of this change, or that the bookmark went on,
   * that is what is kept; where the backend itself has gone back that does not count. `isAsked`: which
   * bookmark is the default one was asked since the last note; another tab may know better otherwise. Answers whether it is kept, or a later one.
   */
  async note(noted: Noted, bookmark: string | null, hasGoneBack: boolean, isAsked = true): Promise<boolean> {
    if (this.#cache === null) return false;
    const { head, holds, bookmarkAt = 0 } = noted;
    const { change, defaultBookmark } = head;
    const over = (mine: Noted, hasMoved: (theirs: Noted) => boolean) => (stored: unknown) => {
      const theirs = hasGoneBack ? null : fromNote(stored);
      if (theirs === null) return toNote(mine);
      if (theirs.head.change === mine.head.change) return toNote(later(theirs, mine));
      return hasMoved(theirs) ? stored : toNote(mine);
    };
    this.#cache.note(
      keyOf({ change }),
      over({ head: { ...head, bookmark: null }, holds }, () => false),
    );
    if (bookmark !== null) {
      const followed = over({ head: { ...head, bookmark }, holds, bookmarkAt }, (theirs) => (theirs.bookmarkAt ?? 0) > bookmarkAt);
      this.#cache.note(keyOf({ bookmark }), followed);
      const byDefault = (stored: unknown): unknown => {
        const theirs = fromNote(stored);
        if (theirs === null || theirs.head.bookmark === bookmark) return followed(stored);
        return isAsked ? toNote({ head: { ...head, bookmark }, holds, bookmarkAt }) : stored;
      };
      if (bookmark === defaultBookmark) this.#cache.note(keyOf({}), byDefault);
    }
    return this.#cache.flush();
  }

  async #read(key: string): Promise<Noted | null> {
    return fromNote(await this.#cache?.noted(key));
  }
}

function toNote({ head, holds, bookmarkAt }: Noted): unknown {
  return { ...head, holds, ...(bookmarkAt === undefined ? {} : { bookmarkAt }) };
}

function fromNote(stored: unknown): Noted | null {
  if (stored === undefined) return null;
  const { holds = {}, bookmarkAt = 0, ...head } = stored as Head & Partial<Pick<Noted, 'holds' | 'bookmarkAt'>>;
  return { head, holds, bookmarkAt };
}

/** The later of two heads of one change. What the earlier one holds the later one holds too. */
function later(one: Noted, other: Noted): Noted {
  const { head } = one.head.repoSeq > other.head.repoSeq ? one : other;
  const holds = { ...one.holds };
  for (const [client, seq] of Object.entries(other.holds)) holds[client] = Math.max(seq, holds[client] ?? 0);
  return { head, holds, bookmarkAt: Math.max(one.bookmarkAt ?? 0, other.bookmarkAt ?? 0) };
}

/** Names a revision. */
export function keyOf({ bookmark, change }: Revision): string {
  if (change !== undefined) return `head:change:${change}`;
  return bookmark === undefined ? 'head' : `head:bookmark:${bookmark}`;
}
