import type { Clock } from '../../base/env.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { Room } from '../../wire/events.ts';

/** Milliseconds after which a repo that has not answered is no sign of life any more. */
const SLOW_LOOK = 30_000;

/** What {@link RestLooks} are made of. */
export interface RestLooksOptions {
  clock: Clock;
  rooms: readonly Room[];
  /** Asks where a room stands. */
  ask: (room: Room, signal: AbortSignal) => Promise<void>;
  /** A repo has answered, or failed. */
  settled: () => void;
}

/** How it goes with one repo. */
interface Look {
  rooms: Room[];
  /** Since when it is being asked, `null` while it is not. */
  since: number | null;
  /** It is to be asked again after that. */
  again: boolean;
  /** Whether it has answered, the last time it was asked. */
  answered: boolean;
  /** Why it has not, the last time it was asked. */
  failure: { error: unknown } | null;
}

/** Asks the repos of some rooms where they stand, side by side: one that fails or takes long keeps no other from being heard of. */
export class RestLooks {
  readonly #options: RestLooksOptions;
  readonly #looks = new Map<string, Look>();

  constructor(options: RestLooksOptions) {
    this.#options = options;
    for (const room of options.rooms) {
      const look = this.#looks.get(room.repo);
      if (look === undefined) this.#looks.set(room.repo, { rooms: [room], since: null, again: false, answered: false, failure: null });
      else look.rooms.push(room);
    }
  }

  /** Asks every repo that is not being asked. `anew`: the others once more, since what they answer may be older than the reason to ask. */
  start(signal: AbortSignal, anew: boolean): void {
    for (const look of this.#looks.values()) {
      if (look.since === null) void this.#ask(look, signal);
      else look.again ||= anew;
    }
  }

  /** Whether a repo is being asked. */
  isAsking(repo: string): boolean {
    return (this.#looks.get(repo)?.since ?? null) !== null;
  }

  /** Whether any repo has answered. */
  get isReached(): boolean {
    return this.#looks.size === 0 || this.#all.some(({ answered }) => answered);
  }

  /** Whether all of them have been asked for long. */
  get isSilent(): boolean {
    const now = this.#options.clock.now();
    return this.#looks.size > 0 && this.#all.every(({ since }) => since !== null && now - since >= SLOW_LOOK);
  }

  /** Why none can be heard of: a token that is refused, or a failure of every one. `null` while one can. */
  get failure(): { error: unknown } | null {
    const failures = this.#all.map(({ failure }) => failure).filter((failure) => failure !== null);
    const all = failures.length === this.#looks.size ? failures[0] : undefined;
    return failures.find(({ error }) => error instanceof MesaApiError && error.status === 401) ?? all ?? null;
  }

  async #ask(look: Look, signal: AbortSignal): Promise<void> {
    look.since = this.#options.clock.now();
    try {
      await Promise.all(look.rooms.map((room) => this.#options.ask(room, signal)));
      Object.assign(look, { answered: true, failure: null });
    } catch (error) {
      Object.assign(look, { answered: false, failure: { error } });
    }
    look.since = null;
    if (look.again && !signal.aborted) {
      look.again = false;
      void this.#ask(look, signal);
    }
    this.#options.settled();
  }

  get #all(): Look[] {
    return [...this.#looks.values()];
  }
}
