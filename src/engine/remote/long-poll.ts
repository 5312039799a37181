import type { Clock } from '../../base/env.ts';
import type { LiveEvent, LongPoll } from '../../wire/events.ts';

/** Milliseconds in which a stream has to say its first word: it says it at once, unless something on the way holds it back. */
const FIRST_WORD = 10_000;
/** Streams in a row that were silent before polls take their place: one alone is a connection that broke. */
const SILENT = 2;
/** Milliseconds after which a stream is tried again. */
const POLLING = 300_000;

/** How events are asked for, one way or the other. */
export interface Ways {
  signal: AbortSignal;
  cursors: string[];
  stream: (signal: AbortSignal) => AsyncIterable<LiveEvent>;
  /** Asks what came after some cursors, and waits `seconds` for it. */
  poll: (cursors: string[], seconds: number) => Promise<LongPoll>;
}

/** Listens to a stream, or polls where streams are buffered on their way: then they open and nothing arrives. */
export class StreamOrPoll {
  readonly #clock: Clock;
  #silent = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async *events(ways: Ways): AsyncGenerator<LiveEvent, void, undefined> {
    if (this.#silent < SILENT) yield* this.#listen(ways);
    else yield* this.#poll(ways);
  }

  async *#listen({ signal, stream }: Ways): AsyncGenerator<LiveEvent, void, undefined> {
    const held = new AbortController();
    const timer = this.#clock.set(() => held.abort(new Error('The event stream is held back on its way')), FIRST_WORD);
    try {
      for await (const event of stream(AbortSignal.any([signal, held.signal]))) {
        this.#clock.clear(timer);
        this.#silent = 0;
        yield event;
      }
    } finally {
      this.#clock.clear(timer);
      if (held.signal.aborted && !signal.aborted) this.#silent += 1;
    }
  }

  async *#poll({ signal, cursors, poll }: Ways): AsyncGenerator<LiveEvent, void, undefined> {
    const until = this.#clock.now() + POLLING;
    let from = cursors;
    for (let wait = 0; this.#clock.now() < until; wait = POLL_SECONDS) {
      signal.throwIfAborted();
      const { events, cursor } = await poll(from, wait);
      if (wait === 0) yield { event: 'ready', id: cursor, data: { cursor } };
      for (const event of events) yield event;
      if (cursor !== '') from = [cursor];
    }
    this.#silent = 0;
    yield { event: 'bye', id: '', data: {} };
  }
}

/** Seconds a poll waits for an event. */
const POLL_SECONDS = 25;
