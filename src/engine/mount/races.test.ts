import { expect, test } from 'vitest';
import { ManualClock } from '../../server/test-support.ts';
import type { Edit } from '../../core/generated/mesa_core.js';
import { Races } from './races.ts';
import type { View } from './trees.ts';

const view = (name: string): View => ({ trees: [name], side: null });
const file = (path: string): { path: string; recursive: boolean }[] => [{ path, recursive: false }];

function bench(window = 1_000): { races: Races; clock: ManualClock } {
  const clock = new ManualClock();
  return { races: new Races(clock, window), clock };
}

test('an edit races until its window is over', () => {
  const { races, clock } = bench();
  races.arriving(view('before'))(file('a'));
  clock.advance(999);
  expect(races.before('a')?.view).toEqual(view('before'));
  expect(races.before('b')).toBeNull();
  clock.advance(1);
  expect(races.before('a')).toBeNull();
  expect(races.active).toBe(false);
});

test('an edit does not race for longer when the clock is set back', () => {
  for (const window of [1_000, Infinity]) {
    const { races, clock } = bench(window);
    races.arriving(view('before'))(file('a'));
    clock.advance(-3_600_000);
    // How long ago it came is not known: at most the window from now.
    expect(races.before('a')?.view).toEqual(view('before'));
    clock.advance(1_000);
    expect(races.active).toBe(window === Infinity);
  }
});

test('an edit that was read does not race, the one after it does', () => {
  const { races } = bench();
  races.arriving(view('one'))(file('a'));
  races.read('a', races.turn, [null]);
  expect(races.before('a')).toBeNull();
  races.arriving(view('two'))(file('a'));
  expect(races.before('a')?.view).toEqual(view('two'));
});

test('a read of an older view has not seen what arrived meanwhile', () => {
  const { races } = bench();
  const { turn } = races;
  races.arriving(view('before'))(file('a'));
  races.read('a', turn, [null]);
  expect(races.before('a')?.view).toEqual(view('before'));
});

test('the earliest unread edit counts, and the next when it is too old', () => {
  const { races, clock } = bench();
  races.arriving(view('one'))(file('a'));
  clock.advance(600);
  races.arriving(view('two'))(file('a'));
  expect(races.before('a')?.view).toEqual(view('one'));
  clock.advance(600);
  expect(races.before('a')?.view).toEqual(view('two'));
});

test('an edit concerns what is below it and what it is in', () => {
  const { races } = bench();
  races.arriving(view('before'))([{ path: 'd', recursive: true }]);
  expect(races.before('d/e/f')).not.toBeNull();
  expect(races.before('dd')).toBeNull();
  const other = bench();
  other.races.arriving(view('before'))(file('d/e/f'));
  expect(other.races.before('d')).not.toBeNull();
  expect(other.races.before('d/e/f/g')).not.toBeNull();
  expect(other.races.before('d/e/g')).toBeNull();
});

test('a window of nothing never races, one without end always', () => {
  const never = bench(0);
  never.races.arriving(view('before'))(file('a'));
  expect(never.races.before('a')).toBeNull();
  const always = bench(Infinity);
  always.races.arriving(view('before'))(file('a'));
  always.clock.advance(1e12);
  expect(always.races.before('a')?.view).toEqual(view('before'));
});

test('what was written here since is known to whoever writes next', () => {
  const { races } = bench();
  const edit = (path: string): Edit => ({ type: 'mkdir', path, mtime: 0 });
  races.wrote([edit('early')]);
  races.arriving(view('one'))(file('a'));
  races.wrote([edit('x')]);
  races.arriving(view('two'))(file('b'));
  races.wrote([edit('y')]);
  expect(races.before('a')).toMatchObject({ known: view('one'), since: [edit('x'), edit('y')] });
  expect(races.before('b')).toMatchObject({ known: view('two'), since: [edit('y')] });
  races.before('a')?.laid(view('one with both'));
  races.wrote([edit('z')]);
  expect(races.before('a')).toMatchObject({ view: view('one'), known: view('one with both'), since: [edit('z')] });
});

test('who reads before it is known what is different has seen it, who reads an older view has not', () => {
  const { races } = bench();
  const old = races.turn;
  const arrived = races.arriving(view('before'));
  races.read('a', races.turn, [null]);
  races.read('b', old, [null]);
  expect(races.before('a')).toBeNull();
  arrived([...file('a'), ...file('b')]);
  expect(races.before('a')).toBeNull();
  expect(races.before('b')?.view).toEqual(view('before'));
});

test('what turns out to be no difference races with nothing', () => {
  const { races } = bench();
  races.arriving(view('before'))([]);
  expect(races.before('a')).toBeNull();
  expect(races.active).toBe(false);
});

test('looking at another change forgets', () => {
  const { races } = bench();
  races.arriving(view('before'))(file('a'));
  races.clear();
  expect(races.before('a')).toBeNull();
});

test('what no remembered edit came before is let go of, and the rest keeps its place', () => {
  const { races, clock } = bench();
  const edit = (path: string): Edit => ({ type: 'mkdir', path, mtime: 0 });
  for (let count = 0; count < 5_000; count += 1) {
    races.arriving(view(`${count}`))(file('a'));
    races.wrote([edit(`${count}`)]);
    clock.advance(500);
  }
  races.arriving(view('last'))(file('a'));
  races.wrote([edit('last')]);
  expect(races.before('a')?.since).toEqual([edit('4999'), edit('last')]);
});
