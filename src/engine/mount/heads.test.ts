import { expect, test } from 'vitest';
import type { ObjectCache } from '../cache/interface.ts';
import type { Head } from '../../wire/events.ts';
import { Heads } from './heads.ts';

function cache(): ObjectCache {
  const notes = new Map<string, unknown>();
  const part = {
    note: (key: string, over: (stored: unknown) => unknown) => void notes.set(key, over(notes.get(key))),
    noted: (key: string) => Promise.resolve(notes.get(key)),
    flush: () => Promise.resolve(true),
  };
  return part as unknown as ObjectCache;
}

const head = (change: string, repoSeq: number, bookmark: string | null = null): Head => ({
  org: 'acme',
  repo: 'app',
  defaultBookmark: 'main',
  bookmark,
  change,
  commit: `${change}${repoSeq}`,
  trees: [`${change}${repoSeq}`],
  side: null,
  repoSeq,
  cursor: '',
});

test('a head of which another engine has noted a later one is kept by that: what it holds need not be in a journal', async () => {
  const heads = new Heads(cache());
  await heads.note({ head: head('k', 3, 'main'), holds: { us: 1 }, bookmarkAt: 3 }, 'main', false);
  // Another engine looks at the change itself.
  expect(await heads.note({ head: head('k', 7), holds: { us: 4 } }, null, false)).toBe(true);
  expect(await heads.note({ head: head('k', 5, 'main'), holds: { us: 4 }, bookmarkAt: 5 }, 'main', false)).toBe(true);
  expect((await heads.find({ change: 'k' }))?.head.repoSeq).toBe(7);
  const main = await heads.find({ bookmark: 'main' });
  expect([main?.head.repoSeq, main?.head.bookmark, main?.holds, main?.bookmarkAt]).toEqual([7, 'main', { us: 4 }, 5]);
});

test('that a bookmark went on, as another engine has noted, is not forgotten', async () => {
  const heads = new Heads(cache());
  await heads.note({ head: head('l', 9, 'main'), holds: {}, bookmarkAt: 9 }, 'main', false);
  await heads.note({ head: head('k', 7), holds: {} }, null, false);
  expect(await heads.note({ head: head('k', 5, 'main'), holds: {}, bookmarkAt: 5 }, 'main', false)).toBe(true);
  expect((await heads.find({ bookmark: 'main' }))?.head.change).toBe('l');
});

test('a tab that still follows the bookmark to where it was does not take it back', async () => {
  const heads = new Heads(cache());
  await heads.note({ head: head('k', 5, 'main'), holds: {}, bookmarkAt: 5 }, 'main', false);
  await heads.note({ head: head('l', 9, 'main'), holds: {}, bookmarkAt: 9 }, 'main', false);
  await heads.note({ head: head('k', 5, 'main'), holds: {}, bookmarkAt: 5 }, 'main', false);
  for (const revision of [{ bookmark: 'main' }, {}]) expect((await heads.find(revision))?.head.change).toBe('l');
});

test('what the earlier of two heads of a change holds the later one holds too, whoever notes them and in whichever order', async () => {
  for (const order of [[0, 1] as const, [1, 0] as const]) {
    const heads = new Heads(cache());
    const noted = [
      { head: head('k', 5, 'main'), holds: { us: 4, them: 1 }, bookmarkAt: 5 },
      { head: head('k', 7, 'main'), holds: { them: 3 }, bookmarkAt: 5 },
    ] as const;
    for (const index of order) await heads.note(noted[index], 'main', false);
    for (const revision of [{ bookmark: 'main' }, { change: 'k' }]) {
      const found = await heads.find(revision);
      expect([found?.head.repoSeq, found?.holds]).toEqual([7, { us: 4, them: 3 }]);
    }
  }
});

test('a backend that has gone back is noted where it stands now', async () => {
  const heads = new Heads(cache());
  await heads.note({ head: head('k', 7, 'main'), holds: {}, bookmarkAt: 7 }, 'main', false);
  expect(await heads.note({ head: head('k', 2, 'main'), holds: {}, bookmarkAt: 2 }, 'main', true)).toBe(true);
  expect((await heads.find({ bookmark: 'main' }))?.head.repoSeq).toBe(2);
});
