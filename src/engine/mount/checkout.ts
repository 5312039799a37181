import type { Env } from '../../base/env.ts';
import { newChangeId, newClientId, VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import type { Core } from '../../core/load.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { RepoSpec } from '../../rpc/types.ts';
import type { BookmarkEvent, ChangeEvent, Head, Room, TouchedPath } from '../../wire/events.ts';
import type { OperationBody, Target } from '../../wire/operations.ts';
import { MissingObjectError } from '../../core/resolve.ts';
import type { Opened, OpenRequest } from '../remote/interface.ts';
import type { RepoRemote } from './repo-remote.ts';
import type { Journals } from '../journal/journals.ts';
import { Backlog } from '../sync/backlog.ts';
import type { Place } from '../sync/feed.ts';
import type { Overlay } from '../sync/overlay.ts';
import { contentEdits, showsIn } from '../sync/pending.ts';
import type { Accepted } from '../sync/pending.ts';
import { reachablePins } from '../remote/git-tree.ts';
import { Heads, UNMADE } from './heads.ts';
import type { Noted, Revision } from './heads.ts';
import { creationOn } from './creation.ts';
import { checkLimits, checkSizes, withoutLost } from './limits.ts';
import { Following } from './following.ts';
import { Hydrator } from './hydrate.ts';
import { Listings } from './listings.ts';
import { Lock } from './lock.ts';
import { ObjectStore } from './objects.ts';
import type { ObjectStoreOptions } from './objects.ts';
import { Keeper } from './keeper.ts';
import { none, openFirst, revisionOf } from './opening.ts';
import type { First } from './opening.ts';
import { sendBatch, unsentObjects } from './outgoing.ts';
import type { Plan } from './outgoing.ts';
import { Places } from './places.ts';
import { Races } from './races.ts';
import { Readahead } from './readahead.ts';
import { Standing } from './standing.ts';
import { Trees } from './trees.ts';
import type { View } from './trees.ts';

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
  /** Paths changed, relative to the repo's root; the new state can be read. */
  changed: (paths: TouchedPath[]) => void;
  /** Other rooms are to be listened to, the new ones from `place` on. */
  rooms: (place: Place) => void;
  status: () => void;
  /** The server has answered. */
  reached: () => void;
  warn: (message: string, error: unknown) => void;
}

/** Times a repo is opened once more because an answer has overtaken what was opened. */
const MAX_TRIES = 3;
/** Bytes of objects made here above which those that nobody needs are let go. */
const PINNED = 16 * 1024 * 1024;

/** What a checkout is put together from before its head is known. */
interface Parts {
  client: string;
  objects: ObjectStore;
  heads: Heads;
  backlog: Backlog;
}

/** A write that can be seen by reads. `accepted`: it is as safe as the mount promises; `answered`, where there is anything to send: the server has it. */
export interface Queued {
  accepted: Promise<unknown>;
  answered?: Promise<unknown>;
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
  /** Keeps what can be read offline. */
  readonly keeper: Keeper;
  /** Names this checkout among all writers of the repo. */
  readonly client: string;
  readonly #options: CheckoutOptions;
  /** Held while the view is changed. */
  readonly #lock = new Lock();
  readonly #standing: Standing;
  readonly #following: Following;
  #newChange: string;
  readonly #places = new Places();
  /** The rooms that are listened to. */
  #listening: string;
  #pinLimit = PINNED;
  #stale = false;

