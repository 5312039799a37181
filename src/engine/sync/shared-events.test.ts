import { expect, test } from 'vitest';
import { ManualClock, seededRandom } from '../../server/test-support.ts';
import type { LiveEvent, Room } from '../../wire/events.ts';
import { memoryDevice } from '../journal/memory.ts';
import type { EngineDevice } from '../journal/memory.ts';
import type { Remote } from '../remote/interface.ts';
import { shareEvents } from './shared-events.ts';

const room = (letter: string): Room => ({ repo: 'app', change: letter.repeat(32) });

/** A backend with one history of events, numbered from 1; a cursor is the number of the last one seen. */
class History {
  readonly #events: { room: string; path: string }[] = [];
  readonly #streams = new Set<() => void>();
  /** Streams opened so far, and open now. */
  opened: { rooms: string[]; cursors: string[] }[] = [];
  open = 0;
  failing: Error | null = null;

  add(letter: string, path: string): void {
    this.#events.push({ room: letter, path });
    for (const wake of this.#streams) wake();
  }

  readonly events: Remote['events'] = (rooms, cursors, signal, alive) => this.#read(rooms, cursors, signal, alive);

  async *#read(rooms: Room[], cursors: string[], signal: AbortSignal, alive: () => void): AsyncGenerator<LiveEvent> {
    if (this.failing !== null) throw this.failing;
    const letters = rooms.map((each) => ('change' in each ? (each.change[0] ?? '') : ''));
    this.opened.push({ rooms: letters.toSorted(), cursors });
    this.open += 1;
    let wake: () => void = () => undefined;
    const woken = (): void => wake();
    this.#streams.add(woken);
    signal.addEventListener('abort', woken);
    try {
      alive();
      yield { event: 'ready', id: '', data: { cursor: '' } };
      for (let at = Math.min(...cursors.map(Number)); ;) {
        signal.throwIfAborted();
        const next = this.#events[at];
        if (next === undefined) {
          await new Promise<void>((resolve) => (wake = resolve));
          continue;
        }
        at += 1;
        if (letters.includes(next.room)) yield changeEvent(at, next.path, next.room);
      }
    } finally {
      this.#streams.delete(woken);
      this.open -= 1;
    }
  }
}

function changeEvent(id: number, path: string, letter: string): LiveEvent {
  const data = { repo: 'app', change: letter.repeat(32), commit: '', trees: [], side: null, repoSeq: id, origin: null, paths: [{ path, recursive: false }] };
  return { event: 'change', id: String(id), data };
}

/** An engine that listens, going on from where it was whenever its stream ends, as a feed does. */
class Tab {
  readonly clock = new ManualClock(0);
  readonly heard: string[] = [];
  readonly errors: unknown[] = [];
  readonly device: EngineDevice;
  readonly #closing = new AbortController();
  #cursor: string;

  constructor(device: EngineDevice, history: History, letter: string | Room[], seed: number, cursor = '0') {
    this.device = device;
    this.#cursor = cursor;
    const env = { clock: this.clock, random: seededRandom(seed), fetch: () => Promise.reject(new Error('unused')) };
    const events = shareEvents({ env, device, name: 'x', upstream: history.events });
    const rooms = typeof letter === 'string' ? [room(letter)] : letter;
    void this.#run(events, rooms);
  }

  close(): void {
    this.#closing.abort(new Error('closed'));
  }

  async #run(events: Remote['events'], rooms: Room[]): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        for await (const event of events(rooms, [this.#cursor], signal, () => undefined)) {
          if (event.event === 'change' && rooms.some((each) => 'change' in each && each.change === event.data.change))
            this.heard.push(event.data.paths[0]?.path ?? '');
          if (event.id !== '') this.#cursor = event.id;
        }
      } catch (error) {
        if (signal.aborted) return;
        this.errors.push(error);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }
}

