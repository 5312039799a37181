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
    const noted = await this.#cache?.noted(keyOf(revision));
    if (noted === undefined || (known !== null && (noted as Head).repoSeq < known.head.repoSeq)) return known;
    const { holds = {}, bookmarkAt = 0, ...head } = noted as Head & Partial<Pick<Noted, 'holds' | 'bookmarkAt'>>;
    return { head, holds, bookmarkAt };
  }

  /**
   * Keeps a head for its change, and for the bookmark it was reached by. Where another engine has noted a later one of this change that is the one that is kept;
   * where the backend itself has gone back that does not count. Answers whether it is kept, or a later one.
   */
  async note(noted: Noted, bookmark: string | null, hasGoneBack: boolean): Promise<boolean> {
    if (this.#cache === null) return false;
    const { change, repoSeq, defaultBookmark } = noted.head;
    const known = hasGoneBack ? null : await this.find({ change });
    const isLater = known !== null && known.head.repoSeq > repoSeq;
    const { head, holds } = isLater ? known : noted;
    const { bookmarkAt } = noted;
    const more = { holds, ...(bookmarkAt === undefined ? {} : { bookmarkAt }) };
    if (!isLater) this.#cache.note(keyOf({ change }), { ...head, bookmark: null, ...more });
    if (bookmark !== null && !(isLater && (await this.#hasMoved(bookmark, noted)))) {
      this.#cache.note(keyOf({ bookmark }), { ...head, bookmark, ...more });
      if (bookmark === defaultBookmark) this.#cache.note(keyOf({}), { ...head, bookmark, ...more });
    }
    return this.#cache.flush();
  }

  /** Whether another engine has noted that a bookmark went on to another change, or a later head of this one. */
  async #hasMoved(bookmark: string, { head, bookmarkAt = 0 }: Noted): Promise<boolean> {
    const known = await this.find({ bookmark });
    if (known === null) return false;
    return known.head.change === head.change ? known.head.repoSeq > head.repoSeq : (known.bookmarkAt ?? 0) > bookmarkAt;
  }
}

/** Names a revision. */
export function keyOf({ bookmark, change }: Revision): string {
  if (change !== undefined) return `head:change:${change}`;
  return bookmark === undefined ? 'head' : `head:bookmark:${bookmark}`;
}
