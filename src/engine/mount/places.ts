import { MesaApiError } from '../../rpc/api-error.ts';
import type { Head } from '../../wire/events.ts';
import { keyOf, UNMADE } from './heads.ts';
import type { Noted, Revision } from './heads.ts';

/** A head, and the bookmark that is followed to it. */
export interface Standpoint {
  head: Head;
  bookmark: string | null;
}

/** Where a checkout has been: what it goes back to. */
export class Places {
  /** How places stood that were left, which may be later than what is noted of them on the device. */
  readonly #left = new Map<string, Noted>();
  /** Where it stood before it went into a change that was still to be made. */
  readonly #before = new Map<string, Standpoint>();
  /** Changes whose making was refused, or taken back. */
  readonly #refused = new Set<string>();
  /** Changes that were named here and made since, by what the server calls them. */
  readonly #made = new Map<string, string>();

  /** A place is left for another. @throws MesaApiError CHANGE_NOT_FOUND when making the change that is gone to was refused meanwhile */
  leave(noted: Noted, bookmark: string | null, to: Pick<Head, 'change' | 'commit'>): void {
    const { head } = noted;
    if (this.isRefused(to)) throw new MesaApiError(`The change ${to.change} is not there: making it was refused`, { status: 0, code: 'CHANGE_NOT_FOUND' });
    if (to.commit === UNMADE) this.goInto(to.change, { head, bookmark });
    if (head.commit === UNMADE) return;
    this.#left.set(keyOf({ change: head.change }), { ...noted, head: { ...head, bookmark: null } });
    if (bookmark !== null) this.#left.set(keyOf({ bookmark }), noted);
  }

  /** A bookmark was put somewhere from here. */
  moved(bookmark: string, noted: Noted): void {
    this.#left.set(keyOf({ bookmark }), noted);
  }

  /** How a place stood when it was left last, or `null`. */
  lastOf(revision: Revision): Noted | null {
    return this.#left.get(keyOf(revision)) ?? null;
  }

  /** A change that was named here is there, as `change`. */
  made(id: string, change: string): void {
    this.#made.set(id, change);
  }

  /** A head that is gone to, which may have been put together a while ago: where its change has been made since it is that one, and how it stands is to be asked. */
  present(head: Head): Head {
    const made = head.commit === UNMADE ? this.#made.get(head.change) : undefined;
    return made === undefined ? head : { ...head, change: made };
  }

  /** Goes from a place into a change that is still to be made. Through others that are not made either it would go round in a circle: of those the first counts. */
  goInto(change: string, from: Standpoint): void {
    if (from.head.commit !== UNMADE || !this.#before.has(change)) this.#before.set(change, from);
  }

  /** A change is not made. Answers where this stood before it went there, through others that are not made either. */
  refused(change: string): Standpoint | null {
    this.#refused.add(change);
    const from = this.#before.get(change) ?? null;
    return from !== null && this.isRefused(from.head) ? this.refused(from.head.change) : from;
  }

  /** Whether a head is of a change that is known not to be made: whoever found it before that comes too late. One that the server knows was made before. */
  isRefused({ change, commit }: Pick<Head, 'change' | 'commit'>): boolean {
    return commit === UNMADE && this.#refused.has(change);
  }
}
