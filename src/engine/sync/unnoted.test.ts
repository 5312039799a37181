import { expect, test } from 'vitest';
import { Unnoted } from './unnoted.ts';

test('the head of a change that is noted lets go of what went into it, and of no other', () => {
  const unnoted = new Unnoted();
  unnoted.add('us', [
    { seq: 1, repoSeq: 5, change: 'k' },
    { seq: 2, repoSeq: 6, change: 'l' },
    { seq: 3, repoSeq: 8, change: 'l' },
  ]);
  unnoted.add('them', [{ seq: 9, repoSeq: 7, change: 'l' }]);
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
  unnoted.add(
    'us',
    Array.from({ length: 10_003 }, (_, index) => ({ seq: index + 1, repoSeq: index + 1, change: index % 2 === 0 ? 'k' : 'l' })),
  );
  expect(unnoted.tooMany).toBe(3);
  expect(unnoted.take(3, null).get('us')).toEqual([1, 2, 3]);
  expect(unnoted.tooMany).toBeNull();
});