/** An engine that does not hear some of what is said. */
function deaf(device: EngineDevice, isLost: (message: { type: string }) => boolean): EngineDevice {
  const channel: EngineDevice['channel'] = (name) => {
    const whole = device.channel(name);
    const listen: typeof whole.listen = (listener) => whole.listen((message) => (isLost(message as { type: string }) ? undefined : listener(message)));
    return { post: (message) => whole.post(message), listen, close: () => whole.close() };
  };
  return Object.assign(Object.create(device) as EngineDevice, { channel });
}

/** Lets all that is under way come to rest; timers of 20 ms that gather those who join run out. */
async function settle(...tabs: Pick<Tab, 'clock'>[]): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    for (const tab of tabs) tab.clock.advance(10);
  }
}

test('tabs share one stream, whatever rooms they listen to', async () => {
  const history = new History();
  const device = memoryDevice();
  const tabs = ['k', 'l', 'k', 'm', 'k', 'k'].map((letter, index) => new Tab(device.engine(), history, letter, index + 1));
  await settle(...tabs);
  expect(history.open).toBe(1);
  expect(history.opened.at(-1)?.rooms).toEqual(['k', 'l', 'm']);
  history.add('k', 'a');
  history.add('l', 'b');
  await settle(...tabs);
  expect(tabs.map(({ heard }) => heard)).toEqual([['a'], ['b'], ['a'], [], ['a'], ['a']]);
  for (const tab of tabs) tab.close();
  await settle(...tabs);
  expect(history.open).toBe(0);
});

test('who joins hears what came after its own cursor', async () => {
  const history = new History();
  const device = memoryDevice();
  const first = new Tab(device.engine(), history, 'k', 1);
  await settle(first);
  for (const path of ['a', 'b', 'c']) history.add('k', path);
  await settle(first);
  const second = new Tab(device.engine(), history, 'k', 2, '1');
  await settle(first, second);
  expect(second.heard).toEqual(['b', 'c']);
  expect(history.open).toBe(1);
  first.close();
  second.close();
});

test('when the leader dies another goes on, missing nothing', async () => {
  const history = new History();
  const device = memoryDevice();
  const tabs = [1, 2, 3].map((seed) => new Tab(device.engine(), history, 'k', seed));
  await settle(...tabs);
  history.add('k', 'a');
  await settle(...tabs);
  tabs[0]?.device.crash();
  tabs[0]?.close();
  history.add('k', 'b');
  await settle(...tabs.slice(1));
  history.add('k', 'c');
  await settle(...tabs.slice(1));
  // Who joins with an older cursor has the stream begin there for all: an event may come twice, and that is harmless.
  expect(tabs.slice(1).map(({ heard }) => [...new Set(heard)])).toEqual([
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
  ]);
  expect(history.open).toBe(1);
  for (const tab of tabs) tab.close();
});

test('a leader that closes hands over', async () => {
  const history = new History();
  const device = memoryDevice();
  const tabs = [1, 2].map((seed) => new Tab(device.engine(), history, 'k', seed));
  await settle(...tabs);
  tabs[0]?.close();
  await settle(...tabs);
  history.add('k', 'a');
  await settle(...tabs);
  expect(tabs[1]?.heard).toEqual(['a']);
  expect(tabs[1]?.errors).toEqual([]);
  tabs[1]?.close();
});

test('a leader that ends while it takes in an event tells of no failure', async () => {
  const history = new History();
  const device = memoryDevice();
  const env = { clock: new ManualClock(0), random: seededRandom(9), fetch: () => Promise.reject(new Error('unused')) };
  const leading = new AbortController();
  // As a feed does whose rooms change, or that closes, meanwhile.
  const lead = async (): Promise<void> => {
    const events = shareEvents({ env, device: device.engine(), name: 'x', upstream: history.events });
    for await (const event of events([room('k')], ['0'], leading.signal, () => undefined)) {
      if (event.event !== 'change') continue;
      leading.abort(new Error('closed'));
      throw leading.signal.reason;
    }
  };
  const led = lead().catch(() => undefined);
  const follower = new Tab(device.engine(), history, 'k', 2);
  await settle(env, follower);
  history.add('k', 'a');
  await led;
  history.add('k', 'b');
  await settle(follower);
  expect([[...new Set(follower.heard)], follower.errors]).toEqual([['a', 'b'], []]);
  follower.close();
});

