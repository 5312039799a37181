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
   * Keeps a head for its change, and for the bookmark it was reached by, unless another engine has noted a later one of this change; where the backend itself
   * has gone back that does not count. Answers whether it is kept.
   */
  async note({ head, holds, bookmarkAt }: Noted, bookmark: string | null, hasGoneBack: boolean): Promise<boolean> {
    if (this.#cache === null) return false;
    const known = hasGoneBack ? null : await this.find({ change: head.change });
    if (known !== null && known.head.repoSeq > head.repoSeq) return false;
    const more = { holds, ...(bookmarkAt === undefined ? {} : { bookmarkAt }) };
    this.#cache.note(keyOf({ change: head.change }), { ...head, bookmark: null, ...more });
    if (bookmark !== null) {
      this.#cache.note(keyOf({ bookmark }), { ...head, bookmark, ...more });
      if (bookmark === head.defaultBookmark) this.#cache.note(keyOf({}), { ...head, bookmark, ...more });
    }
    return this.#cache.flush();
  }
}

/** Names a revision. */
export function keyOf({ bookmark, change }: Revision): string {
  if (change !== undefined) return `head:change:${change}`;
  return bookmark === undefined ? 'head' : `head:bookmark:${bookmark}`;
}
