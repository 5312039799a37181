import type { Env } from '../../base/env.ts';
import { isOid, newChangeId, VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import type { Core } from '../../core/load.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { RepoSpec } from '../../rpc/types.ts';
import type { BookmarkEvent, ChangeEvent, Head, Room, TouchedPath } from '../../wire/events.ts';
import type { OperationBody, OpsReply, Target, WireEdit } from '../../wire/operations.ts';
import type { OpenRequest } from '../remote/interface.ts';
import type { RepoRemote } from './repo-remote.ts';
import { Driver } from '../sync/driver.ts';
import { contentEdits } from '../sync/pending.ts';
import type { Accepted, Pending } from '../sync/pending.ts';
import { changedConflicts, changedPaths } from './diff.ts';
import { Hydrator } from './hydrate.ts';
import { Listings } from './listings.ts';
import { Lock } from './lock.ts';
import { ObjectStore } from './objects.ts';
import type { ObjectStoreOptions } from './objects.ts';
import { Races } from './races.ts';
import { Readahead } from './readahead.ts';
import { sameView, Trees } from './trees.ts';
import type { View } from './trees.ts';

/** What a {@link Checkout} is made of. */
export interface CheckoutOptions {
  env: Env;
  core: Core;
  remote: RepoRemote;
  spec: RepoSpec;
  raceWindow: number;
  writes: 'direct' | 'fork';
  caches: Pick<ObjectStoreOptions, 'memory' | 'disk'>;
  /** Paths changed, relative to the repo's root; the new state can be read. */
  changed: (paths: TouchedPath[]) => void;
  /** Other rooms are to be listened to, the new ones from `cursor` on. */
  rooms: (cursor: string) => void;
  status: () => void;
}

/** Edits to make, with the blobs they name that the backend may lack. */
export interface Plan {
  edits: WireEdit[];
  blobs: StoredObject[];
}

/** A write that can be seen by reads, and the promise of its acceptance by the server. */
export interface Queued {
  accepted: Promise<unknown>;
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
  readonly driver: Driver;
  /** Names this checkout among all writers of the repo. */
  readonly client: string;
  readonly #options: CheckoutOptions;
  /** Held while the view is changed. */
  readonly #lock = new Lock();
  #head: Head;
  #view: View;
  /** The bookmark that is followed, until a change is chosen. */
  #bookmark: string | null;
  #newChange: string;
  /** The rooms that are listened to. */
  #listening: string;

  private constructor(options: CheckoutOptions, objects: ObjectStore, head: Head) {
    const { env, core, remote, spec } = options;
    this.#options = options;
    this.spec = spec;
    this.remote = remote;
    this.client = newClientId(env);
    this.objects = objects;
    this.#head = head;
    this.#view = head;
    this.#bookmark = spec.change === undefined ? (head.bookmark ?? head.defaultBookmark) : null;
    this.#newChange = newChangeId((bytes) => env.random(bytes));
    this.#listening = JSON.stringify(this.rooms);
    const hydrator = new Hydrator((paths) => this.#openPaths(paths));
    this.trees = new Trees(core, objects, (paths) => hydrator.paths(paths));
    const fetch = (oid: string, depth: number): ReturnType<RepoRemote['trees']> => remote.trees(oid, depth);
    this.listings = new Listings({ clock: env.clock, trees: this.trees, objects, head: () => this.#head, fetch });
    this.readahead = new Readahead({ trees: this.trees, objects, sizes: (directory) => this.listings.sizes(directory) });
    this.races = new Races(env.clock, options.raceWindow);
    this.driver = new Driver({
      env,
      send: (operations, signal) => this.#send(operations, signal),
      settled: (reply, batch, remove) => this.#settled(reply, batch, remove),
      reopen: () => this.#reopen(),
      changed: options.status,
    });
  }

  /** Opens the repo: one request. @throws MesaApiError REPO_NOT_FOUND, BOOKMARK_NOT_FOUND, CHANGE_NOT_FOUND */
  static async open(options: CheckoutOptions): Promise<Checkout> {
    const { core, remote, spec, caches } = options;
    const objects = new ObjectStore({ core, fetch: (oids) => remote.objects(oids), ...caches });
    const opened = await remote.open({ ...revisionOf(spec.bookmark, spec.change), paths: [], known: [] });
    objects.keep(opened.objects);
    return new Checkout(options, objects, opened.head);
  }

  /** What is read now: a value that never changes. */
  get view(): View {
    return this.#view;
  }

  /** Where the server stands, as far as is known. */
  get head(): Head {
    return this.#head;
  }

  /** The bookmark that is followed, or `null` when a change is worked in. */
  get bookmark(): string | null {
    return this.#bookmark;
  }

  /** The rooms in which this checkout hears of others' edits. */
  get rooms(): Room[] {
    const repo = this.spec.name;
    const { change } = this.#head;
    const rooms: Room[] = change === VIRTUAL_ROOT_CHANGE_ID ? [] : [{ repo, change }];
    return this.#bookmark === null ? rooms : [...rooms, { repo, bookmark: this.#bookmark }];
  }

  /** Makes the edits that `plan` answers for the present version; `null` makes none. They can be read when this resolves. */
  write(plan: (view: View) => Promise<Plan | null>): Promise<Queued> {
    return this.#lock.run(async () => {
      const planned = await plan(this.#view);
      if (planned === null || planned.edits.length === 0) return { accepted: Promise.resolve() };
      const { edits } = planned;
      const blobs = this.#unsent(planned);
      this.objects.pin(blobs);
      const { view } = await this.trees.apply(this.#view, contentEdits({ kind: 'files', target: { change: '' }, edits }));
      if (this.#options.writes === 'fork' && this.#bookmark !== null) this.#fork();
      const accepted = this.driver.enqueue({ kind: 'files', target: this.#target(), edits }, blobs);
      this.#view = view;
      return { accepted };
    });
  }

  /** Queues an operation that edits no files. */
  operate(body: OperationBody): Promise<Accepted> {
    return this.driver.enqueue(body, []);
  }

  /** Resolves when everything written so far is accepted or refused; `false` when that has to wait for the network. */
  settled(): Promise<boolean> {
    return this.driver.drained();
  }

  /** Resolves when the server has answered everything written so far, however long that takes. Refusals are their writers'. */
  async flush(): Promise<void> {
    await Promise.allSettled(this.driver.pending.map((operation) => operation.answered));
  }

  /** Opens the repo again once no operation's fate is unknown. */
  reopened(): Promise<void> {
    return this.driver.reset();
  }

  /** Asks the backend where a revision stands, with its root trees. */
  async resolve(revision: { bookmark?: string; changeId?: string }): Promise<Head> {
    return this.#open({ ...revisionOf(revision.bookmark, revision.changeId), paths: [], known: [] });
  }

  /** Looks at another change from now on. Nothing may be pending. No events are made: who calls knows. */
  switchTo(head: Head, bookmark: string | null): Promise<void> {
    return this.#lock.run(async () => {
      this.#head = head;
      this.#view = head;
      this.#bookmark = bookmark;
      this.races.clear();
      this.#listen();
    });
  }

  /** Takes in that a change has a new version. */
  async heardChange(event: ChangeEvent): Promise<void> {
    await this.#lock.run(async () => {
      if (event.change !== this.#head.change) return;
      const own = this.#include(event.origin);
      if (event.repoSeq <= this.#head.repoSeq) return;
      const { commit, trees, side, repoSeq } = event;
      // Metadata is no content: nothing else tells that it changed.
      if (!own && sameView(event, this.#head)) this.#options.changed(event.paths);
      await this.#adopt({ ...this.#head, commit, trees, side, repoSeq }, event.paths, own);
    });
  }

  /** Takes in that a bookmark has moved. */
  async heardBookmark(event: BookmarkEvent): Promise<void> {
    await this.#lock.run(async () => {
      if (event.bookmark !== this.#bookmark || event.head === null) return;
      this.#include(event.origin);
      if (event.repoSeq < this.#head.repoSeq || event.head.change === this.#head.change) return;
      await this.#adopt({ ...event.head, bookmark: this.#bookmark }, null, false);
    });
  }

  /** Stops sending; answers how many operations were not accepted. */
  async close(): Promise<number> {
    await this.driver.drained();
    const left = this.driver.close();
    this.trees.close();
    await this.objects.close();
    return left;
  }

  #randomChange(): string {
    return newChangeId((bytes) => this.#options.env.random(bytes));
  }

  #target(): Target {
    return this.#bookmark === null ? { change: this.#head.change } : { bookmark: this.#bookmark, newChange: this.#newChange };
  }

  /** The blobs to send with a plan: its own, and what its entries name of other operations' or of merges made here. */
  #unsent(plan: Plan): StoredObject[] {
    const blobs = new Map(plan.blobs.map((blob) => [blob.oid, blob]));
    for (const edit of plan.edits) {
      for (const term of edit.type === 'write' ? edit.entry : []) {
        const object = term === null || blobs.has(term.oid) || !this.objects.isPinned(term.oid) ? undefined : this.objects.peek(term.oid);
        if (object?.kind === 'blob') blobs.set(object.oid, object);
      }
    }
    return [...blobs.values()];
  }

  /** Sends a batch; again with the blobs that the backend turns out to lack, which are merges made here before it made the same. */
  async #send(operations: Pending[], signal: AbortSignal): Promise<OpsReply> {
    try {
      return await this.remote.send(this.client, operations, signal);
    } catch (error) {
      const lacking = missingOids(error);
      const blobs = (await this.objects.near(lacking)).filter(({ kind }) => kind === 'blob');
      if (lacking.length === 0 || blobs.length < lacking.length) throw error;
      operations[0]?.blobs.push(...blobs);
      return this.remote.send(this.client, operations, signal);
    }
  }

  /** Leaves the bookmark where it is and goes on in a new change. */
  #fork(): void {
    const id = this.#newChange;
    this.#newChange = this.#randomChange();
    const made = this.driver.enqueue({ kind: 'change.create', id, parents: [this.#head.change], message: '' }, []);
    // Its failure shows in the write that follows it.
    made.catch(() => undefined);
    this.#bookmark = null;
    this.#head = { ...this.#head, change: id, bookmark: null };
  }

  /** Marks our operations up to an event's as part of the head it brings. Answers whether the event is ours. */
  #include(origin: ChangeEvent['origin']): boolean {
    if (origin?.client !== this.client) return false;
    for (const operation of this.driver.pending) if (operation.seq <= origin.seq) operation.included = true;
    return true;
  }

  #settled(reply: OpsReply, batch: Pending[], remove: () => void): Promise<void> {
    return this.#lock.run(async () => {
      remove();
      let head = this.#head;
      const bodies = new Map(batch.map((operation) => [operation.seq, operation.body]));
      for (const result of reply.results) {
        const body = bodies.get(result.seq);
        if (!result.ok || body === undefined || result.repoSeq <= head.repoSeq || !concerns(body, head.change)) continue;
        const { change, commit, trees, side, repoSeq } = result;
        head = { ...head, change, commit, trees, side, repoSeq, cursor: reply.cursor };
      }
      if (head.change === this.#newChange) this.#newChange = this.#randomChange();
      await this.#adopt(head, null, true);
    });
  }

  async #reopen(): Promise<void> {
    const head = await this.#open({ ...revisionOf(this.#bookmark ?? undefined, this.#head.change), paths: [], known: this.#roots() });
    await this.#lock.run(() => this.#adopt({ ...head, bookmark: this.#bookmark }, null, false));
  }

  /**
   * Moves to a new head: lays what is pending on top, and reports what that changes in the view. `hints` are the paths the head is known to differ in
   * from the last one; without them the versions are compared.
   */
  async #adopt(head: Head, hints: TouchedPath[] | null, own: boolean): Promise<void> {
    const before = this.#view;
    const clean = sameView(before, this.#head) && !own;
    const left = this.driver.pending.filter((operation) => !operation.included);
    const view = await this.#onTop(head, left);
    this.#head = head;
    this.#view = view ?? before;
    this.#listen();
    if (view === null) return;
    if (!sameView(before, view)) {
      const paths = await this.#differing(before, view, hints, clean && left.length === 0);
      this.races.arrived(before, paths);
      if (paths.length > 0) this.#options.changed(paths);
    }
    if (left.length === 0 && this.driver.pending.length === 0 && !this.races.active) this.objects.unpin();
  }

  /** What a head looks like with pending operations laid on top. */
  async #onTop(head: Head, left: readonly Pending[]): Promise<View | null> {
    const edits = left.flatMap((operation) => operation.edits);
    try {
      return (await this.trees.apply({ trees: head.trees, side: head.side }, edits)).view;
    } catch {
      // What that takes can't be had now: the view stays as it is until the repo has been opened again.
      void this.driver.reset();
      return null;
    }
  }

  /** Has the rooms of the present change and bookmark listened to. */
  #listen(): void {
    const rooms = JSON.stringify(this.rooms);
    if (rooms === this.#listening) return;
    this.#listening = rooms;
    this.#options.rooms(this.#head.cursor);
  }

  async #differing(before: View, after: View, hints: TouchedPath[] | null, exact: boolean): Promise<TouchedPath[]> {
    try {
      if (hints !== null && exact) return [...hints, ...(await changedConflicts(this.trees, before, after, hints))];
      // Operations on top may have carried an edit elsewhere. What is on the way to the hints comes in one request.
      const inside = (hints ?? []).map(({ path }) => path).filter((path) => path !== '');
      if (inside.length > 0) await this.trees.lookup(after, inside);
      return await changedPaths(this.trees, before, after);
    } catch {
      // What was there before can't be had any more: say too much rather than too little.
      return hints ?? [{ path: '', recursive: true }];
    }
  }

  async #open(request: OpenRequest): Promise<Head> {
    const opened = await this.remote.open(request);
    this.objects.keep(opened.objects);
    return opened.head;
  }

  /** Fetches all that is on the way to some paths, and their blobs, as the server has them now. */
  async #openPaths(paths: string[]): Promise<void> {
    await this.#open({ ...revisionOf(undefined, this.#head.change), paths, known: this.#roots() });
  }

  /** Objects that need not be sent again. */
  #roots(): string[] {
    const { trees, side } = this.#head;
    return [...trees, ...(side === null ? [] : [side])].filter((oid) => this.objects.has(oid));
  }
}

/** Whether an operation's result says where the checkout stands. */
function concerns(body: OperationBody, change: string): boolean {
  switch (body.kind) {
    case 'files':
      return true;
    case 'change.create':
      return body.id === change;
    case 'change.describe':
      return body.change === change;
    default:
      return false;
  }
}

/** The objects that a batch was refused for. */
function missingOids(error: unknown): string[] {
  if (!(error instanceof MesaApiError) || error.code !== 'MISSING_OBJECT') return [];
  const { error: said } = error.body as { error?: { details?: { oids?: unknown } } };
  const oids = said?.details?.oids;
  return Array.isArray(oids) ? oids.filter(isOid) : [];
}

function revisionOf(bookmark: string | undefined, change: string | undefined): { bookmark?: string; change?: string } {
  if (bookmark !== undefined) return { bookmark };
  return change === undefined ? {} : { change };
}

/** 16 random bytes in url-safe base64. */
function newClientId(env: Env): string {
  const bytes = new Uint8Array(16);
  env.random(bytes);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .slice(0, 22);
}