test('a frozen leader loses the lead, and what it says afterwards is not heeded', async () => {
  const history = new History();
  const device = memoryDevice();
  const [leader, follower] = [1, 2].map((seed) => new Tab(device.engine(), history, 'k', seed));
  if (leader === undefined || follower === undefined) throw new Error('no tabs');
  await settle(leader, follower);
  const before = history.opened.length;
  // Only the follower's time goes on: nothing is heard of the leader.
  follower.clock.advance(14_000);
  await settle(follower);
  expect(history.opened.length).toBeGreaterThan(before);
  history.add('k', 'a');
  await settle(leader, follower);
  expect(follower.heard).toEqual(['a']);
  // One that does not know it was robbed claims to be further on than the follower is.
  const ghost = device.engine().channel('mesafs:events:1:x');
  ghost.post({ type: 'event', epoch: 'ghost', event: changeEvent(99, 'ghost', 'k'), count: 1 });
  history.add('k', 'b');
  await settle(leader, follower);
  expect(follower.heard).toEqual(['a', 'b']);
  expect(leader.heard).toEqual(['a', 'b']);
  leader.close();
  follower.close();
});

test('when the stream fails, all hear of it and try again', async () => {
  const history = new History();
  const device = memoryDevice();
  const tabs = [1, 2].map((seed) => new Tab(device.engine(), history, 'k', seed));
  await settle(...tabs);
  history.failing = new TypeError('fetch failed');
  tabs[0]?.device.crash();
  tabs[0]?.close();
  await settle(...tabs);
  expect(tabs[1]?.errors[0]).toBeInstanceOf(TypeError);
  history.failing = null;
  history.add('k', 'a');
  await settle(...tabs);
  expect(tabs[1]?.heard).toEqual(['a']);
  tabs[1]?.close();
});

test('who did not hear that it was let in misses nothing', async () => {
  const history = new History();
  const device = memoryDevice();
  const lost = { is: true };
  const leader = new Tab(device.engine(), history, 'k', 1);
  await settle(leader);
  const hard = deaf(device.engine(), ({ type }) => lost.is && type !== 'beat');
  const follower = new Tab(hard, history, 'k', 2);
  await settle(leader, follower);
  history.add('k', 'a');
  await settle(leader, follower);
  expect(follower.heard).toEqual([]);
  lost.is = false;
  // The stream is opened anew for somebody else: those who were in go on from where they are thought to be.
  const third = new Tab(device.engine(), history, 'k', 3, '1');
  await settle(leader, follower, third);
  history.add('k', 'b');
  await settle(leader, follower, third);
  expect([...new Set(follower.heard)]).toEqual(['a', 'b']);
  for (const tab of [leader, follower, third]) tab.close();
});

test('who did not hear that another leads asks it after a while', async () => {
  const history = new History();
  const device = memoryDevice();
  const lost = { is: false };
  const first = new Tab(device.engine(), history, 'k', 1);
  await settle(first);
  const second = new Tab(device.engine(), history, 'k', 2);
  await settle(first, second);
  const hard = deaf(device.engine(), ({ type }) => lost.is && (type === 'gone' || type === 'lead'));
  const third = new Tab(hard, history, 'k', 3);
  await settle(first, second, third);
  lost.is = true;
  first.close();
  await settle(second, third);
  history.add('k', 'a');
  await settle(second, third);
  expect([second.heard, third.heard]).toEqual([['a'], []]);
  for (let beat = 0; beat < 3; beat += 1) {
    third.clock.advance(4_000);
    second.clock.advance(4_000);
    await settle(second, third);
  }
  expect([...new Set(third.heard)]).toEqual(['a']);
  second.close();
  third.close();
});

