import { delay } from '../../base/env.ts';
import type { Env, TimerHandle } from '../../base/env.ts';
import { isWithin } from '../../base/paths.ts';
import type { Core } from '../../core/load.ts';
import { MissingObjectError } from '../../core/resolve.ts';
import type { FsArgs, FsResult, MountPorts } from '../../rpc/contract.ts';
import type { LogRecord, MountSpec, RepoSpec, SyncStatus, WatchEvent } from '../../rpc/types.ts';
import type { Room, TouchedPath } from '../../wire/events.ts';
import type { Remote } from '../remote/interface.ts';
import { RepoRemote } from './repo-remote.ts';
import { Feed } from '../sync/feed.ts';
import type { Place } from '../sync/feed.ts';
import { Checkout } from './checkout.ts';
import type { CheckoutOptions } from './checkout.ts';
import { Context } from './context.ts';
import { METHODS } from './methods.ts';
import type { MountMethod } from './methods.ts';
import { absolute, Namespace } from './namespace.ts';
import { Outbox } from './outbox.ts';
import { statusOf } from './status.ts';
import { tell } from './tell.ts';

/** What a {@link Mount} is made of. */
export interface MountOptions {
  env: Env;
  core: Core;
  remote: Remote;
  spec: MountSpec;
  ports: MountPorts;
  /** The stream of events, the remote's own or one that is shared. */
  events: Remote['events'];
  /** Where a repo's objects and unsent operations are kept. */
  stores: (repo: RepoSpec) => Promise<Pick<CheckoutOptions, 'caches' | 'journals' | 'mayNote'>>;
}

/** Milliseconds in which counts of what is pending are told once. */
const COUNTS = 20;
/** Milliseconds that closing gives to the calls under way, and to those that were told to end. */
const LAST_CALL = 1_000;
const LAST_WORDS = 100;
/** Times a call is answered again because the version it was about is gone. */
const MAX_TRIES = 3;

/** Repos under one namespace, kept up to date by one stream of events. */
export class Mount {
  readonly context: Context;
  readonly #options: MountOptions;
  readonly #closing: AbortController;
  readonly #feed: Feed;
  readonly #outbox: Outbox<WatchEvent>;
  #closed: Promise<{ pending: number }> | null = null;
  #lastStatus = '';
  /** The last status without its counts. */
  #lastKind = '';
  #counting: TimerHandle = null;
  #storage: 'persistent' | 'best-effort' = 'best-effort';
  #asked = false;
  #lastError: string | undefined;

