import type { Env } from '../../base/env.ts';
import { delay } from '../../base/env.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { Head, LiveEvent, Room } from '../../wire/events.ts';
import type { KnownChange, RestRepo } from './rest-repo.ts';

/** How often others' writes are looked for, in milliseconds: right after something happened, and after nothing has for long. */
export interface PollTimes {
  fastest: number;
  slowest: number;
}

/** Once a second while something happens, down to twice a minute. */
export const POLL_TIMES: PollTimes = { fastest: 1_000, slowest: 30_000 };
/** How much longer each wait is than the one before it. */
const SLOWING = 1.5;
/** Milliseconds within which a sign of life is given, while nothing is asked. */
const SIGN_OF_LIFE = 10_000;
/** Milliseconds after which a look without an answer is no sign of life any more. */
const SLOW_LOOK = 30_000;

/** What a {@link RestPoll} is made of. */
export interface RestPollOptions {
  env: Env;
  org: string;
  times: PollTimes;
  repo: (name: string) => RestRepo;
}

/** What one listener waits for. */
interface Listener {
  /** Something is known that has not been told. */
  news: boolean;
  /** Something is to be looked for at once. */
  look: boolean;
  /** When it is looked for again at the latest: what is told meanwhile does not put that off. */
  due: number;
  /** Since when it is being looked for. */
  since: number | null;
  wake: AbortController;
}

/**
 * Events out of an API that has none: it looks where the changes and bookmarks of the rooms stand, soon after something happened and ever more seldom when
 * nothing does, and not at all while nobody looks on or there is no network.
 */
export class RestPoll {
  readonly #options: RestPollOptions;
  /** Names this remote's count of what it has learnt: it begins anew with the next. */
  readonly #epoch: string;
  readonly #listeners = new Set<Listener>();
  #wait: number;
  #paused = false;

