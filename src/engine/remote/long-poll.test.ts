import { expect, test } from 'vitest';
import { ManualClock } from '../../server/test-support.ts';
import type { LiveEvent, LongPoll } from '../../wire/events.ts';
import { StreamOrPoll } from './long-poll.ts';

const ready: LiveEvent = { event: 'ready', id: '1', data: { cursor: '1' } };
const changed = { event: 'change', id: '5', data: {} } as unknown as LiveEvent;
const bye: LiveEvent = { event: 'bye', id: '', data: {} };

/** A stream that says what it is given and then waits for the signal. */
async function* saying(events: LiveEvent[], signal: AbortSignal): AsyncGenerator<LiveEvent> {
  signal.throwIfAborted();
  for (const event of events) yield event;
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

test('a stream that speaks is listened to', async () => {
  const clock = new ManualClock(0);
  const closing = new AbortController();
  const poll = (): Promise<LongPoll> => Promise.reject(new Error('unused'));
  const heard: string[] = [];
  const listening = (async () => {
    const stream = (signal: AbortSignal): AsyncIterable<LiveEvent> => saying([ready, bye], signal);
    for await (const { event } of new StreamOrPoll(clock).events({ signal: closing.signal, cursors: ['0'], stream, poll })) heard.push(event);
  })();
  await turns();
  clock.advance(60_000);
  expect(heard).toEqual(['ready', 'bye']);
  closing.abort(new Error('closed'));
  await expect(listening).rejects.toThrow('closed');
});

test('two in a row that are held back are given up for polls, each from where the last ended, for a while', async () => {
  const clock = new ManualClock(0);
  const closing = new AbortController();
  const streams = new StreamOrPoll(clock);
  const asked: string[] = [];
  const answers = [Promise.withResolvers<LongPoll>(), Promise.withResolvers<LongPoll>(), Promise.withResolvers<LongPoll>()];
  const poll = (cursors: string[], seconds: number): Promise<LongPoll> => {
    asked.push(`${cursors.join()} ${seconds}`);
    return answers[asked.length - 1]?.promise ?? Promise.reject(new Error('one poll too many'));
  };
  const stream = (signal: AbortSignal): AsyncIterable<LiveEvent> => saying([], signal);
  const heard: string[] = [];
  const listen = async (): Promise<void> => {
    for await (const { event, id } of streams.events({ signal: closing.signal, cursors: ['3'], stream, poll })) heard.push(`${event} ${id}`);
  };
  for (let silent = 0; silent < 2; silent += 1) {
    const listening = listen();
    await turns();
    clock.advance(10_000);
    await expect(listening).rejects.toThrow('held back');
  }
  expect([heard, asked]).toEqual([[], []]);
  const polling = listen();
  answers[0]?.resolve({ events: [], cursor: '4' });
  await turns();
  answers[1]?.resolve({ events: [changed], cursor: '5' });
  await turns();
  expect([heard, asked]).toEqual([
    ['ready 4', 'change 5'],
    ['3 0', '4 25', '5 25'],
  ]);
  clock.advance(300_000);
  answers[2]?.resolve({ events: [], cursor: '5' });
  await polling;
  expect(heard.at(-1)).toBe('bye ');
  closing.abort(new Error('closed'));
  await expect(listen()).rejects.toThrow('closed');
});
