import type { Env } from '../../base/env.ts';
import { newClientId, VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import type { Core } from '../../core/load.ts';
import type { RepoSpec } from '../../rpc/types.ts';
import type { BookmarkEvent, ChangeEvent, Head, Room, TouchedPath } from '../../wire/events.ts';
import type { OperationBody } from '../../wire/operations.ts';
import type { RepoRemote } from './repo-remote.ts';
import type { Journals } from '../journal/journals.ts';
import { Backlog } from '../sync/backlog.ts';
import type { Place } from '../sync/feed.ts';
import type { Overlay } from '../sync/overlay.ts';
import type { Accepted } from '../sync/pending.ts';
import { Heads, UNMADE } from './heads.ts';
import type { Noted } from './heads.ts';
import { Following } from './following.ts';
import { Hydrator } from './hydrate.ts';
import { Listings } from './listings.ts';
import { Lock } from './lock.ts';
import { ObjectStore } from './objects.ts';
import type { ObjectStoreOptions } from './objects.ts';
import { Keeper } from './keeper.ts';
import { openFirst } from './opening.ts';
import type { First } from './opening.ts';
import { sendBatch } from './outgoing.ts';
import type { Plan } from './outgoing.ts';
import { Places } from './places.ts';
import { Races } from './races.ts';
import { Readahead } from './readahead.ts';
import { Reopening } from './reopening.ts';
import { Retention } from './retention.ts';
import { Revisions } from './revisions.ts';
import { Standing } from './standing.ts';
import { Trees } from './trees.ts';
import type { View } from './trees.ts';
import { Writing } from './writing.ts';
import type { Queued } from './writing.ts';

/** What a {@link Checkout} is made of. */
export interface CheckoutOptions {
  env: Env;
  core: Core;
  remote: RepoRemote;
  spec: RepoSpec;
  raceWindow: number;
  writes: 'direct' | 'fork';
  durability: 'journal' | 'remote';
  /** The journals of this repo on this device; `null` where nothing outlives the page. */
  journals: Journals | null;
  caches: Pick<ObjectStoreOptions, 'memory' | 'disk'>;
  /** Whether heads may be noted on this device: not by who does not know what they hold of what others' journals have. Always where this is left out. */
  mayNote?: () => Promise<boolean>;
  /** Paths changed, relative to the repo's root; the new state can be read. */
  changed: (paths: TouchedPath[]) => void;
  /** Other rooms are to be listened to, the new ones from `place` on. */
  rooms: (place: Place) => void;
  status: () => void;
  /** The server has answered. */
  reached: () => void;
  warn: (message: string, error: unknown) => void;
}

/** What a checkout is put together from before its head is known. */
interface Parts {
  client: string;
  objects: ObjectStore;
  heads: Heads;
  backlog: Backlog;
}

/**
 * One repo of a mount, at one change. What is read is the view: the server's head with the operations on top that it has not accepted yet. The view
 * moves with every write here, and is computed anew whenever the head moves.
 */
export class Checkout {
  readonly spec: RepoSpec;
  readonly remote: RepoRemote;
  readonly objects: ObjectStore;
  readonly trees: Trees;
  readonly listings: Listings;
  readonly readahead: Readahead;
  readonly races: Races;
  /** What the server has not accepted. */
  readonly backlog: Backlog;
  /** Where revisions stand that may be gone to. */
  readonly revisions: Revisions;
  /** Keeps what can be read offline. */
  readonly keeper: Keeper;
  /** Names this checkout among all writers of the repo. */
  readonly client: string;
  readonly #options: CheckoutOptions;
  /** Held while the view is changed. */
  readonly #lock = new Lock();
  readonly #standing: Standing;
  readonly #following: Following;
  readonly #reopening: Reopening;
  readonly #retention: Retention;
  readonly #writing: Writing;
  readonly #places = new Places();
  /** The rooms that are listened to. */
  #listening: string;
  #stale = false;

  private constructor(options: CheckoutOptions, { client, objects, heads, backlog }: Parts, head: Head) {
    const { env, core, remote, spec, changed, warn } = options;
    this.#options = options;
    this.spec = spec;
    this.remote = remote;
    this.client = client;
    this.objects = objects;
    this.backlog = backlog;
    const hydrator = new Hydrator((paths) => this.#reopening.fetchPaths(paths));
    this.trees = new Trees(core, objects, (paths) => hydrator.paths(paths));
    const fetch = (oid: string, depth: number): ReturnType<RepoRemote['trees']> => remote.trees(oid, depth);
    this.listings = new Listings({ clock: env.clock, trees: this.trees, objects, head: () => this.head, fetch });
    this.readahead = new Readahead({ trees: this.trees, objects, sizes: (directory) => this.listings.sizes(directory) });
    this.races = new Races(env.clock, options.raceWindow);
    const { trees, races } = this;
    const reset = (): void => void backlog.own.reset();
    const bookmark = spec.change === undefined ? (head.bookmark ?? head.defaultBookmark) : null;
    this.#standing = new Standing({ trees, objects, overlay: backlog.overlay, races, changed, reset, warn, moved: () => this.#listen() }, head, bookmark);
    this.#following = new Following({
      lock: this.#lock,
      standing: this.#standing,
      overlay: backlog.overlay,
      heads,
      kind: () => remote.kind,
      reset,
      changed,
      adopted: (paths) => {
        if (paths !== null) this.#adopted(paths);
        // What other engines of this device have waiting may be another than before.
        options.status();
      },
      wentBack: () => this.keeper.wentBack(),
      made: (change) => this.#writing.made(change),
      places: this.#places,
    });
    const { overlay } = backlog;
    this.#reopening = new Reopening({ remote, objects, standing: this.#standing, overlay, following: this.#following, answered: () => (this.#stale = false) });
    this.#retention = new Retention({ objects, standing: this.#standing, overlay, races, pending: () => backlog.pending });
    const leave = (change: string): void => this.#places.leave(this.#stands(), this.bookmark, { change, commit: UNMADE });
    const { writes } = options;
    this.#writing = new Writing(this, { env, writes, lock: this.#lock, standing: this.#standing, retention: this.#retention, leave });
    this.revisions = new Revisions({ standing: this.#standing, overlay, heads, places: this.#places, open: (request) => this.#reopening.open(request) });
    this.#listening = JSON.stringify(this.rooms);
    remote.hurry(() => this.#stale || this.backlog.own.isStuck);
    this.keeper = new Keeper(this, { clock: env.clock, disk: options.caches.disk, heads, mayNote: options.mayNote });
  }

  /**
   * Opens the repo: one request. Where the server can't be reached it begins with what is kept here, with all that this device has not sent on top.
   *
   * @throws MesaApiError REPO_NOT_FOUND, BOOKMARK_NOT_FOUND, CHANGE_NOT_FOUND
   */
  static async open(options: CheckoutOptions): Promise<Checkout> {
    const { env, core, remote, spec, caches, journals, durability, warn } = options;
    const place: { checkout: Checkout | null } = { checkout: null };
    const opened = (): Checkout => place.checkout ?? unopened();
    const client = newClientId((bytes) => env.random(bytes));
    const objects = new ObjectStore({ core, fetch: (oids) => remote.objects(oids), ...caches });
    const backlog = new Backlog({
      env,
      client,
      journals,
      durability,
      warn,
      send: (name, operations, signal) => {
        const others = opened().backlog.overlay.clients.filter((other) => other !== name);
        return sendBatch(remote, objects, { client: name, operations, others }, signal);
      },
      settled: (reply, batch, remove) => opened().#following.settled(reply, batch, remove),
      reopen: () => opened().#reopening.again(),
      relay: async () => (place.checkout === null ? undefined : place.checkout.#following.relay()),
      withdrawn: async (operation) => (place.checkout === null ? undefined : place.checkout.#following.withdrawn(operation)),
      catchUp: async () => (place.checkout === null ? undefined : place.checkout.#following.catchUp()),
      makeRoom: () => objects.shrink(),
      sharesNames: () => remote.kind === 'live',
      awaitsNote: (change) => caches.disk !== null && change === place.checkout?.head.change,
      wasLeft: (change) => caches.disk !== null && opened().#wasLeft(change),
      changed: options.status,
      reached: options.reached,
    });
    try {
      await backlog.load();
      const heads = new Heads(caches.disk);
      const first = await openFirst(remote, spec, heads, backlog, env);
      objects.keep(first.objects);
      remote.lend((oids) => objects.near(oids));
      const checkout = new Checkout(options, { client, objects, heads, backlog }, first.head);
      place.checkout = checkout;
      await checkout.#begin(first);
      backlog.start();
      return checkout;
    } catch (error) {
      await backlog.close();
      await objects.close();
      throw error;
    }
  }

  /** What lies on top of the head. */
  get overlay(): Overlay {
    return this.backlog.overlay;
  }

  /** What is read now: a value that never changes. */
  get view(): View {
    return this.#standing.view;
  }

  /** Whether the head is the one that was kept here: the server has not been reached yet. */
  get isStale(): boolean {
    return this.#stale;
  }

  /** Where the server stands, as far as is known. */
  get head(): Head {
    return this.#standing.head;
  }

  /** The bookmark that is followed, or `null` when a change is worked in. */
  get bookmark(): string | null {
    return this.#standing.bookmark;
  }

  /** The rooms in which this checkout hears of others' edits. */
  get rooms(): Room[] {
    const repo = this.spec.name;
    const { change } = this.head;
    const rooms: Room[] = change === VIRTUAL_ROOT_CHANGE_ID ? [] : [{ repo, change }];
    return this.bookmark === null ? rooms : [...rooms, { repo, bookmark: this.bookmark }];
  }

  /** Makes the edits that `plan` answers for the present version; `null` makes none. They can be read when this resolves. */
  async write(plan: (view: View) => Promise<Plan | null>): Promise<Queued> {
    const [queued] = await this.writeTogether(async (view) => {
      const planned = await plan(view);
      return planned === null ? [] : [planned];
    });
    return queued ?? { accepted: Promise.resolve() };
  }

  /** The same for several writes, each an operation of its own, one upon the other. All are made, or none. */
  writeTogether(plan: (view: View) => Promise<Plan[]>): Promise<Queued[]> {
    return this.#writing.together(plan);
  }

  /** Queues an operation that edits no files. Where the server can't be asked now and it is safe on this device, the answer is `null`. */
  operate(body: OperationBody): Promise<Accepted | null> {
    return this.backlog.operate(body, this.head.change);
  }

  /** Resolves when everything written so far is accepted or refused; `false` when that has to wait for the network. */
  settled(): Promise<boolean> {
    return this.backlog.own.drained();
  }

  /** Opens the repo again. */
  reopened(): Promise<void> {
    return this.backlog.own.reset();
  }

  /** The head, and which of this device's operations it holds: both of one moment, and not while it moves. */
  standing(): Promise<Noted> {
    return this.#lock.run(async () => this.#stands());
  }

  #wasLeft(change: string): boolean {
    return change !== this.head.change && this.#places.lastOf({ change }) !== null;
  }

  #stands(): Noted {
    return { head: this.head, holds: this.overlay.holds(this.head, this.bookmark), bookmarkAt: this.#standing.bookmarkAt };
  }

  /**
   * Looks at another change from now on; `noted` says what its head holds of what this device wrote. No events are made: who calls knows.
   *
   * @throws MesaApiError CHANGE_NOT_FOUND when making it was refused meanwhile
   */
  async switchTo(head: Head, bookmark: string | null, noted: Partial<Noted> = {}): Promise<void> {
    // What went into the change that is left is to be read offline too.
    if (head.change !== this.head.change) await this.keeper.finish();
    await this.#lock.run(async () => {
      this.#places.leave(this.#stands(), this.bookmark, head);
      const present = this.#places.present(head);
      await this.#enter(present, bookmark, noted, present !== head);
    });
  }

  /** Follows its bookmark to where it was moved from here as of `bookmarkAt`, unless it is known to have gone on since. It looks the same there. */
  async goOn(head: Head, bookmark: string, bookmarkAt: number, entered = false): Promise<void> {
    await this.keeper.finish();
    await this.#lock.run(async () => {
      if (bookmark !== this.bookmark || this.#standing.bookmarkAt > bookmarkAt) return;
      this.#places.leave(this.#stands(), this.bookmark, head);
      const paths = await this.#standing.goOn(head, bookmark, bookmarkAt, entered);
      this.keeper.rest(paths ?? []);
    });
  }

  /** Takes in that a change has a new version. */
  heardChange(event: ChangeEvent): Promise<void> {
    return this.#following.heardChange(event);
  }

  /** Takes in that a bookmark has moved. */
  heardBookmark(event: BookmarkEvent): Promise<void> {
    return this.#following.heardBookmark(event);
  }

  /** Asks the platform to keep what is stored on this device; answers whether it will. */
  async persist(): Promise<boolean> {
    return (await this.#options.journals?.persist()) ?? false;
  }

  /** Stops sending; answers how many operations were not accepted. */
  async close(): Promise<number> {
    await this.backlog.lastCall();
    await this.keeper.close();
    const left = await this.backlog.close();
    this.objects.storePinned();
    this.trees.close();
    await this.objects.close();
    return left;
  }

  /** Lays what this device has not sent on the first head, and asks for it again when it is an old one. */
  async #begin({ accepted, stale, kept }: First): Promise<void> {
    // What another tab wrote since it was asked for may be in it, or not.
    const isDoubtful = !stale && this.overlay.doubt(accepted ?? {});
    await this.#lock.run(async () => {
      this.overlay.includeAll(accepted, this.head.change, this.bookmark);
      const { change } = this.spec;
      const unmade = change !== undefined && change !== this.head.change;
      if (unmade) this.#places.goInto(change, { head: this.head, bookmark: this.bookmark });
      // It may be made on others that are not made either.
      const known = unmade
        ? ((await this.revisions.known({ change }))?.head ?? (await this.revisions.unmade(change, { head: this.head, holds: {} })))
        : this.head;
      await this.#standing.enter(known, this.bookmark);
      this.#listening = JSON.stringify(this.rooms);
    });
    this.#stale = stale;
    if (!stale) this.keeper.opened(kept);
    if (stale || isDoubtful) void this.backlog.own.reset();
  }

  async #enter(head: Head, bookmark: string | null, { holds = {}, isAsked = false }: Partial<Noted>, isOld: boolean): Promise<void> {
    this.overlay.includeAll(holds, head.change, bookmark);
    const isDoubtful = (isAsked && this.overlay.doubt(holds)) || isOld;
    await this.#standing.enter(head, bookmark);
    this.races.clear();
    this.#listen();
    this.keeper.rest([]);
    if (isDoubtful) void this.backlog.own.reset();
  }

  /** Another head is shown: lets go of what is not needed any more, and brings in what is to be read offline. */
  #adopted(paths: TouchedPath[]): void {
    this.#retention.release();
    this.keeper.rest(paths);
  }

  /** Has the rooms of the present change and bookmark listened to. */
  #listen(): void {
    const rooms = JSON.stringify(this.rooms);
    if (rooms === this.#listening) return;
    this.#listening = rooms;
    this.#options.rooms(this.head);
  }
}

function unopened(): never {
  throw new Error('The repo is not open yet');
}
