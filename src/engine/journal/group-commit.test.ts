import { expect, test } from 'vitest';
import { GroupCommit } from './group-commit.ts';
import { JournalError } from './medium.ts';

/** A writer whose writes are ended by hand. */
function byHand(): { commit: GroupCommit; writes: { records: number[]; end: (error?: unknown) => void }[] } {
  const writes: { records: number[]; end: (error?: unknown) => void }[] = [];
  const write = (records: readonly Uint8Array[]): Promise<void> =>
    new Promise((resolve, reject) => {
      writes.push({ records: records.map(([first]) => Number(first)), end: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  return { commit: new GroupCommit({ write, soon: (callback) => queueMicrotask(callback) }), writes };
}

const record = (value: number): Uint8Array[] => [new Uint8Array([value])];
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what is given in one turn is one write; what is given meanwhile is the next', async () => {
  const { commit, writes } = byHand();
  const done: number[] = [];
  for (const value of [1, 2]) void commit.append(record(value)).then(() => done.push(value));
  await settle();
  for (const value of [3, 4, 5]) void commit.append(record(value)).then(() => done.push(value));
  await settle();
  expect(writes.map(({ records }) => records)).toEqual([[1, 2]]);
  writes[0]?.end();
  await settle();
  expect(done).toEqual([1, 2]);
  expect(writes.map(({ records }) => records)).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  writes[1]?.end();
  await settle();
  expect(done).toEqual([1, 2, 3, 4, 5]);
});

test('a write that fails takes what waits behind it along, and the next one is written', async () => {
  const { commit, writes } = byHand();
  const outcomes: string[] = [];
  const watch = (name: string, promise: Promise<void>): void => {
    promise.then(
      () => outcomes.push(name),
      (error: unknown) => outcomes.push(`${name}: ${(error as JournalError).code}`),
    );
  };
  watch('a', commit.append(record(1)));
  await settle();
  watch('b', commit.append(record(2)));
  watch(
    'rewrite',
    commit.alone(async () => undefined),
  );
  watch('c', commit.append(record(3)));
  writes[0]?.end(new JournalError('QUOTA', 'full'));
  await settle();
  expect(outcomes).toEqual(['a: QUOTA', 'b: QUOTA', 'rewrite: QUOTA', 'c: QUOTA']);
  watch('d', commit.append(record(4)));
  await settle();
  writes[1]?.end();
  await settle();
  expect(writes.map(({ records }) => records)).toEqual([[1], [4]]);
  expect(outcomes.at(-1)).toBe('d');
});

test('a task that fails alone takes nothing along', async () => {
  const { commit, writes } = byHand();
  const task = commit.alone(async () => Promise.reject(new JournalError('QUOTA', 'full')));
  const append = commit.append(record(1));
  await expect(task).rejects.toMatchObject({ code: 'QUOTA' });
  await settle();
  writes[0]?.end();
  await append;
});

test('after LOST everything fails, and it can be closed', async () => {
  const { commit, writes } = byHand();
  const first = commit.append(record(1));
  await settle();
  const waiting = commit.append(record(2));
  let ended = false;
  const closed = commit.close(async () => void (ended = true));
  writes[0]?.end(new JournalError('LOST', 'gone'));
  await expect(first).rejects.toMatchObject({ code: 'LOST' });
  await expect(waiting).rejects.toMatchObject({ code: 'LOST' });
  await closed;
  expect(ended).toBe(true);
  await expect(commit.append(record(3))).rejects.toMatchObject({ code: 'LOST' });
});

test('what is very large is not written together with what waits', async () => {
  const { commit, writes } = byHand();
  const large = (value: number): Uint8Array[] => [new Uint8Array(9_000_000).fill(value)];
  const appends = [1, 2, 3].map((value) => commit.append(large(value)));
  for (let index = 0; index < 2; index += 1) {
    await settle();
    writes[index]?.end();
  }
  await Promise.all(appends);
  expect(writes.map(({ records }) => records)).toEqual([[1, 2], [3]]);
});