  constructor(options: RestPollOptions) {
    this.#options = options;
    this.#wait = options.times.fastest;
    const random = new Uint8Array(8);
    options.env.random(random);
    this.#epoch = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  /** A place in the events: right after the numbers up to which repos have been told of. */
  cursor(seqs: Record<string, number>): string {
    return JSON.stringify({ epoch: this.#epoch, seqs });
  }

  /** There is something to tell. */
  tell(): void {
    for (const listener of this.#listeners) {
      listener.news = true;
      listener.wake.abort();
    }
  }

  /** Looks often for a while. */
  hurry(): void {
    this.#wait = this.#options.times.fastest;
  }

  /** Looks at once, and often for a while. */
  look(): void {
    this.#wait = this.#options.times.fastest;
    for (const listener of this.#listeners) {
      listener.look = true;
      listener.wake.abort();
    }
  }

  /** Stops looking, or goes on at once. */
  pause(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.look();
  }

  /** One stream of events, without end: it fails when the API can't be reached. */
  async *events(rooms: Room[], cursors: string[], signal: AbortSignal, alive: () => void): AsyncIterable<LiveEvent> {
    const told = this.#readCursors(cursors);
    if (told === null) {
      yield { event: 'reset', id: this.cursor({}), data: {} };
      return;
    }
    const listener: Listener = { news: false, look: !this.#isFresh(rooms), due: Infinity, since: null, wake: new AbortController() };
    this.#listeners.add(listener);
    const { clock } = this.#options.env;
    const isSilent = (): boolean => listener.since !== null && clock.now() - listener.since >= SLOW_LOOK;
    const stop = repeat(this.#options.env, SIGN_OF_LIFE, () => (isSilent() ? undefined : alive()));
    try {
      if (listener.look) await this.#look(rooms, listener, signal);
      yield { event: 'ready', id: '', data: { cursor: this.cursor(Object.fromEntries(told)) } };
      while (!signal.aborted) {
        listener.news = false;
        for (const event of await this.#news(rooms, told, signal)) {
          this.#wait = this.#options.times.fastest;
          yield event;
        }
        await this.#rest(listener, signal);
        if (listener.look && !this.#paused && !signal.aborted) await this.#look(rooms, listener, signal);
      }
    } finally {
      stop();
      this.#listeners.delete(listener);
    }
  }

  /** Waits until there is something to tell or to look for. */
  async #rest(listener: Listener, signal: AbortSignal): Promise<void> {
    if (listener.news || (listener.look && !this.#paused)) return;
    listener.wake = new AbortController();
    const { clock } = this.#options.env;
    listener.due = Math.min(listener.due, clock.now() + this.#wait);
    const woken = AbortSignal.any([signal, listener.wake.signal]);
    try {
      await delay(clock, this.#paused ? SIGN_OF_LIFE : Math.max(0, listener.due - clock.now()), woken);
      if (this.#paused) return;
      listener.look = true;
      this.#wait = Math.min(this.#options.times.slowest, this.#wait * SLOWING);
    } catch {
      // Woken: the loop sees what for.
    }
  }

  /** Asks where everything in the rooms stands. */
  async #look(rooms: Room[], listener: Listener, signal: AbortSignal): Promise<void> {
    Object.assign(listener, { look: false, due: Infinity, since: this.#options.env.clock.now() });
    const looks = rooms.map((room): Promise<unknown> => {
      const repo = this.#options.repo(room.repo);
      return 'change' in room ? repo.look(room.change, signal) : repo.lookBookmark(room.bookmark, signal);
    });
    await Promise.all(looks.map((look) => look.catch(unlessGone)));
    listener.since = null;
  }

  /** What is known of the rooms and has not been told, in the order it was learnt. */
  async #news(rooms: Room[], told: Map<string, number>, signal: AbortSignal): Promise<LiveEvent[]> {
    const events: LiveEvent[] = [];
    for (const name of new Set(rooms.map(({ repo }) => repo))) {
      const repo = this.#options.repo(name);
      const since = told.get(name) ?? 0;
      const found: { seq: number; event: (id: string) => LiveEvent | Promise<LiveEvent | null> }[] = [];
      for (const room of rooms.filter((one) => one.repo === name)) {
        if ('change' in room) {
          const known = repo.known(room.change);
          if (known !== undefined && known.seq > since) found.push({ seq: known.seq, event: (id) => changeEvent(name, known, id) });
        } else {
          const known = repo.bookmarks.get(room.bookmark);
          if (known !== undefined && known.seq > since) found.push({ seq: known.seq, event: (id) => this.#bookmarkEvent(name, room.bookmark, id, signal) });
        }
      }
      for (const { seq, event } of found.toSorted((a, b) => a.seq - b.seq)) {
        told.set(name, seq);
        const made = await event(this.cursor(Object.fromEntries(told)));
        if (made !== null) events.push(made);
      }
    }
    return events;
  }

  async #bookmarkEvent(name: string, bookmark: string, id: string, signal: AbortSignal): Promise<LiveEvent | null> {
    const repo = this.#options.repo(name);
    const known = repo.bookmarks.get(bookmark);
    if (known === undefined) return null;
    const { change, previous, seq } = known;
    const stands = repo.known(change) ?? (await repo.look(change, signal));
    const head = this.headOf(name, stands, bookmark);
    return { event: 'bookmark', id, data: { repo: name, bookmark, change, previous, repoSeq: seq, origin: null, head } };
  }

  /** Where a change stands, as a mount takes it. */
  headOf(name: string, { id, commit, tree, side, seq }: KnownChange, bookmark: string | null): Head {
    const defaultBookmark = this.#options.repo(name).defaultBookmark ?? bookmark ?? '';
    const { org } = this.#options;
    return { org, repo: name, defaultBookmark, bookmark, change: id, commit, trees: [tree], side, repoSeq: seq, cursor: this.cursor({ [name]: seq }) };
  }

  /** Whether the API was heard of just now. */
  #isFresh(rooms: Room[]): boolean {
    const { env, repo } = this.#options;
    return rooms.every((room) => env.clock.now() - repo(room.repo).answeredAt < POLL_TIMES.fastest);
  }

  /** Of each repo the earliest; `null` when one is of another count. */
  #readCursors(cursors: string[]): Map<string, number> | null {
    const told = new Map<string, number>();
    for (const text of cursors) {
      const { epoch, seqs } = readCursor(text);
      if (epoch !== this.#epoch) return null;
      for (const [repo, seq] of Object.entries(seqs)) told.set(repo, Math.min(seq, told.get(repo) ?? seq));
    }
    return told;
  }
}

function readCursor(text: string): { epoch: unknown; seqs: Record<string, number> } {
  try {
    return JSON.parse(text) as { epoch: unknown; seqs: Record<string, number> };
  } catch {
    return { epoch: null, seqs: {} };
  }
}

/** What differs is not said: the one who hears compares the versions. */
function changeEvent(repo: string, { id: change, commit, tree, side, seq, origin }: KnownChange, id: string): LiveEvent {
  return { event: 'change', id, data: { repo, change, commit, trees: [tree], side, repoSeq: seq, origin, paths: [{ path: '', recursive: true }] } };
}

/** What is not there any more stays as it was last seen. */
function unlessGone(error: unknown): void {
  if (!(error instanceof MesaApiError) || error.status !== 404 || error.code === undefined) throw error;
}

/** Calls a function again and again; the answer stops that. */
function repeat({ clock }: Env, ms: number, task: () => void): () => void {
  let handle: unknown = null;
  const again = (): void => {
    task();
    handle = clock.set(again, ms);
  };
  again();
  return () => clock.clear(handle);
}
