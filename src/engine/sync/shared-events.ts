import type { Env, TimerHandle } from '../../base/env.ts';
import type { LiveEvent, Room } from '../../wire/events.ts';
import { formatRoom } from '../../wire/events.ts';
import { LIMITS } from '../../wire/limits.ts';
import type { Channel, Device, HeldLock } from '../journal/device.ts';
import type { Remote } from '../remote/interface.ts';
import { Mailbox } from './mailbox.ts';

/** Milliseconds between two signs of life of a leader, and after which one that gives none has its lead taken away. */
const BEAT = 4_000;
const FROZEN = 13_000;
/** Milliseconds in which those who join are gathered before the stream is opened anew for them. */
const GATHER = 20;
/** Milliseconds between two times that a leader whose stream is full asks all whom it has let in whether they are there. */
const REVIEW = 60_000;

/** Who listens, and from where. */
interface Member {
  rooms: Room[];
  cursors: string[];
  /** The stream that is open now delivers its rooms. */
  covered: boolean;
}

/**
 * What engines say on the channel. `epoch` names one time of leading: a follower listens only to the leader that has let it in. `count` is the number
 * of events passed on so far, by which one that was lost is missed. `ids` are all whose rooms a stream delivers, `joined` those that it takes up where they
 * are; the others go on.
 */
type Message =
  | { type: 'want'; id: string; rooms: Room[]; cursors: string[] }
  | { type: 'leave'; id: string }
  | { type: 'lead'; epoch: string }
  | { type: 'beat'; epoch: string; upstream: boolean; count: number }
  | { type: 'open'; epoch: string; ids: string[]; joined: string[]; event: LiveEvent; count: number }
  | { type: 'event'; epoch: string; event: LiveEvent; count: number }
  | { type: 'full'; epoch: string; id: string }
  | { type: 'gone'; epoch: string; failed: boolean };

/** What {@link shareEvents} is made of. */
export interface SharedEventsOptions {
  env: Env;
  device: Pick<Device, 'locks' | 'channel'>;
  /** One for an API address, a login and its repos: whoever leads has a token that covers what the others listen to. */
  name: string;
  upstream: Remote['events'];
}

/**
 * Lets all engines of a device share one stream of events, since a browser gives an origin six connections over HTTP/1.1. Whoever holds a lock has the
 * stream and passes events on. The lock saves connections and nothing depends on it: with two leaders, or none, events are late or come twice. Where
 * there are no locks or channels to be had, as in a page whose data is blocked, each has a stream of its own.
 */
export function shareEvents(options: SharedEventsOptions): Remote['events'] {
  return async function* events(rooms, cursors, signal, alive) {
    const line = openLine(options, { rooms, cursors, covered: false }, signal, alive);
    if (line === null) return yield* options.upstream(rooms, cursors, signal, alive);
    try {
      yield* line.run();
    } finally {
      line.close();
    }
  };
}

/** A listener, or `null` where there is no channel for it. */
function openLine(...args: ConstructorParameters<typeof Line>): Line | null {
  try {
    return new Line(...args);
  } catch {
    return null;
  }
}

/** One listener: it follows while another engine leads, and leads when none does. */
class Line {
  readonly #options: SharedEventsOptions;
  readonly #id: string;
  readonly #own: Member;
  readonly #signal: AbortSignal;
  readonly #alive: () => void;
  readonly #channel: Channel;
  readonly #lock: string;
  #listener: (message: Message) => void = () => undefined;

  constructor(options: SharedEventsOptions, own: Member, signal: AbortSignal, alive: () => void) {
    const { device, env, name } = options;
    this.#options = options;
    this.#id = randomName(env);
    this.#own = own;
    this.#signal = signal;
    this.#alive = alive;
    this.#lock = `mesafs:events:1:${name}`;
    this.#channel = device.channel(this.#lock);
    this.#channel.listen((message) => this.#listener(message as Message));
  }

