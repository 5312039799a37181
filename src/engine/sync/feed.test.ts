import { expect, test, vi } from 'vitest';
import { MesaApiError } from '../../rpc/api-error.ts';
import { ManualClock } from '../../server/test-support.ts';
import type { ChangeEvent, LiveEvent, Room } from '../../wire/events.ts';
import { Feed } from './feed.ts';

const ROOM: Room = { repo: 'app', change: 'k'.repeat(32) };
const OTHER: Room = { repo: 'app', change: 'l'.repeat(32) };

/** A stream that the test writes. */
class Stream {
  readonly rooms: Room[];
  readonly cursors: string[];
  readonly signal: AbortSignal;
  readonly alive: () => void;
  #waiting: { event: LiveEvent | Error | null }[] = [];
  #wake: () => void = () => undefined;

  constructor(rooms: Room[], cursors: string[], signal: AbortSignal, alive: () => void) {
    this.rooms = rooms;
    this.cursors = cursors;
    this.signal = signal;
    this.alive = alive;
    signal.addEventListener('abort', () => this.#push(signal.reason as Error));
  }

  ready(): void {
    this.#push({ event: 'ready', id: '', data: { cursor: '' } });
  }

  change(id: string, path: string): void {
    const data: ChangeEvent = {
      repo: 'app',
      change: 'k'.repeat(32),
      commit: '',
      trees: [],
      side: null,
      repoSeq: 1,
      origin: null,
      paths: [{ path, recursive: false }],
    };
    this.#push({ event: 'change', id, data });
  }

  send(event: 'bye' | 'reset'): void {
    this.#push({ event, id: '', data: {} });
  }

  end(error: Error | null = null): void {
    this.#push(error);
  }

  async *read(): AsyncGenerator<LiveEvent> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else if (next.event === null) return;
      else if (next.event instanceof Error) throw next.event;
      else yield next.event;
    }
  }

  #push(event: LiveEvent | Error | null): void {
    this.#waiting.push({ event });
    this.#wake();
  }
}

function bench(meanwhile: () => void | Promise<void> = () => undefined): {
  feed: Feed;
  streams: Stream[];
  clock: ManualClock;
  log: string[];
  last: () => Stream;
} {
  const clock = new ManualClock(0);
  const streams: Stream[] = [];
  const log: string[] = [];
  const feed = new Feed({
    objects: ({ objects }) => void log.push(`objects ${objects.map(({ oid }) => oid).join(' ')}`),
    env: { clock, fetch: () => Promise.reject(new Error('unused')), random: (bytes) => void bytes.fill(255) },
    open: (rooms, cursors, signal, alive) => {
      const stream = new Stream(rooms, cursors, signal, alive);
      streams.push(stream);
      return stream.read();
    },
    change: async (event) => {
      log.push(event.paths[0]?.path ?? '');
      await meanwhile();
    },
    bookmark: async () => undefined,
    reset: async () => {
      log.push('reset');
      return ['after-reset'];
    },
    changed: (state) => void log.push(state),
  });
  const last = (): Stream => {
    const stream = streams.at(-1);
    if (stream === undefined) throw new Error('no stream yet');
    return stream;
  };
  return { feed, streams, clock, log, last };
}

test('hands events over in order and goes on from the last after an interruption', async () => {
  const { feed, streams, clock, log, last } = bench();
  feed.start([ROOM], ['from-open']);
  last().ready();
  last().change('one', 'a');
  last().change('two', 'b');
  await vi.waitFor(() => expect(log).toEqual(['live', 'a', 'b']));
  last().end(new TypeError('network error'));
  await vi.waitFor(() => expect(log.at(-1)).toBe('reconnecting'));
  expect(streams).toHaveLength(1);
  await vi.waitFor(() => {
    clock.advance(200);
    expect(streams).toHaveLength(2);
  });
  expect(streams.map(({ cursors }) => cursors)).toEqual([['from-open'], ['two']]);
  await feed.close();
});

test('comes back at once when the server says bye', async () => {
  const { feed, streams, last } = bench();
  feed.start([ROOM], ['a']);
  last().ready();
  last().send('bye');
  await vi.waitFor(() => expect(streams).toHaveLength(2));
  await feed.close();
});

test('opens everything again on reset and goes on from there', async () => {
  const { feed, streams, log, last } = bench();
  feed.start([ROOM], ['a']);
  last().send('reset');
  await vi.waitFor(() => expect(streams).toHaveLength(2));
  expect(log).toContain('reset');
  expect(last().cursors).toEqual(['after-reset']);
  await feed.close();
});

