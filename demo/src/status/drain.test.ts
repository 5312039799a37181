import { expect, test } from 'vitest';
import { nextDrain, type Drain } from './drain.ts';

/** What is shown after each word of the connection. */
function shown(...words: [online: boolean, pending: number][]): (Drain | null)[] {
  let drain: Drain | null = null;
  return words.map(([online, pending]) => (drain = nextDrain(drain, { online, pending })));
}

test('what waited offline is counted while it is sent', () => {
  expect(shown([false, 1], [false, 120], [true, 120], [true, 83], [true, 0])).toEqual([
    { total: 1, sent: 0, sending: false },
    { total: 120, sent: 0, sending: false },
    { total: 120, sent: 0, sending: true },
    { total: 120, sent: 37, sending: true },
    null,
  ]);
});

test('edits made meanwhile are added, and the count never goes back', () => {
  expect(shown([false, 10], [true, 4], [true, 6], [false, 6], [false, 7]).map((drain) => [drain?.sent, drain?.total])).toEqual([
    [0, 10],
    [6, 10],
    [6, 12],
    [6, 12],
    [6, 13],
  ]);
});

test('typing with a connection is no waiting', () => {
  expect(shown([true, 1], [true, 2], [true, 0])).toEqual([null, null, null]);
});