  async *run(): AsyncGenerator<LiveEvent, void, undefined> {
    const free = await this.#options.device.locks.tryHold(this.#lock).catch(() => 'alone' as const);
    const lock = free ?? (yield* this.#follow());
    if (lock === 'alone') yield* this.#options.upstream(this.#own.rooms, this.#own.cursors, this.#signal, this.#alive);
    else if (lock !== null) yield* this.#lead(lock);
  }

  close(): void {
    this.#channel.post({ type: 'leave', id: this.#id } satisfies Message);
    this.#channel.close();
  }

  /** Listens to the leader; answers the lock once there is none, `null` when this has to begin again, `alone` when the leader has no room for its rooms. */
  async *#follow(): AsyncGenerator<LiveEvent, HeldLock | 'alone' | null, undefined> {
    const { locks } = this.#options.device;
    const inbox = new Mailbox<Message | { type: 'lock' }>(this.#signal);
    let granted: HeldLock | null = null;
    const waiting = new AbortController();
    const promoted = (lock: HeldLock): void => {
      if (granted !== null || waiting.signal.aborted) return lock.release();
      granted = lock;
      inbox.put({ type: 'lock' });
    };
    locks.hold(this.#lock, waiting.signal).then(promoted, () => undefined);
    const watch = this.#watch(() => void locks.steal(this.#lock).then(promoted, () => undefined));
    this.#listener = (message) => {
      if (message.type === 'beat') watch.heard(message.upstream);
      inbox.put(message);
    };
    const { clock } = this.#options.env;
    let asked = 0;
    const want = (): void => {
      asked = clock.now();
      this.#channel.post({ type: 'want', id: this.#id, rooms: this.#own.rooms, cursors: this.#own.cursors } satisfies Message);
    };
    want();
    let leader: string | null = null;
    let count = 0;
    try {
      for await (const message of inbox) {
        if (message.type === 'lock') {
          const lock: HeldLock | null = granted;
          granted = null;
          return lock;
        }
        // A leader is there that has not let this in: what was asked, or that it leads now, may have been lost.
        if (message.type === 'beat' && message.epoch !== leader && clock.now() - asked > 2 * BEAT) want();
        const missed = message.type === 'event' ? message.count !== count + 1 : 'count' in message && message.count > count;
        if (message.type === 'lead' || ('epoch' in message && message.epoch === leader && missed)) {
          // From where it is: what was lost comes again.
          leader = null;
          want();
        } else if (message.type === 'open' && message.ids.includes(this.#id) && message.epoch !== leader && !message.joined.includes(this.#id)) {
          // It was let in before, which was lost, and with it what has come since.
          want();
        } else if (message.type === 'open' && message.ids.includes(this.#id)) {
          leader = message.epoch;
          count = message.count;
          watch.heard(true);
          yield message.event;
        } else if (message.type === 'event' && message.epoch === leader) {
          watch.heard(true);
          count = message.count;
          if (message.event.id !== '') this.#own.cursors = [message.event.id];
          yield message.event;
          if (message.event.event === 'reset') return null;
        } else if (message.type === 'full' && message.id === this.#id) {
          return 'alone';
        } else if (message.type === 'gone' && message.epoch === leader) {
          // Its own end is no failure of the network: whoever gets the lock goes on.
          leader = null;
          if (message.failed) throw new Error('The stream of events failed in another tab');
        }
      }
      return null;
    } finally {
      waiting.abort(new Error('It is no longer waited for'));
      // Granted in the moment in which this ended.
      (granted as HeldLock | null)?.release();
      watch.stop();
      this.#listener = () => undefined;
    }
  }

  /** Holds the stream for all who listen. */
  async *#lead(lock: HeldLock): AsyncGenerator<LiveEvent, void, undefined> {
    const { env, upstream } = this.#options;
    const epoch = randomName(env);
    const members = new Map<string, Member>([[this.#id, this.#own]]);
    let connection = new AbortController();
    let gathering: TimerHandle = null;
    const regather = (): void => void (gathering ??= env.clock.set(() => ((gathering = null), connection.abort(JOINED)), GATHER));
    const post = (message: Message): void => this.#channel.post(message);
    let reviewed = -Infinity;
    this.#listener = (message) => {
      if (message.type === 'leave') members.delete(message.id);
      if (message.type !== 'want') return;
      const others = [...members].filter(([id]) => id !== message.id).map(([, member]) => member);
      if (roomsOf([...others, message]).length <= LIMITS.maxRooms) {
        members.set(message.id, { rooms: message.rooms, cursors: message.cursors, covered: false });
        regather();
      } else if (env.clock.now() - reviewed > REVIEW) {
        // Who was killed has not said so: those who live ask again.
        reviewed = env.clock.now();
        for (const id of members.keys()) if (id !== this.#id) members.delete(id);
        post({ type: 'lead', epoch });
      } else post({ type: 'full', epoch, id: message.id });
    };
    let count = 0;
    const beat = (): void => {
      post({ type: 'beat', epoch, upstream: false, count });
      timer = env.clock.set(beat, BEAT);
    };
    let timer: TimerHandle = env.clock.set(beat, BEAT);
    post({ type: 'lead', epoch });
    let failed = true;
    try {
      while (!lock.lost.aborted) {
        connection = new AbortController();
        const covered = [...members.values()];
        const signal = AbortSignal.any([this.#signal, lock.lost, connection.signal]);
        let again = false;
        const heard = (): void => {
          this.#alive();
          post({ type: 'beat', epoch, upstream: true, count });
        };
        try {
          for await (const event of upstream(roomsOf(covered), cursorsOf(covered), signal, heard)) {
            if (event.event === 'bye') {
              again = true;
              break;
            }
            if (event.event === 'ready') {
              const present = new Set(covered);
              const joined = [...members].filter(([, member]) => present.has(member) && !member.covered).map(([id]) => id);
              for (const member of covered) member.covered = true;
              post({ type: 'open', epoch, ids: [...members].filter(([, member]) => member.covered).map(([id]) => id), joined, event, count });
            } else {
              if (event.id !== '') for (const member of covered) member.cursors = [event.id];
              count += 1;
              post({ type: 'event', epoch, event, count });
            }
            yield event;
            if (event.event === 'reset') {
              failed = false;
              return;
            }
          }
        } catch (error) {
          if (connection.signal.reason !== JOINED || this.#signal.aborted || lock.lost.aborted) throw error;
          again = true;
        }
        // Ended without a word: whoever listens waits a while before the next try.
        if (!again) return;
      }
      failed = false;
    } catch (error) {
      if (!lock.lost.aborted) throw error;
    } finally {
      env.clock.clear(timer);
      if (gathering !== null) env.clock.clear(gathering);
      this.#listener = () => undefined;
      // Ended from here, or its lead was taken: nothing is wrong with the network.
      post({ type: 'gone', epoch, failed: failed && !this.#signal.aborted && !lock.lost.aborted });
      lock.release();
    }
  }

  /** Watches for signs of life of a leader; `frozen` is called when there were none for too long. */
  #watch(frozen: () => void): { heard: (upstream: boolean) => void; stop: () => void } {
    const { clock } = this.#options.env;
    let timer: TimerHandle = null;
    let stopped = false;
    const again = (): void => {
      if (timer !== null) clock.clear(timer);
      if (stopped) return;
      timer = clock.set(() => {
        again();
        frozen();
      }, FROZEN);
    };
    again();
    return {
      heard: (upstream) => {
        if (upstream) this.#alive();
        again();
      },
      stop: () => {
        stopped = true;
        clock.clear(timer);
      },
    };
  }
}

/** Why a stream is ended that lacks the rooms of someone who joined. */
const JOINED: Error = new Error('Another tab listens too');

function roomsOf(members: readonly Pick<Member, 'rooms'>[]): Room[] {
  return [...new Map(members.flatMap(({ rooms }) => rooms.map((room) => [formatRoom(room), room]))).values()];
}

function cursorsOf(members: readonly Member[]): string[] {
  return [...new Set(members.flatMap(({ cursors }) => cursors))];
}

function randomName(env: Env): string {
  const bytes = new Uint8Array(12);
  env.random(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
