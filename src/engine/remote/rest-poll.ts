import type { Env } from '../../base/env.ts';
import { delay } from '../../base/env.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { Head, LiveEvent, Room } from '../../wire/events.ts';
import { RestLooks } from './rest-looks.ts';
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
  /** It is to be looked for others' writes: because it is time to, or something hints at some. */
  look: 'due' | 'hint' | null;
  /** When it is looked for again at the latest: what is told meanwhile does not put that off. */
  due: number;
  looks: RestLooks;
  /** The changes that bookmarks have gone on to and that were not known. */
  lacking: Set<string>;
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
    for (const listener of this.#listeners) this.#wakeUp(listener);
  }

  /** Looks often for a while. */
  hurry(): void {
    this.#wait = this.#options.times.fastest;
  }

  /** Looks at once, and often for a while. */
  look(): void {
    this.#wait = this.#options.times.fastest;
    for (const listener of this.#listeners) {
      listener.look = 'hint';
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
    const { clock } = this.#options.env;
    const settled = (): void => this.#wakeUp(listener);
    const looks = new RestLooks({ clock, rooms, ask: (room, ended) => this.#ask(room, ended), settled });
    const look = this.#isFresh(rooms) ? null : 'due';
    const listener: Listener = { news: false, look, due: Infinity, looks, lacking: new Set(), wake: new AbortController() };
    this.#listeners.add(listener);
    const stop = repeat(this.#options.env, SIGN_OF_LIFE, () => (looks.isSilent ? undefined : alive()));
    let isReady = look === null;
    try {
      if (isReady) yield this.#ready(told);
      while (!signal.aborted) {
        listener.news = false;
        if (listener.look !== null && !(this.#paused && isReady)) {
          looks.start(signal, listener.look === 'hint');
          Object.assign(listener, { look: null, due: Infinity });
        }
        if (looks.failure !== null) throw looks.failure.error;
        if (!isReady && looks.isReached) {
          isReady = true;
          yield this.#ready(told);
        }
        for (const { event, isNews } of isReady ? this.#news(rooms, told, listener) : []) {
          if (isNews) this.hurry();
          yield event;
        }
        await this.#rest(listener, signal);
      }
    } finally {
      stop();
      this.#listeners.delete(listener);
    }
  }

  #ready(told: Map<string, number>): LiveEvent {
    return { event: 'ready', id: '', data: { cursor: this.cursor(Object.fromEntries(told)) } };
  }

  #wakeUp(listener: Listener): void {
    listener.news = true;
    listener.wake.abort();
  }

  /** Waits until there is something to tell or to look for. */
  async #rest(listener: Listener, signal: AbortSignal): Promise<void> {
    if (listener.news || (listener.look !== null && !this.#paused)) return;
    listener.wake = new AbortController();
    const { clock } = this.#options.env;
    listener.due = Math.min(listener.due, clock.now() + this.#wait);
    const woken = AbortSignal.any([signal, listener.wake.signal]);
    try {
      await delay(clock, this.#paused ? SIGN_OF_LIFE : Math.max(0, listener.due - clock.now()), woken);
      if (this.#paused) return;
      listener.look ??= 'due';
      this.#wait = Math.min(this.#options.times.slowest, this.#wait * SLOWING);
    } catch {
      // Woken: the loop sees what for.
    }
  }

  /** Asks where a room stands. What is not there any more stays as it was last seen. */
  async #ask(room: Room, signal: AbortSignal): Promise<void> {
    const repo = this.#options.repo(room.repo);
    try {
      const change = 'change' in room ? room.change : await repo.lookBookmark(room.bookmark, signal);
      if ('change' in room || repo.known(change) === undefined) await repo.look(change, signal);
    } catch (error) {
      if (!(error instanceof MesaApiError) || error.status !== 404 || error.code === undefined) throw error;
    }
  }

  /** What is known of the rooms and has not been told, in the order it was learnt. */
  #news(rooms: Room[], told: Map<string, number>, listener: Listener): { event: LiveEvent; isNews: boolean }[] {
    const events: { event: LiveEvent; isNews: boolean }[] = [];
    for (const name of new Set(rooms.map(({ repo }) => repo))) {
      const since = told.get(name) ?? 0;
      const found = rooms.flatMap((room) => (room.repo === name ? (this.#known(room) ?? []) : []));
      for (const { seq, learnt, change, event } of found.filter((one) => one.seq > since).toSorted((a, b) => a.seq - b.seq)) {
        // What comes later is told after it.
        if (event === null) {
          if (!listener.lacking.has(change) && !listener.looks.isAsking(name)) listener.look = 'hint';
          listener.lacking.add(change);
          break;
        }
        told.set(name, seq);
        events.push({ event: event(this.cursor(Object.fromEntries(told))), isNews: learnt > since });
      }
    }
    return events;
  }

  /** What there is to tell of a room, and when it was learnt; without an event where it is not known whole. */
  #known(room: Room): { seq: number; learnt: number; change: string; event: ((id: string) => LiveEvent) | null } | null {
    const repo = this.#options.repo(room.repo);
    if ('change' in room) {
      const known = repo.known(room.change);
      return known === undefined ? null : { seq: known.seq, learnt: known.learnt, change: known.id, event: (id) => changeEvent(room.repo, known, id) };
    }
    const stands = repo.bookmarks.get(room.bookmark);
    if (stands === undefined) return null;
    const { change, previous, seq } = stands;
    const known = repo.known(change);
    if (known === undefined) return { seq, learnt: seq, change, event: null };
    const head = this.headOf(room.repo, known, room.bookmark);
    const data = { repo: room.repo, bookmark: room.bookmark, change, previous, repoSeq: seq, origin: null, head };
    return { seq, learnt: seq, change, event: (id) => ({ event: 'bookmark', id, data }) };
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
