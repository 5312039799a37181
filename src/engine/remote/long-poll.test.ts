import { expect, test } from 'vitest';
import { ManualClock } from '../../server/test-support.ts';
import type { LiveEvent, LongPoll } from '../../wire/events.ts';
import { streamOrPoll } from './long-poll.ts';

const ready: LiveEvent = { event: 'ready', id: '1', data: { cursor: '1' } };
const bye: LiveEvent = { event: 'bye', id: '', data: {} };

/** A stream that says what it is given and then waits for the signal. */
async function* saying(events: LiveEvent[], signal: AbortSignal): AsyncGenerator<LiveEvent> {
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
    for await (const { event } of streamOrPoll({ clock, signal: closing.signal, cursors: ['0'], stream, poll, buffered: () => undefined })) heard.push(event);
  })();
  await turns();
  clock.advance(60_000);
  expect(heard).toEqual(['ready', 'bye']);
  closing.abort(new Error('closed'));
  await expect(listening).rejects.toThrow('closed');
});

test('one that is held back is given up for polls, each from where the last ended', async () => {
  const clock = new ManualClock(0);
  const closing = new AbortController();
  const asked: string[][] = [];
  let buffered = false;
  const answers: LongPoll[] = [
    { events: [], cursor: '4' },
    { events: [bye], cursor: '5' },
  ];
  const poll = (cursors: string[]): Promise<LongPoll> => {
    asked.push(cursors);
    const answer = answers.shift();
    return answer === undefined
      ? new Promise((_, reject) => closing.signal.addEventListener('abort', () => reject(closing.signal.reason)))
      : Promise.resolve(answer);
  };
  const heard: string[] = [];
  const listening = (async () => {
    const stream = (signal: AbortSignal): AsyncIterable<LiveEvent> => saying([], signal);
    const options = { clock, signal: closing.signal, cursors: ['3'], stream, poll, buffered: () => (buffered = true) };
    for await (const { event, id } of streamOrPoll(options)) heard.push(`${event} ${id}`);
  })();
  await turns();
  clock.advance(9_000);
  await turns();
  expect([heard, buffered]).toEqual([[], false]);
  clock.advance(1_000);
  await turns();
  expect([heard, asked, buffered]).toEqual([['ready 4', 'bye '], [['3'], ['4'], ['5']], true]);
  closing.abort(new Error('closed'));
  await expect(listening).rejects.toThrow('closed');
});
