import { delay } from '../../base/env.ts';
import type { Clock, TimerHandle } from '../../base/env.ts';
import { MODE } from '../../base/ids.ts';
import type { Terms } from '../../core/generated/mesa_core.js';
import { MissingObjectError } from '../../core/resolve.ts';
import type { Head, TouchedPath } from '../../wire/events.ts';
import type { ObjectCache } from '../cache/interface.ts';
import type { Checkout } from './checkout.ts';
import { changedPaths } from './diff.ts';
import { UNMADE } from './heads.ts';
import type { Heads } from './heads.ts';
import { hold, PIN } from './pins.ts';
import { sameView } from './trees.ts';
import type { View } from './trees.ts';

/** Milliseconds after which a head that has come to rest is noted. */
const REST = 100;
/** Milliseconds after which one that does not rest is noted all the same. */
const RESTLESS = 1_000;
/** Milliseconds after which a head is noted that could not be, since what changed with it was not to be had. */
const AGAIN = 30_000;
/** Milliseconds that closing waits for the present head to be noted. */
const LAST_NOTE = 1_000;
/** Paths whose new content is brought in at once. */
const MAX_FOLLOWED = 200;

/** Keeps what a checkout can begin with when the server can't be reached: the head, what was readable under it, and what is pinned. */
export class Keeper {
  readonly heads: Heads;
  readonly #checkout: Checkout;
  readonly #clock: Clock;
  readonly #disk: ObjectCache | null;
  readonly #mayNote: (() => Promise<boolean>) | undefined;
  /** Paths whose new content has not been brought in since the head was noted. */
  #unread: TouchedPath[] = [];
  /** The head that was noted before the mount was opened, while what differs from it is not brought in. */
  #before: Head | null = null;
  /** The head that was noted last: what could be read there can be read later. And of one change a backend that was restored from a copy goes back. */
  #latest: Head;
  /** The backend has gone back since a head was noted, or is another: what other engines noted of it does not count. */
  #hasGoneBack = false;
  /** Which bookmark is the default one was asked since a head was noted. */
  #isAsked = false;
  /** How often it has. */
  #backs = 0;
  /** Counts pins that were let go of. */
  #letGo = 0;
  #timer: TimerHandle = null;
  #closed = false;
  /** A head is being noted. */
  #noting = false;
  /** When it was to be noted first. */
  #since: number | null = null;

  constructor(
    checkout: Checkout,
    { clock, disk, heads, mayNote }: { clock: Clock; disk: ObjectCache | null; heads: Heads; mayNote?: (() => Promise<boolean>) | undefined },
  ) {
    this.#checkout = checkout;
    this.#clock = clock;
    this.#disk = disk;
    this.heads = heads;
    this.#mayNote = mayNote;
    this.#latest = checkout.head;
  }

