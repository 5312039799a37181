import type { Env, TimerHandle } from '../../base/env.ts';
import { delay } from '../../base/env.ts';
import type { BookmarkEvent, ChangeEvent, LiveEvent, NewObjects, Room } from '../../wire/events.ts';
import { formatRoom } from '../../wire/events.ts';
import { unlessAborted } from '../remote/time-limit.ts';
import { isTransient, isUnauthorized, retryAfterOf, retryDelay } from './backoff.ts';

/** Milliseconds without a byte after which a stream is taken for dead; the server sends a comment every 15 s. */
const SILENCE = 45_000;
/** Milliseconds after which a stream has held: what went wrong before it is over. */
const LASTING = 30_000;
/** Milliseconds between tries while there is no token. */
const EXPIRED_WAIT = 15_000;

/** How the stream stands. */
export type FeedState = 'connecting' | 'live' | 'reconnecting' | 'expired' | 'closed';

/** Where rooms are to be heard from: a cursor, and the number of the repo's history as of which they are known. */
export interface Place {
  cursor: string;
  repoSeq: number;
}

/** What a {@link Feed} is made of. */
export interface FeedPorts {
  env: Env;
  open: (rooms: Room[], cursors: string[], signal: AbortSignal, alive: () => void) => AsyncIterable<LiveEvent>;
  /** What the event that comes next has that is new: it need not be asked for. */
  objects: (objects: NewObjects) => void;
  change: (event: ChangeEvent) => Promise<void>;
  bookmark: (event: BookmarkEvent) => Promise<void>;
  /** The events can't be resumed: open everything again, and answer the cursors to go on from. `cursor`: where the stream stands now; `''`, it does not say. */
  reset: (cursor: string) => Promise<string[]>;
  changed: (state: FeedState, error: unknown) => void;
}

/** Holds one stream of events for all rooms of a mount: resumed by cursor after every interruption, begun again when the rooms change. */
export class Feed {
  readonly #ports: FeedPorts;
  #rooms: Room[] = [];
  /** Where to go on from: one for each open at first, then that of the last event. */
  #cursors: string[] = [];
  /** By repo, the earliest place to hear rooms from that were entered since the last event. */
  readonly #added = new Map<string, Place>();
  #connection = new AbortController();
  #state: FeedState = 'connecting';
  #running: Promise<void> | null = null;
  /** Nothing was heard since events were lost. */
  #lost = false;
  readonly #closing = new AbortController();
  /** Ends a wait between two tries. */
  #wake = new AbortController();

  constructor(ports: FeedPorts) {
    this.#ports = ports;
  }

  get state(): FeedState {
    return this.#state;
  }

  #refusal: unknown = null;

