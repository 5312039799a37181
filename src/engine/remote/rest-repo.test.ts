import { expect, test } from 'vitest';
import { BEGIN, CHANGE, restBench, shownAt, turns } from './test-support.ts';

const [OTHER, THIRD] = ['l'.repeat(32), 'm'.repeat(32)];
const EMPTY = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

test('no number is of a later time than the question: what is counted while it is asked has it asked again', async () => {
  const gate = Promise.withResolvers<void>();
  let commit = 'a'.repeat(40);
  const { repo, clock, asked } = await restBench(async ({ path }) => {
    if (!path.startsWith('/changes')) return undefined;
    const shown = shownAt(commit);
    await gate.promise;
    return shown;
  });
  const looking = repo.look(CHANGE);
  await turns();
  clock.advance(100);
  repo.setBookmark('made', OTHER);
  clock.advance(100);
  commit = 'b'.repeat(40);
  gate.resolve();
  const known = await looking;
  expect(asked.filter(({ path }) => path.startsWith('/changes')).map(({ at }) => at)).toEqual([0, 200]);
  expect([known.commit, known.seq - BEGIN]).toEqual([commit, 200]);
});

test('what is counted in one moment is told apart, and nothing is asked again for that', async () => {
  const { repo, asked } = await restBench(({ path }) => {
    if (path.startsWith('/bookmarks')) return { name: 'main', change_id: CHANGE };
    return path.startsWith('/changes') ? shownAt('a'.repeat(40)) : undefined;
  });
  const [known] = await Promise.all([repo.look(CHANGE), repo.lookBookmark('main')]);
  expect(asked.filter(({ path }) => path !== '/content')).toHaveLength(2);
  const numbers = [known.seq, repo.bookmarks.get('main')?.seq ?? 0];
  expect(new Set(numbers).size).toBe(2);
  expect(Math.max(...numbers)).toBeLessThanOrEqual(BEGIN + 2);
});

test('where a bookmark stands is known as of when it was asked', async () => {
  const { repo, clock } = await restBench(() => {
    clock.advance(500);
    return { name: 'main', change_id: CHANGE };
  });
  await repo.lookBookmark('main');
  expect(repo.bookmarks.get('main')?.seq).toBe(BEGIN);
});

test('a bookmark that stands where it stood is asked for once while one writes', async () => {
  const { repo, clock, asked } = await restBench(async () => {
    clock.advance(30);
    await repo.set(CHANGE, { commit: 'b'.repeat(40), tree: EMPTY, side: null, conflicts: [] });
    clock.advance(30);
    return { name: 'main', change_id: CHANGE };
  });
  repo.setBookmark('main', CHANGE);
  clock.advance(5_000);
  await repo.lookBookmark('main');
  expect(asked).toHaveLength(1);
});

test('where a bookmark that was moved here meanwhile is asked for once more, that counts', async () => {
  const { repo, clock, asked } = await restBench(() => {
    clock.advance(30);
    if (asked.length > 1) return { name: 'main', change_id: THIRD };
    repo.setBookmark('main', OTHER);
    return { name: 'main', change_id: CHANGE };
  });
  repo.setBookmark('main', CHANGE);
  clock.advance(5_000);
  expect([await repo.lookBookmark('main'), asked.length]).toEqual([THIRD, 2]);
});

test('a list of many bookmarks does not put numbers ahead of time', async () => {
  const bookmarks = Array.from({ length: 500 }, (_, index) => ({ name: `b${index}`, change_id: OTHER }));
  const { repo, clock } = await restBench(({ path }) =>
    path === '/bookmarks' ? { bookmarks } : path.startsWith('/changes') ? shownAt('a'.repeat(40)) : undefined,
  );
  expect((await repo.lookBookmarks()).size).toBe(500);
  clock.advance(20);
  expect((await repo.look(CHANGE)).seq).toBeLessThanOrEqual(BEGIN + 22);
});

test('that a change stands where it stood is counted once, after a while', async () => {
  const { repo, clock } = await restBench(({ path }) => (path.startsWith('/changes') ? shownAt('a'.repeat(40)) : undefined));
  const numbers: number[] = [];
  for (const ms of [0, 1_000, 2_500, 1_000, 60_000]) {
    clock.advance(ms);
    numbers.push((await repo.look(CHANGE)).seq - BEGIN);
  }
  expect(numbers).toEqual([0, 0, 3_500, 3_500, 3_500]);
});