  private constructor(options: MountOptions, checkouts: Checkout[], closing: AbortController, outbox: Outbox<WatchEvent>) {
    const { env, core, spec, events } = options;
    this.#options = options;
    this.#closing = closing;
    this.#outbox = outbox;
    this.context = new Context({ namespace: new Namespace(checkouts), core, env, org: spec.org });
    this.#feed = new Feed({
      env,
      open: events,
      objects: ({ repo, objects }) => {
        for (const checkout of checkouts) if (checkout.spec.name === repo) checkout.objects.keep(objects);
      },
      change: (event) => this.#each(event.repo, (checkout) => checkout.heardChange(event)),
      bookmark: (event) => this.#each(event.repo, (checkout) => checkout.heardBookmark(event)),
      reset: (cursor) => this.#reset(cursor),
      changed: (state, error) => {
        // Whatever kept the drivers from sending is over.
        if (state === 'live') for (const checkout of checkouts) checkout.backlog.notify('reached');
        if (error !== null) this.#log(state === 'expired' ? 'error' : 'warn', `The stream of events is ${state}`, error);
        this.report();
      },
    });
  }

  /** Opens every repo, one request each, and begins to listen. @throws MesaApiError when one can't be opened */
  static async open(options: MountOptions): Promise<Mount> {
    const { spec, ports, env } = options;
    const closing = new AbortController();
    const outbox = new Outbox<WatchEvent>((events) => ports.events(events));
    let mount: Mount | null = null;
    const open = async (repo: RepoSpec): Promise<Checkout> => {
      const checkout: Checkout = await Checkout.open({
        env,
        core: options.core,
        remote: new RepoRemote(options.remote, repo.name, env, closing.signal),
        spec: repo,
        raceWindow: spec.raceWindow,
        writes: spec.writes,
        durability: spec.durability ?? 'journal',
        ...(await options.stores(repo)),
        changed: (paths) => outbox.add(eventsOf(checkout, paths)),
        rooms: (place) => mount?.rooms(repo.name, place),
        status: () => mount?.report(),
        reached: () => mount?.heardFrom(),
        warn: (message, error) => log(options, 'warn', message, error),
      });
      return checkout;
    };
    const opened = await Promise.allSettled(spec.repos.map(open));
    const checkouts = opened.filter((result) => result.status === 'fulfilled').map((result) => result.value);
    const failed = opened.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      await Promise.all(checkouts.map((checkout) => checkout.close()));
      throw failed.reason;
    }
    mount = new Mount(options, checkouts, closing, outbox);
    mount.listen();
    return mount;
  }

  /** Answers a call about content. */
  async call<M extends MountMethod>(method: M, args: FsArgs<M>, context: Context = this.context): Promise<FsResult<M>> {
    const answer: (context: Context, ...rest: FsArgs<M>) => Promise<FsResult<M>> = METHODS[method];
    for (let tries = 0; ; tries += 1) {
      try {
        return await answer(context, ...args);
      } catch (error) {
        // A plain REST API has content by path and not by id: what another version replaced can't be read any more, and that version is looked at.
        if (this.#options.remote.kind === 'live' || !(error instanceof MissingObjectError) || tries >= MAX_TRIES) throw error;
        await Promise.all(context.namespace.checkouts.map((checkout) => checkout.reopened()));
      }
    }
  }

  get status(): SyncStatus {
    const { kind } = this.#options.remote;
    return { ...statusOf(this.context.namespace.checkouts, this.#feed, this.#storage, this.#closed !== null), remote: kind };
  }

  /** The platform says that the network is there or gone. */
  network(online: boolean): void {
    for (const checkout of this.context.namespace.checkouts) checkout.backlog.notify(online ? 'online' : 'offline');
    this.#options.remote.pause?.(!online);
    if (online) this.#feed.retry();
  }

  /** Tries at once what waits to be tried again. */
  resume(): void {
    for (const checkout of this.context.namespace.checkouts) checkout.backlog.notify('reached');
    this.#feed.retry();
  }

  /**
   * Ends the stream, lets the writes under way end (those that wait for the network for long fail with `ECANCELED`), and lets go of everything. Closing again
   * answers the same.
   */
  close(): Promise<{ pending: number }> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<{ pending: number }> {
    const quiet = this.#quiet();
    if (!(await this.#isSoon(quiet, LAST_CALL))) {
      // A network that is silent says nothing for minutes.
      this.#closing.abort();
      await this.#feed.close();
      await this.#isSoon(quiet, LAST_WORDS);
    }
    const left = await Promise.all(this.context.namespace.checkouts.map((checkout) => checkout.close()));
    this.#closing.abort();
    if (this.#counting !== null) this.#options.env.clock.clear(this.#counting);
    this.#outbox.close();
    this.report();
    return { pending: left.reduce((sum, count) => sum + count, 0) };
  }

  /** Resolves when the calls under way and the event that was heard last have taken effect, and nothing more is heard. */
  async #quiet(): Promise<void> {
    await this.context.settled();
    await this.#feed.close();
    await Promise.all(this.context.namespace.checkouts.map((checkout) => checkout.standing()));
  }

  /** Whether something ends within so many milliseconds. */
  async #isSoon(ending: Promise<void>, ms: number): Promise<boolean> {
    const patience = new AbortController();
    const late = delay(this.#options.env.clock, ms, patience.signal).then(
      () => false,
      () => false,
    );
    const isSoon = await Promise.race([ending.then(() => true), late]);
    patience.abort();
    return isSoon;
  }

  /** Begins to listen to events, from where the repos were opened. */
  private listen(): void {
    this.#feed.start(this.#rooms(), this.#cursors());
  }

  /** The server has answered: whoever waits to listen need not wait. */
  private heardFrom(): void {
    this.#feed.retry();
  }

  private rooms(repo: string, place: Place): void {
    this.#feed.listen(this.#rooms(), repo, place);
  }

  #rooms(): Room[] {
    return this.context.namespace.checkouts.flatMap((checkout) => checkout.rooms);
  }

  async #each(repo: string, task: (checkout: Checkout) => Promise<void>): Promise<void> {
    await Promise.all(this.context.namespace.checkouts.filter((checkout) => checkout.spec.name === repo).map(task));
  }

  /** Opens everything again after events were lost; answers from where to listen. `cursor`: where the stream stands, for what can't be opened any more. */
  async #reset(cursor: string): Promise<string[]> {
    const open = async (checkout: Checkout): Promise<string> => {
      const before = checkout.head.cursor;
      await checkout.reopened();
      const now = checkout.head.cursor;
      return now === before && cursor !== '' ? cursor : now;
    };
    return Promise.all(this.context.namespace.checkouts.map(open));
  }

  #cursors(): string[] {
    return this.context.namespace.checkouts.map((checkout) => checkout.head.cursor);
  }

  #log(level: LogRecord['level'], message: string, error: unknown): void {
    log(this.#options, level, message, error);
  }

  /** Asks the platform to keep what is stored, once there is something that only this device has. */
  #persist(): void {
    if (this.#asked) return;
    this.#asked = true;
    const [checkout] = this.context.namespace.checkouts;
    void checkout?.persist().then((kept) => {
      if (kept) this.#storage = 'persistent';
      this.report();
    });
  }

  /** Tells how things stand: at once, but for mere counts of what is on its way, which change with every write. */
  private report(counted = false): void {
    const { status } = this;
    if (status.pending > 0) this.#persist();
    const { pending, pendingBytes, lastAcceptedSeq, elsewhere = 0, ...rest } = status;
    const kind = JSON.stringify([rest, pending > 0, elsewhere > 0]);
    if (!counted && kind === this.#lastKind && status.state === 'live') {
      this.#counting ??= this.#options.env.clock.set(() => {
        this.#counting = null;
        this.report(true);
      }, COUNTS);
      return;
    }
    const text = `${kind} ${pending} ${pendingBytes} ${lastAcceptedSeq} ${elsewhere}`;
    if (text === this.#lastStatus) return;
    this.#lastKind = kind;
    this.#lastStatus = text;
    const error = status.error?.message;
    if (error !== this.#lastError && error !== undefined) this.#log('warn', `Sending failed; the mount is ${status.state}`, error);
    this.#lastError = error;
    tell(() => this.#options.ports.status(status));
  }
}

function log({ env, ports }: MountOptions, level: LogRecord['level'], message: string, error: unknown): void {
  const fields = { error: error instanceof Error ? error.message : String(error) };
  tell(() => ports.log({ level, target: 'mesafs::sync', message, timestamp: env.clock.now(), fields }));
}

/** The events of changed paths, without those that another one covers. */
function eventsOf(checkout: Checkout, paths: TouchedPath[]): WatchEvent[] {
  const wide = paths.filter(({ recursive }) => recursive);
  const covered = (path: TouchedPath): boolean => wide.some((other) => other !== path && other.path !== path.path && isWithin(other.path, path.path));
  return paths.filter((path) => !covered(path)).map(({ path, recursive }) => ({ path: absolute(checkout, path), recursive }));
}