  private constructor(options: CheckoutOptions, { client, objects, heads, backlog }: Parts, head: Head) {
    const { env, core, remote, spec, changed, warn } = options;
    this.#options = options;
    this.spec = spec;
    this.remote = remote;
    this.client = client;
    this.objects = objects;
    this.backlog = backlog;
    this.#newChange = newChangeId((bytes) => env.random(bytes));
    const hydrator = new Hydrator((paths) => this.#openPaths(paths));
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
      made: (change) => this.#made(change),
      places: this.#places,
    });
    this.#listening = JSON.stringify(this.rooms);
    remote.hurry(() => this.#stale || this.backlog.own.isStuck);
    this.keeper = new Keeper(this, { clock: env.clock, disk: options.caches.disk, heads });
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
      reopen: () => opened().#reopen(),
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

  /** Whether no pending write can move it to another change. */
  get isCertain(): boolean {
    return !this.backlog.own.pending.some(({ body }) => body.kind === 'files' && 'bookmark' in body.target);
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
    return this.#lock.run(async () => {
      const plans = await plan(this.view);
      const planned = plans.flatMap((each) => each.edits);
      if (planned.length === 0) return plans.map(() => ({ accepted: Promise.resolve() }));
      await checkLimits(this, planned);
      const unsent = plans.map((each) => unsentObjects(this.objects, each));
      plans.forEach((each, index) => checkSizes(this, each.edits, unsent[index] ?? []));
      for (const objects of unsent) this.objects.pin(objects);
      const { view, edits } = await withoutLost(planned, async (wished) => ({
        ...(await this.trees.apply(this.view, contentEdits({ kind: 'files', target: { change: '' }, edits: wished }))),
        edits: wished,
      }));
      if (this.#options.writes === 'fork' && this.bookmark !== null) this.#fork();
      let taken = 0;
      const queued = plans.map((each, index): Queued => {
        const own = edits.slice(taken, (taken += each.edits.length));
        if (own.length === 0) return { accepted: Promise.resolve() };
        const body: OperationBody = { kind: 'files', target: this.#target(), edits: own };
        const { acknowledged, answered } = this.backlog.write(body, unsent[index] ?? [], this.head.change);
        this.races.wrote(contentEdits(body));
        return { accepted: acknowledged, answered };
      });
      this.#standing.wrote(view, edits);
      if (this.objects.pinnedBytes > this.#pinLimit) this.#trim();
      return queued;
    });
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

  /** Asks the backend where a revision stands, with its root trees. */
  async resolve(revision: { bookmark?: string; changeId?: string }): Promise<Noted> {
    const { clients } = this.overlay;
    const { head, accepted } = await this.#open({ ...revisionOf(revision.bookmark, revision.changeId), paths: [], known: [], clients });
    return { head, holds: { ...none(clients), ...accepted }, isAsked: true };
  }

  /** Where a revision stands as far as this device knows, without what is pending there; `null` when it knows nothing of it. */
  async known(revision: Revision): Promise<Noted | null> {
    const { bookmark } = revision;
    const isHere = revision.change === undefined ? (bookmark ?? this.head.defaultBookmark) === this.bookmark : revision.change === this.head.change;
    const change = isHere ? this.head.change : revision.change;
    const creation = change === undefined ? null : this.overlay.creationOf(change);
    // What shows by way of the bookmark is not in the head of a change that is not made: without the bookmark it has to be.
    if (isHere && (creation === null || this.bookmark === null || this.head.commit !== UNMADE)) return { head: this.head, holds: {} };
    if (change === undefined || creation === null)
      return this.keeper.heads.find(revision, this.#places.lastOf(change === undefined ? { bookmark: bookmark ?? this.head.defaultBookmark } : { change }));
    const parent = await this.known({ change: creation.parents[0] });
    return parent === null ? null : { head: await this.unmade(change, parent), holds: {} };
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
   * The head of a change that the server has not made yet: what its parent holds with all that is pending there, but for what is shown on top of it anyway
   * where `bookmark` is followed to it.
   */
  async unmade(change: string, { head: parent, holds }: Noted, bookmark: string | null = null): Promise<Head> {
    const left = this.overlay.over(parent, parent.bookmark, holds).filter((operation) => !showsIn(operation, change, bookmark));
    const view = await this.#standing.onTop(parent, left);
    if (view === null) throw new MissingObjectError(parent.trees);
    return { ...parent, trees: [...view.trees], side: view.side, bookmark, change, commit: UNMADE };
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
  async goOn(head: Head, bookmark: string, bookmarkAt: number): Promise<void> {
    await this.keeper.finish();
    await this.#lock.run(async () => {
      if (bookmark !== this.bookmark || this.#standing.bookmarkAt > bookmarkAt) return;
      this.#places.leave(this.#stands(), this.bookmark, head);
      const paths = await this.#standing.goOn(head, bookmark, bookmarkAt);
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
      const known = unmade ? ((await this.known({ change }))?.head ?? (await this.unmade(change, { head: this.head, holds: {} }))) : this.head;
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

  /** A name is used once. */
  #made(change: string): void {
    if (change === this.#newChange) this.#newChange = this.#randomChange();
  }

  #randomChange(): string {
    return newChangeId((bytes) => this.#options.env.random(bytes));
  }

  #target(): Target {
    return this.bookmark === null ? { change: this.head.change } : { bookmark: this.bookmark, newChange: this.#newChange };
  }

  /** Leaves the bookmark where it is and goes on in a new change. */
  #fork(): void {
    const id = this.#newChange;
    this.#newChange = this.#randomChange();
    const { head } = this;
    this.#places.leave(this.#stands(), this.bookmark, { change: id, commit: UNMADE });
    // Its failure shows in the write that follows it; the next one begins at the bookmark again.
    this.backlog.write(creationOn(this, id, { head, holds: {} }, ''), [], head.change).answered.catch(() => undefined);
    this.#standing.fork(id);
  }

  async #reopen(): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      const { head: before, bookmark } = this;
      const revision = revisionOf(bookmark ?? undefined, before.change);
      const { clients } = this.overlay;
      const { head, accepted } = await this.#open({ ...revision, paths: [], known: this.#roots(), clients }).catch((error: unknown) => {
        // Made meanwhile, or left.
        if ((this.head !== before || this.bookmark !== bookmark) && tries < MAX_TRIES) return { head: undefined, accepted: {} };
        // It is made once what is pending has been sent.
        if (!(error instanceof MesaApiError) || error.code !== 'CHANGE_NOT_FOUND' || this.overlay.creationOf(before.change) === null) throw error;
        return { head: null, accepted: {} };
      });
      if (head === undefined) continue;
      this.#stale = false;
      if (head === null || (await this.#following.opened(head, { ...none(clients), ...accepted }, { head: before, bookmark }, tries < MAX_TRIES))) return;
    }
  }

  /** Another head is shown: lets go of what is not needed any more, and brings in what is to be read offline. */
  #adopted(paths: TouchedPath[]): void {
    if (this.overlay.over(this.head, this.bookmark).length === 0 && this.backlog.pending.length === 0 && !this.races.active) this.objects.unpin();
    this.keeper.rest(paths);
  }

  /** Lets go of trees made here that are part of nothing any more. */
  #trim(): void {
    if (this.races.active) return;
    const wanted = reachablePins(this.view, (oid) => (this.objects.isPinned(oid) ? this.objects.peek(oid) : undefined));
    for (const { blobs } of this.overlay.over(this.head, this.bookmark)) for (const { oid } of blobs) wanted.add(oid);
    for (const { blobs } of this.backlog.pending) for (const { oid } of blobs) wanted.add(oid);
    this.objects.keepPinned(wanted);
    this.#pinLimit = Math.max(PINNED, 2 * this.objects.pinnedBytes);
  }

  /** Has the rooms of the present change and bookmark listened to. */
  #listen(): void {
    const rooms = JSON.stringify(this.rooms);
    if (rooms === this.#listening) return;
    this.#listening = rooms;
    this.#options.rooms(this.head);
  }

  async #open(request: OpenRequest): Promise<Opened> {
    const opened = await this.remote.open(request);
    this.objects.keep(opened.objects);
    return opened;
  }

  /** Fetches all that is on the way to some paths, and their blobs, as the server has them now. */
  async #openPaths(paths: string[]): Promise<void> {
    await this.#open({ ...revisionOf(undefined, this.head.change), paths, known: this.#roots() });
  }

  /** Objects that need not be sent again. */
  #roots(): string[] {
    const { trees, side } = this.head;
    return [...trees, ...(side === null ? [] : [side])].filter((oid) => this.objects.has(oid));
  }
}

function unopened(): never {
  throw new Error('The repo is not open yet');
}