/** Rooms that nobody else listens to, and one of a letter. */
function many(letter: string, count: number): Room[] {
  return [room(letter), ...Array.from({ length: count }, (_, index): Room => ({ repo: `${letter}${index}`, bookmark: 'main' }))];
}

test('rooms of tabs that were killed make room for those of others', async () => {
  const history = new History();
  const device = memoryDevice();
  const leader = new Tab(device.engine(), history, many('k', 40), 1);
  await settle(leader);
  const killed = new Tab(device.engine(), history, many('l', 40), 2);
  const living = new Tab(device.engine(), history, many('m', 10), 3);
  await settle(leader, killed, living);
  killed.device.crash();
  const last = new Tab(device.engine(), history, many('n', 40), 4);
  await settle(leader, living, last);
  await settle(leader, living, last);
  for (const letter of ['k', 'm', 'n']) history.add(letter, letter);
  await settle(leader, living, last);
  expect([leader.heard, living.heard, last.heard]).toEqual([['k'], ['m'], ['n']]);
  expect(history.open).toBe(1);
  for (const tab of [leader, living, last]) tab.close();
});

test('who listens to more than one stream can hold has a stream of its own', async () => {
  const history = new History();
  const device = memoryDevice();
  const leader = new Tab(device.engine(), history, many('k', 60), 1);
  await settle(leader);
  const one = new Tab(device.engine(), history, many('l', 60), 2);
  const other = new Tab(device.engine(), history, 'k', 3);
  for (let turn = 0; turn < 3; turn += 1) await settle(leader, one, other);
  for (const letter of ['k', 'l']) history.add(letter, letter);
  await settle(leader, one, other);
  expect([leader.heard, one.heard, other.heard]).toEqual([['k'], ['l'], ['k']]);
  expect(history.open).toBe(2);
  for (const tab of [leader, one, other]) tab.close();
});

test('who has a stream of its own lets the lead alone, and hears of no other stream', async () => {
  const history = new History();
  const device = memoryDevice();
  const leader = new Tab(device.engine(), history, many('k', 60), 1);
  await settle(leader);
  const one = new Tab(device.engine(), history, many('l', 60), 2);
  for (let turn = 0; turn < 3; turn += 1) await settle(leader, one);
  expect(history.open).toBe(2);
  const opened = history.opened.length;
  // The leader gives signs of life; then the other goes, and time passes.
  leader.clock.advance(4_000);
  await settle(leader, one);
  one.close();
  await settle(leader, one);
  for (let turn = 0; turn < 3; turn += 1) {
    one.clock.advance(14_000);
    await settle(leader, one);
  }
  history.add('k', 'a');
  await settle(leader);
  expect([leader.heard, leader.errors, history.opened.length, history.open]).toEqual([['a'], [], opened, 1]);
  leader.close();
});

test('where locks or channels are refused, as in a page whose data is blocked, each has a stream of its own', async () => {
  const refuse = (): never => {
    throw new DOMException('The request was denied.', 'SecurityError');
  };
  const locks: EngineDevice['locks'] = { tryHold: async () => refuse(), hold: async () => refuse(), steal: async () => refuse() };
  const refused: ((device: EngineDevice) => Partial<EngineDevice>)[] = [
    (device) => ({ locks, channel: (name) => device.channel(name) }),
    () => ({ channel: () => refuse() }),
  ];
  for (const partsOf of refused) {
    const history = new History();
    const device = memoryDevice();
    const tabs = ['k', 'l'].map((letter, index) => {
      const whole = device.engine();
      return new Tab(Object.assign(Object.create(whole) as EngineDevice, partsOf(whole)), history, letter, index + 1);
    });
    await settle(...tabs);
    for (const letter of ['k', 'l']) history.add(letter, letter);
    await settle(...tabs);
    expect([tabs.map(({ heard }) => heard), tabs.flatMap(({ errors }) => errors), history.open]).toEqual([[['k'], ['l']], [], 2]);
    for (const tab of tabs) tab.close();
    await settle(...tabs);
    expect(history.open).toBe(0);
  }
});
