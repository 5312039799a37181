import { expect, test } from 'vitest';
import { ManualClock } from '../../server/test-support.ts';
import type { Journals } from '../journal/journals.ts';
import type { JournaledOperation } from '../journal/records.ts';
import { Siblings } from './siblings.ts';

const CHANGE = 'k'.repeat(32);

function operation(seq: number, prev?: number): JournaledOperation {
  const payload = new TextEncoder().encode(JSON.stringify({ seq, kind: 'files', target: { change: CHANGE }, edits: [] }));
  return { seq, payload, blobs: [], change: CHANGE, ...(prev === undefined ? {} : { prev }) };
}

/** What is known of the engine `them`, whose journal holds `kept`. */
function bench(): { siblings: Siblings; clock: ManualClock; kept: JournaledOperation[]; log: string[] } {
  const clock = new ManualClock();
  const kept: JournaledOperation[] = [];
  const log: string[] = [];
  const journals = { read: async () => ({ operations: kept, parked: [] }) } as unknown as Journals;
  const said = (what: string): void => void log.push(what);
  const catchUp = async (): Promise<void> => said(`caught up at ${siblings.of('them').length}`);
  const siblings: Siblings = new Siblings({ clock, journals, changed: () => said('changed'), catchUp });
  return { siblings, clock, kept, log };
}

test('an engine whose operations have a gap is not sent for', () => {
  const { siblings } = bench();
  siblings.show('them', operation(1));
  siblings.show('them', operation(3, 2));
  expect(siblings.isWhole('them', 1)).toBe(true);
  expect(siblings.isWhole('them', 3)).toBe(false);
  siblings.show('them', operation(2, 1));
  expect(siblings.isWhole('them', 3)).toBe(true);
});

test('what follows a number that was never used, or one that is settled, has no gap', () => {
  const { siblings } = bench();
  siblings.show('them', operation(1));
  // The second was taken back: the third names the first.
  siblings.show('them', operation(3, 1));
  expect(siblings.isWhole('them', 3)).toBe(true);
  siblings.show('them', operation(4, 3));
  siblings.heardAnswers('them', [{ seq: 3, done: null }]);
  siblings.include({ client: 'them', seq: 1 });
  expect(siblings.of('them').map(({ seq }) => seq)).toEqual([4]);
  expect(siblings.isWhole('them', 4)).toBe(true);
});

test('what was said and not heard is found in the journal after a while', async () => {
  const { siblings, clock, kept, log } = bench();
  siblings.show('them', operation(2, 1));
  kept.push(operation(1), operation(2, 1), operation(3, 2));
  clock.advance(10_000);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(siblings.of('them').map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(log).toEqual(['changed']);
});

test('what a journal has let go is shown until the head that holds it is looked for', async () => {
  const { siblings, clock, kept, log } = bench();
  siblings.show('them', operation(1));
  siblings.show('them', operation(2, 1));
  kept.push(operation(2, 1));
  clock.advance(10_000);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(log).toEqual(['caught up at 2', 'changed']);
  expect(siblings.of('them').map(({ seq }) => seq)).toEqual([2]);
});

test('what was never heard of is not taken for settled when the engine is gone', () => {
  const { siblings } = bench();
  siblings.show('them', operation(1));
  siblings.heardAnswers('them', [{ seq: 1, done: null }]);
  siblings.show('them', operation(2, 1));
  const { isGone, held } = siblings.take('them');
  expect([[1, 2, 3].map(isGone), held]).toEqual([[true, false, false], 0]);
});

test('what a journal has lost is missing: it is looked for again, and what follows it is not sent for its engine', async () => {
  const { siblings, clock, kept, log } = bench();
  siblings.show('them', operation(1));
  clock.advance(10_000);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(siblings.of('them')).toEqual([]);
  siblings.show('them', operation(2, 1));
  expect(siblings.isWhole('them', 2)).toBe(false);
  kept.push(operation(1), operation(2, 1));
  clock.advance(10_000);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect([siblings.isWhole('them', 2), siblings.of('them').map(({ seq }) => seq)]).toEqual([true, [1, 2]]);
  expect(log).toEqual(['caught up at 1', 'changed', 'changed']);
});

test('what a journal has lost is looked for again where nothing else is known', async () => {
  const { siblings, clock, kept } = bench();
  siblings.show('them', operation(1));
  clock.advance(10_000);
  await new Promise((resolve) => setTimeout(resolve, 0));
  kept.push(operation(1));
  clock.advance(10_000);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(siblings.of('them').map(({ seq }) => seq)).toEqual([1]);
});

test('what a backend had answered before it went back is looked for in the journals again', async () => {
  const { siblings, kept } = bench();
  siblings.show('them', operation(1));
  siblings.show('them', operation(2, 1));
  siblings.include({ client: 'them', seq: 1 });
  kept.push(operation(1), operation(2, 1));
  siblings.wentBack();
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect([siblings.of('them').map(({ seq }) => seq), siblings.held, siblings.isWhole('them', 2)]).toEqual([[1, 2], {}, true]);
});

test('what was refused is not shown again because its journal still holds it', async () => {
  const { siblings, clock, kept } = bench();
  siblings.show('them', operation(1));
  siblings.show('them', operation(2, 1));
  kept.push(operation(1), operation(2, 1));
  siblings.heardAnswers('them', [{ seq: 2, done: null }]);
  clock.advance(10_000);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(siblings.of('them').map(({ seq }) => seq)).toEqual([1]);
});

test('what nobody asked about is not shown on a head that may hold it, until that is known', () => {
  const { siblings } = bench();
  siblings.show('them', operation(1));
  expect(siblings.doubt({ them: 0 })).toBe(false);
  expect(siblings.doubt({ others: 3 })).toBe(true);
  expect(siblings.of('them').map(({ included }) => included)).toEqual([true]);
  // Nor is it taken for held.
  expect([siblings.inDoubt, siblings.held]).toEqual([true, {}]);
  siblings.trust();
  expect(siblings.inDoubt).toBe(false);
  expect(siblings.of('them').map(({ included }) => included)).toEqual([false]);
  siblings.heardAnswers('them', [{ seq: 1, done: { repoSeq: 4, change: CHANGE } }]);
  expect(siblings.doubt({})).toBe(false);
});

test('what has an answer is in a head only once one has come that holds it', () => {
  const { siblings } = bench();
  // The answer was faster than what it is about.
  siblings.heardAnswers('them', [{ seq: 1, done: { repoSeq: 5, change: CHANGE } }]);
  siblings.show('them', operation(2, 1));
  expect(siblings.held).toEqual({});
  expect(siblings.isWhole('them', 2)).toBe(true);
  siblings.include({ client: 'them', seq: 1 });
  expect(siblings.held).toEqual({ them: 1 });
  const { isGone, held } = siblings.take('them');
  expect([[1, 2].map(isGone), held]).toEqual([[true, false], 1]);
});