test('events that are lost again and again are not asked for without a pause', async () => {
  const { feed, streams, clock, log, last } = bench();
  feed.start([ROOM], ['a']);
  for (let time = 0; time < 2; time += 1) {
    last().ready();
    last().send('reset');
    await vi.waitFor(() => expect(log.filter((line) => line === 'reset')).toHaveLength(time + 1));
    if (time === 0) await vi.waitFor(() => expect(streams).toHaveLength(2));
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(streams).toHaveLength(2);
  await vi.waitFor(() => {
    clock.advance(500);
    expect(streams).toHaveLength(3);
  });
  // Where something was heard in between, it goes on at once.
  last().ready();
  last().change('one', 'x');
  last().send('reset');
  await vi.waitFor(() => expect(streams).toHaveLength(4));
  await feed.close();
});

test('listens to other rooms from where they were opened', async () => {
  const { feed, streams, log, last } = bench();
  feed.start([ROOM], ['a']);
  last().ready();
  last().change('one', 'x');
  await vi.waitFor(() => expect(log).toContain('x'));
  feed.listen([ROOM], 'app', { cursor: 'ignored: the rooms are the same', repoSeq: 1 });
  feed.listen([OTHER], 'app', { cursor: 'opened', repoSeq: 5 });
  await vi.waitFor(() => expect(streams).toHaveLength(2));
  expect(streams[0]?.signal.aborted).toBe(true);
  expect(last()).toMatchObject({ rooms: [OTHER], cursors: ['one', 'opened'] });
  last().change('two', 'y');
  await vi.waitFor(() => expect(log).toContain('y'));
  feed.listen([ROOM], 'app', { cursor: 'again', repoSeq: 7 });
  await vi.waitFor(() => expect(streams).toHaveLength(3));
  expect(last().cursors).toEqual(['two', 'again']);
  await feed.close();
});

test('rooms that are entered one after another are all heard from the earliest of them', async () => {
  const { feed, streams, last } = bench();
  feed.start([], ['a']);
  for (const [rooms, repoSeq] of [[[ROOM], 5] as const, [[OTHER], 3] as const, [[ROOM, OTHER], 9] as const]) {
    feed.listen([...rooms], 'app', { cursor: `as of ${repoSeq}`, repoSeq });
  }
  await vi.waitFor(() => expect(streams).toHaveLength(2));
  expect(last()).toMatchObject({ rooms: [ROOM, OTHER], cursors: ['a', 'as of 3'] });
  await feed.close();
});

test('rooms entered while an event is taken in are heard from where they were entered', async () => {
  const { feed, streams, log, last } = bench(() => feed.listen([OTHER], 'app', { cursor: 'entered', repoSeq: 2 }));
  feed.start([ROOM], ['a']);
  last().ready();
  last().change('three', 'x');
  await vi.waitFor(() => expect(streams).toHaveLength(2));
  expect(last()).toMatchObject({ rooms: [OTHER], cursors: ['a', 'entered'] });
  expect(log).toContain('x');
  await feed.close();
});

test('takes a silent stream for dead', async () => {
  const { feed, streams, clock, log, last } = bench();
  feed.start([ROOM], ['a']);
  last().ready();
  await vi.waitFor(() => expect(log).toContain('live'));
  clock.advance(44_000);
  last().alive();
  clock.advance(44_000);
  expect(streams[0]?.signal.aborted).toBe(false);
  clock.advance(1_000);
  expect(streams[0]?.signal.aborted).toBe(true);
  await feed.close();
});

test('waits for a token without giving up', async () => {
  const { feed, streams, clock, log, last } = bench();
  feed.start([ROOM], ['a']);
  last().end(MesaApiError.from(401, { code: 'TOKEN_EXPIRED', message: 'over' }));
  await vi.waitFor(() => expect(log).toEqual(['expired']));
  await vi.waitFor(() => {
    clock.advance(15_000);
    expect(streams).toHaveLength(2);
  });
  last().ready();
  await vi.waitFor(() => expect(log.at(-1)).toBe('live'));
  await feed.close();
});

test('a wait ends when the network is back, and closing ends everything', async () => {
  const { feed, streams, log, last } = bench();
  feed.start([ROOM], ['a']);
  last().end(new TypeError('network error'));
  await vi.waitFor(() => expect(log).toEqual(['reconnecting']));
  await vi.waitFor(() => {
    feed.retry();
    expect(streams).toHaveLength(2);
  });
  await feed.close();
  expect(last().signal.aborted).toBe(true);
  expect(log.at(-1)).toBe('closed');
});

test('closing does not wait for an event that can’t be taken in', async () => {
  const { feed, log, last } = bench(() => new Promise(() => undefined));
  feed.start([ROOM], ['a']);
  last().ready();
  last().change('one', 'x');
  await vi.waitFor(() => expect(log).toContain('x'));
  await feed.close();
  expect(log.at(-1)).toBe('closed');
});
