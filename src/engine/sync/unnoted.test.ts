import { expect, test } from 'vitest';
import { makePending, showsIn } from './pending.ts';
import type { Pending } from './pending.ts';
import { Unnoted } from './unnoted.ts';

const write = (seq: number, bytes = 0): Pending =>
  makePending(seq, { kind: 'files', target: { bookmark: 'main', newChange: '' }, edits: [] }, [{ oid: '', kind: 'blob', bytes: new Uint8Array(bytes) }], 'k');

/** What the server has accepted; nothing of it went into a change that was left. */
function take(unnoted: Unnoted, client: string, accepted: { seq: number; repoSeq: number; change: string }[]): void {
  unnoted.add(client, accepted, [], () => false);
}

test('the head of a change that is noted lets go of what went into it, and of no other', () => {
  const unnoted = new Unnoted();
  take(unnoted, 'us', [
    { seq: 1, repoSeq: 5, change: 'k' },
    { seq: 2, repoSeq: 6, change: 'l' },
    { seq: 3, repoSeq: 8, change: 'l' },
  ]);
  take(unnoted, 'them', [{ seq: 9, repoSeq: 7, change: 'l' }]);
  expect(unnoted.take(7, 'l')).toEqual(
    new Map([
      ['us', [2]],
      ['them', [9]],
    ]),
  );
  expect(unnoted.take(9, 'l')).toEqual(new Map([['us', [3]]]));
  expect(unnoted.take(9, null)).toEqual(new Map([['us', [1]]]));
});

test('when too many wait, some are let go whatever they went into', () => {
  const unnoted = new Unnoted();
  take(
    unnoted,
    'us',
    Array.from({ length: 10_003 }, (_, index) => ({ seq: index + 1, repoSeq: index + 1, change: index % 2 === 0 ? 'k' : 'l' })),
  );
  expect(unnoted.tooMany).toBe(3);
  expect(unnoted.take(3, null).get('us')).toEqual([1, 2, 3]);
  expect(unnoted.tooMany).toBeNull();
});

test('what went into a change that was left is laid on a head of it that is older, until a later one is noted', () => {
  const unnoted = new Unnoted();
  const batch = [write(4), write(5)];
  const accepted = batch.map(({ seq }) => ({ seq, repoSeq: seq + 3, change: 'k' }));
  unnoted.add('us', accepted, batch, (change) => change === 'k');
  unnoted.forget('us', new Set([4, 5]));
  const over = (repoSeq: number): number[] => unnoted.over('us', repoSeq).map(({ seq }) => seq);
  expect([over(6), over(7), over(8)]).toEqual([[4, 5], [5], []]);
  expect(unnoted.over('us', 6).map((operation) => [showsIn(operation, 'k', null), showsIn(operation, 'l', 'main')])).toEqual([
    [true, false],
    [true, false],
  ]);
  unnoted.take(8, 'k');
  expect(over(6)).toEqual([]);
});

test('of what is laid on heads as much is kept as there is room for', () => {
  const unnoted = new Unnoted();
  for (const seq of [1, 2, 3]) unnoted.add('us', [{ seq, repoSeq: seq, change: 'k' }], [write(seq, 30 * 1024 * 1024)], () => true);
  expect(unnoted.tooMany).toBe(1);
});

test('a backend that has gone back may have nothing of what it accepted', () => {
  const unnoted = new Unnoted();
  unnoted.add('us', [{ seq: 4, repoSeq: 7, change: 'k' }], [write(4)], () => true);
  unnoted.wentBack();
  expect(unnoted.over('us', 6)).toEqual([]);
});