  /**
   * The first head is here, with its roots; `before` is the one that was noted. Where it is another, what differs is brought in first: what could be read
   * offline still can.
   */
  opened(before: Head | null): void {
    if (this.#disk === null) return;
    this.#isAsked = true;
    if (before !== null) {
      this.#latest = before;
      this.#hasGoneBack = this.#checkout.head.repoSeq < before.repoSeq;
    }
    if (before === null || sameView(before, this.#checkout.head)) this.#noteHead().catch(() => undefined);
    else this.#before = before;
    this.rest([]);
  }

  /** The backend has gone back, as one restored from a copy does. */
  wentBack(): void {
    this.#hasGoneBack = true;
    this.#backs += 1;
  }

  /** The head has moved. Once it rests, what others `changed` is brought in, so that it can be read offline, and the head is noted. */
  rest(changed: TouchedPath[]): void {
    if (this.#disk === null) return;
    this.#unread.push(...changed);
    const now = this.#clock.now();
    // The clock may have been set back since.
    this.#since = Math.min(this.#since ?? now, now);
    // One that never rests is noted now and then.
    if (this.#timer !== null && now - this.#since >= RESTLESS) return;
    if (this.#timer !== null) this.#clock.clear(this.#timer);
    this.#noteIn(REST);
  }

  #noteIn(ms: number): void {
    const again = (): void => {
      if (this.#timer === null && !this.#closed) this.#noteIn(AGAIN);
    };
    this.#timer = this.#clock.set(() => void this.#note().catch(again), ms);
  }

  /** Whether anything is kept beyond the page. */
  get hasDisk(): boolean {
    return this.#disk !== null;
  }

  /** The pinned paths, relative to the repo's root. */
  async pins(): Promise<string[]> {
    const names = (await this.#disk?.retained()) ?? [];
    return names.filter((name) => name.startsWith(PIN)).map((name) => name.slice(PIN.length));
  }

  /** Notes the present head, when nothing of it is still to be brought in: another is looked at next, or none. Never rejects. */
  async finish(): Promise<void> {
    if (this.#timer !== null) this.#clock.clear(this.#timer);
    this.#timer = null;
    this.#since = null;
    const { head, objects } = this.#checkout;
    if (this.#disk === null || this.#unread.length > 0 || this.#before !== null || !objects.isWhole(rootsOf(head))) return;
    const patience = new AbortController();
    const late = delay(this.#clock, LAST_NOTE, patience.signal).catch(() => undefined);
    await Promise.race([this.#noteHead().catch(() => undefined), late]);
    patience.abort();
  }

  /** Notes the present head, as {@link finish} does, and no other any more. */
  close(): Promise<void> {
    this.#closed = true;
    return this.finish();
  }

  /** Lets a pinned path go. */
  async unpin(path: string): Promise<void> {
    this.#letGo += 1;
    await this.#disk?.retain(PIN + path, []);
  }

  /** Whether a path is pinned still, and is not let go while that is looked up. */
  async #isPinned(path: string): Promise<boolean> {
    const before = this.#letGo;
    const pins = await this.pins();
    return pins.includes(path) && before === this.#letGo;
  }

  async #note(): Promise<void> {
    this.#timer = null;
    // One after another: what is pinned may take long.
    if (this.#noting) return this.#noteIn(RESTLESS);
    this.#noting = true;
    try {
      await this.#noteRested();
    } finally {
      this.#noting = false;
    }
  }

  async #noteRested(): Promise<void> {
    this.#since = null;
    const checkout = this.#checkout;
    const { head } = checkout;
    const before = this.#before;
    const differing = before === null ? [] : await changedPaths(checkout.trees, before, head).catch(unlessMissing);
    const paths = [...this.#unread, ...differing].map(({ path }) => path).filter((path) => path !== '');
    for (let at = 0; at === 0 || at < paths.length; at += MAX_FOLLOWED) await this.#bringIn(paths.slice(at, at + MAX_FOLLOWED));
    if (sameView(checkout.view, head)) for (const path of await this.pins()) await hold(checkout, path, { all: false, wanted: () => this.#isPinned(path) });
    if (checkout.head !== head) return;
    this.#unread = [];
    if (this.#before === before) this.#before = null;
    await this.#noteHead();
  }

  /** Has what is at some paths of the head here; files as far as they could be read under the head that was noted last. */
  async #bringIn(paths: string[]): Promise<void> {
    const { trees, objects, head } = this.#checkout;
    const [, ...found] = await trees.lookup(head, ['', ...paths]);
    const away = new Set(await objects.lacking(found.flatMap(({ terms }) => blobsOf(terms))));
    if (away.size === 0) return;
    const wasRead = async (path: string): Promise<boolean> => {
      const blobs = blobsOf((await trees.atNear(this.#latest, path))?.terms ?? []);
      return blobs.length > 0 && (await objects.lacking(blobs)).length === 0;
    };
    for (const [index, { terms }] of found.entries()) {
      const blobs = blobsOf(terms).filter((oid) => away.has(oid));
      if (blobs.length > 0 && (await wasRead(paths[index] ?? ''))) await objects.get(blobs);
    }
  }

  /** Journals let go of what the head holds once it is kept, never before: whenever this ends, an operation is in the one or in the other. */
  async #noteHead(): Promise<void> {
    const { head, bookmark, objects, backlog, overlay } = this.#checkout;
    objects.storePinned();
    // A note says what its head holds. Who asks for that comes by here once it is known.
    if (head.commit === UNMADE || overlay.inDoubt) return;
    await objects.restore(rootsOf(head));
    await this.#disk?.recover((oids) => objects.get(oids));
    if ((await this.#mayNote?.()) === false) return;
    const standing = await this.#checkout.standing();
    if (standing.head !== head || overlay.inDoubt) return;
    const hasGoneBack = this.#hasGoneBack || (head.change === this.#latest.change && head.repoSeq < this.#latest.repoSeq);
    const backs = this.#backs;
    // Where it has gone back meanwhile, what was noted is of another history.
    if (!(await this.heads.note(standing, bookmark, hasGoneBack, this.#isAsked)) || backs !== this.#backs) return;
    this.#isAsked = false;
    this.#hasGoneBack = false;
    this.#latest = head;
    backlog.noted(head.repoSeq, head.change, standing.holds);
  }
}

/** What was there before can't be read any more, here or at the backend: nothing of it is to be brought in, at any later try either. */
function unlessMissing(error: unknown): TouchedPath[] {
  if (error instanceof MissingObjectError) return [];
  throw error;
}

function blobsOf(terms: Terms): string[] {
  return terms.flatMap((term) => (term === null || term.mode === MODE.tree || term.mode === MODE.submodule ? [] : [term.oid]));
}

/** The trees that a version begins with. */
function rootsOf({ trees, side }: View): string[] {
  return [...trees, ...(side === null ? [] : [side])];
}