  /** Begins to listen after what the cursors have seen; does nothing when it has begun. */
  start(rooms: Room[], cursors: string[]): void {
    if (this.#running !== null || this.#state === 'closed') return;
    this.#rooms = rooms;
    this.#cursors = cursors;
    this.#running = this.#run();
  }

  /** Listens to other rooms from here on; `place` says from where those of `repo` are to be heard. */
  listen(rooms: Room[], repo: string, { cursor, repoSeq }: Place): void {
    const names = (list: Room[]): string => list.map(formatRoom).toSorted().join('\n');
    if (names(rooms) === names(this.#rooms) || this.#running === null) return;
    this.#rooms = rooms;
    // What was heard in the old rooms may be ahead of what is known of the new: the earlier counts. What was kept on the device may be the oldest of all.
    const added = this.#added.get(repo);
    if (added === undefined || repoSeq < added.repoSeq) this.#added.set(repo, { cursor, repoSeq });
    this.#connection.abort(REROOMED);
    this.#wake.abort();
  }

  /** Tries again at once: the network is back, or there is a new token. */
  retry(): void {
    this.#wake.abort();
  }

  async close(): Promise<void> {
    this.#move('closed', null);
    this.#closing.abort();
    this.#connection.abort();
    this.#wake.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let attempt = 0; this.#open;) {
      try {
        const again = await this.#listenOnce(() => {
          if (!this.#lost) attempt = 0;
        });
        if (again) continue;
        if (this.#open) this.#move('reconnecting', null);
      } catch (error) {
        if (!this.#open) return;
        if (isUnauthorized(error)) {
          this.#move('expired', error);
          await this.#pause(EXPIRED_WAIT);
          continue;
        }
        this.#move('reconnecting', error);
        this.#refuse(isTransient(error) ? null : error);
        if (!isTransient(error)) attempt = Math.max(attempt, 4);
        await this.#pause(retryDelay(this.#ports.env, attempt, retryAfterOf(this.#ports.env, error)));
        attempt += 1;
        continue;
      }
      await this.#pause(retryDelay(this.#ports.env, attempt));
      attempt += 1;
    }
  }

  /** What the stream is refused with for good, or `null`. */
  get refusal(): unknown {
    return this.#refusal;
  }

  #refuse(refusal: unknown): void {
    const isKnown = (this.#refusal === null) === (refusal === null);
    this.#refusal = refusal;
    if (!isKnown) this.#ports.changed(this.#state, null);
  }

  get #open(): boolean {
    return this.#state !== 'closed';
  }

  /** One connection. Answers whether to connect again at once. */
  async #listenOnce(live: () => void): Promise<boolean> {
    const { env, open } = this.#ports;
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    let timer: TimerHandle = null;
    let readyAt = Infinity;
    const alive = (): void => {
      if (timer !== null) env.clock.clear(timer);
      timer = env.clock.set(() => this.#connection.abort(new Error('The event stream fell silent')), SILENCE);
    };
    alive();
    try {
      for await (const event of open(this.#rooms, [...this.#cursors, ...[...this.#added.values()].map(({ cursor }) => cursor)], signal, alive)) {
        if (signal.aborted) throw signal.reason;
        if (event.event === 'bye') {
          this.#lost = false;
          return true;
        }
        if (event.event === 'reset') {
          const before = this.#lost;
          this.#lost = true;
          this.#goOn(await unlessAborted(this.#ports.reset(event.id), signal));
          // Lost again at once: that may go on for ever, and is tried now and then.
          return !before;
        }
        if (event.event === 'ready') {
          live();
          readyAt = env.clock.now();
          this.#move('live', null);
          this.#refuse(null);
          continue;
        }
        this.#lost = false;
        // Taking in what it tells may have to wait for the network; closing does not.
        if (event.event === 'objects') this.#ports.objects(event.data);
        else if (event.event === 'change') await unlessAborted(this.#ports.change(event.data), this.#closing.signal);
        else await unlessAborted(this.#ports.bookmark(event.data), this.#closing.signal);
        // Rooms entered meanwhile are to be heard from where they were entered; what is told twice is no news.
        if (signal.aborted) throw signal.reason;
        if (event.id !== '') this.#goOn([event.id]);
      }
      return false;
    } catch (error) {
      if (signal.reason === REROOMED && this.#open) return true;
      throw error;
    } finally {
      if (timer !== null) env.clock.clear(timer);
      if (env.clock.now() - readyAt > LASTING) this.#lost = false;
      this.#connection.abort();
    }
  }

  #goOn(cursors: string[]): void {
    this.#cursors = cursors;
    this.#added.clear();
  }

  async #pause(ms: number): Promise<void> {
    if (!this.#open) return;
    this.#wake = new AbortController();
    await delay(this.#ports.env.clock, ms, this.#wake.signal).catch(() => undefined);
  }

  #move(state: FeedState, error: unknown): void {
    if (this.#state === 'closed' || this.#state === state) return;
    this.#state = state;
    this.#ports.changed(state, error);
  }
}

/** Why a connection is ended that listens to rooms no longer wanted. */
const REROOMED: Error = new Error('The rooms have changed');
