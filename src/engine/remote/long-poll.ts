import type { Clock } from '../../base/env.ts';
import type { LiveEvent, LongPoll } from '../../wire/events.ts';

/** Milliseconds in which a stream that is open has to say its first word: it says it at once, unless something on the way holds it back. */
const FIRST_WORD = 10_000;

/**
 * The events of a stream, or those of polls where the stream is buffered on its way: then it opens and nothing arrives. `stream` opens it with a signal of
 * its own; `poll` asks what came after some cursors, and waits for the answer.
 */
export async function* streamOrPoll(options: {
  clock: Clock;
  signal: AbortSignal;
  cursors: string[];
  stream: (signal: AbortSignal) => AsyncIterable<LiveEvent>;
  poll: (cursors: string[]) => Promise<LongPoll>;
  buffered: () => void;
}): AsyncGenerator<LiveEvent, void, undefined> {
  const { clock, signal, stream } = options;
  const held = new AbortController();
  const timer = clock.set(() => held.abort(HELD_BACK), FIRST_WORD);
  try {
    for await (const event of stream(AbortSignal.any([signal, held.signal]))) {
      clock.clear(timer);
      yield event;
    }
    return;
  } catch (error) {
    if (held.signal.reason !== HELD_BACK || signal.aborted) throw error;
  } finally {
    clock.clear(timer);
  }
  options.buffered();
  yield* polls(options);
}

/** Polls until the signal fires. */
export async function* polls(options: {
  signal: AbortSignal;
  cursors: string[];
  poll: (cursors: string[]) => Promise<LongPoll>;
}): AsyncGenerator<LiveEvent, void, undefined> {
  const { signal, poll } = options;
  let { cursors } = options;
  for (let first = true; ; first = false) {
    signal.throwIfAborted();
    const { events, cursor } = await poll(cursors);
    if (first) yield { event: 'ready', id: cursor, data: { cursor } };
    for (const event of events) yield event;
    if (cursor !== '') cursors = [cursor];
  }
}

const HELD_BACK: Error = new Error('The event stream is held back on its way');
