import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { describe, expect, test } from 'vitest';
import { IdbMedium } from '../../src/engine/journal/idb.ts';
import type { Log } from '../../src/engine/journal/medium.ts';
import { JournalError } from '../../src/engine/journal/medium.ts';
import { systemClock } from '../../src/base/env.ts';
import type { StoredObject } from '../../src/core/resolve.ts';
import { openIdbCache } from '../../src/engine/cache/idb.ts';
import type { ObjectCache } from '../../src/engine/cache/interface.ts';
import { IdbDatabase } from '../../src/engine/storage/idb-database.ts';
import type { Fate } from '../simulation/faulty-idb.ts';
import { FaultyIdb } from '../simulation/faulty-idb.ts';
import { bytes, text } from './log-medium.ts';

/** What a tab did, and what it was told of it. */
interface Told {
  /** Groups that were acknowledged, in the order in which they were given. */
  kept: string[][];
  refused: { group: string[]; error: unknown }[];
  /** Groups that got no answer. */
  open: string[][];
  /** Whether a rewrite to `['R']` was acknowledged; `null` while it has no answer. */
  rewritten: boolean | null;
}

/** Opens a log and appends to it, one group after another and several at once, with a rewrite between. Goes on as far as answers come. */
async function use(tab: FaultyIdb): Promise<Told> {
  const told: Told = { kept: [], refused: [], open: [], rewritten: null };
  const medium = new IdbMedium({ indexedDB: tab.factory, IDBKeyRange }, 'x');
  const append = async (log: Log, group: string[]): Promise<void> => {
    told.open.push(group);
    await log.append(group.map(bytes)).then(
      () => told.kept.push(group),
      (error: unknown) => told.refused.push({ group, error }),
    );
    told.open.splice(told.open.indexOf(group), 1);
  };
  const run = async (): Promise<void> => {
    const log = await medium.open('one').catch(() => medium.open('one'));
    await append(log, ['a1', 'a2']);
    await Promise.all([append(log, ['b']), append(log, ['c1', 'c2']), append(log, ['d'])]);
    await log.rewrite([bytes('R')]).then(
      () => (told.rewritten = true),
      () => (told.rewritten = false),
    );
    await append(log, ['e']);
    await append(log, ['f']);
    await log.close();
  };
  // A tab that has ended gets no answer: enough turns pass for everything else.
  await Promise.race([run().catch(() => undefined), turns(400)]);
  return told;
}

/** What the next tab finds. */
async function found(under: IDBFactory): Promise<string[]> {
  return text(await new IdbMedium({ indexedDB: under, IDBKeyRange }, 'x').read('one'));
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Holds what is found to what was told. */
function check(told: Told, records: string[], hint: string): void {
  const joined = records.join(' ');
  const before = [['a1', 'a2'], ['b'], ['c1', 'c2'], ['d']];
  const isBefore = (group: string[]): boolean => before.some(([first]) => first === group[0]);
  const wholeOrNone = [...before, ['e'], ['f']].filter((group) => group.some((record) => records.includes(record)));
  for (const group of wholeOrNone) expect(joined, `${hint}: a group is there whole, or not`).toContain(group.join(' '));
  if (told.rewritten === true || records.includes('R')) {
    expect(records[0], hint).toBe('R');
    expect(
      told.kept.filter((group) => !isBefore(group)).every(([first]) => joined.includes(String(first))),
      hint,
    ).toBe(true);
  } else {
    for (const group of told.kept) expect(joined, `${hint}: what was acknowledged is there`).toContain(group.join(' '));
  }
  for (const { group, error } of told.refused) {
    expect(error, hint).toBeInstanceOf(JournalError);
    expect(records, `${hint}: what was refused is not there`).not.toContain(group[0]);
  }
  const order = ['R', 'a1', 'a2', 'b', 'c1', 'c2', 'd', 'e', 'f'];
  expect(records, `${hint}: in order, once`).toEqual(order.filter((record) => records.includes(record)));
}

/** The steps of a tab where nothing goes wrong. */
async function stepsOf(): Promise<number> {
  const tab = new FaultyIdb(new IDBFactory(), () => 'complete');
  const told = await use(tab);
  expect(told.kept.length).toBe(6);
  return tab.steps;
}

const passing: Fate[] = ['abort', 'error', 'lose', 'lose-late', 'lose-quietly'];

describe('every step, once', () => {
  test.each(passing)('%s: it is done again, and all is acknowledged', async (fate) => {
    const steps = await stepsOf();
    expect(steps).toBeGreaterThan(6);
    for (let index = 0; index < steps; index += 1) {
      const under = new IDBFactory();
      const told = await use(new FaultyIdb(under, (step) => (step.index === index ? fate : 'complete')));
      expect([told.kept.length, told.rewritten], `at step ${index}`).toEqual([6, true]);
      expect(await found(under), `at step ${index}`).toEqual(['R', 'e', 'f']);
    }
  });

  test.each<Fate>(['die', 'die-late', 'quota', 'vanish'])('%s: what was acknowledged is there, and nothing torn', async (fate) => {
    const steps = await stepsOf();
    for (let index = 0; index < steps; index += 1) {
      const under = new IDBFactory();
      const tab = new FaultyIdb(under, (step) => (step.index === index ? fate : 'complete'));
      const told = await use(tab);
      const records = await found(under);
      // What vanished was acknowledged: only that nothing is torn, and that a log that vanished takes nothing more, can be asked for.
      check(fate === 'vanish' ? { ...told, kept: [], rewritten: null } : told, records, `${fate} at step ${index}`);
      if (fate.startsWith('die')) expect(tab.dead, `at step ${index}`).toBe(true);
      else expect(told.open, `at step ${index}`).toEqual([]);
    }
  });
});

test.each<Fate>([...passing, 'quota'])('%s, from each step on: what is refused is not there, and nothing waits for ever', async (fate) => {
  const steps = await stepsOf();
  for (let from = 0; from < steps; from += 1) {
    const under = new IDBFactory();
    const told = await use(new FaultyIdb(under, ({ index }) => (index >= from ? fate : 'complete')));
    expect(told.open, `from step ${from}`).toEqual([]);
    if (told.kept.length + told.refused.length === 0) continue;
    // What is lost each time after it was stored is refused, and there: the only answer that can't be had.
    if (fate === 'lose-late') told.refused = [];
    check(told, await found(under), `${fate} from step ${from}`);
  }
});

describe('what failed and is there all the same', () => {
  /** A log whose next `count` steps have a fate, the first of them another one. */
  async function broken(): Promise<{ log: Log; under: IDBFactory; fail: (first: Fate, then: Fate, count: number) => void }> {
    const under = new IDBFactory();
    const plan: Fate[] = [];
    const tab = new FaultyIdb(under, () => plan.shift() ?? 'complete');
    const log = await new IdbMedium({ indexedDB: tab.factory, IDBKeyRange }, 'x').open('one');
    await log.append([bytes('a')]);
    return { log, under, fail: (first, then, count) => void plan.push(first, ...Array.from({ length: count }, () => then)) };
  }

  test('what is added next is not taken for it', async () => {
    const { log, under, fail } = await broken();
    // Stored, then told that it was lost; the database can't be opened again for a moment.
    fail('lose-late', 'error', 2);
    await expect(log.append([bytes('b')])).rejects.toMatchObject({ code: 'IO' });
    await log.append([bytes('c')]);
    await log.append([bytes('d')]);
    expect(await found(under)).toEqual(['a', 'c', 'd']);
  });

  test('what is written anew next is not taken for it', async () => {
    const { log, under, fail } = await broken();
    fail('lose-late', 'error', 2);
    await expect(log.append([bytes('b')])).rejects.toMatchObject({ code: 'IO' });
    await log.rewrite([bytes('R')]);
    expect(await found(under)).toEqual(['R']);
  });

  test('what is added to a log that was written anew is added', async () => {
    const { log, under, fail } = await broken();
    fail('lose-late', 'error', 2);
    await expect(log.rewrite([bytes('R')])).rejects.toMatchObject({ code: 'IO' });
    await log.append([bytes('c')]);
    expect(await found(under)).toEqual(['R', 'c']);
    expect(log.size).toBe(2);
  });
});

test('no room: everything that waits is refused, and the log goes on when there is room again', async () => {
  const under = new IDBFactory();
  let full = false;
  const tab = new FaultyIdb(under, ({ kind }) => (full && kind === 'readwrite' ? 'quota' : 'complete'));
  const log = await new IdbMedium({ indexedDB: tab.factory, IDBKeyRange }, 'x').open('one');
  await log.append([bytes('a')]);
  full = true;
  const [b, c] = await Promise.allSettled([log.append([bytes('b')]), log.append([bytes('c')])]);
  expect([b, c].map((each) => each.status === 'rejected' && (each.reason as JournalError).code)).toEqual(['QUOTA', 'QUOTA']);
  await expect(log.rewrite([bytes('r')])).rejects.toMatchObject({ code: 'QUOTA' });
  full = false;
  await log.append([bytes('d')]);
  expect(await found(under)).toEqual(['a', 'd']);
});

test.each<Fate>(['abort', 'quota'])('a cache keeps no note of objects that it could not store (%s), and stores both once it can', async (fate) => {
  const under = new IDBFactory();
  let broken = false;
  const tab = new FaultyIdb(under, ({ kind, stores }) => (broken && kind === 'readwrite' && stores.includes('objects') ? fate : 'complete'));
  const cache = openIdbCache(tab.factory, systemClock())('cache', 1_000_000);
  const object = { oid: 'a', kind: 'blob' as const, bytes: bytes('a') };
  broken = true;
  cache.put([object]);
  // By itself, as after a while.
  expect(await cache.flush()).toBe(false);
  cache.note('head', () => 'of a');
  expect(await cache.flush()).toBe(false);
  expect(await openIdbCache(under, systemClock())('cache', 1_000_000).noted('head')).toBeUndefined();
  expect(await cache.get(['a'])).toEqual([object]);
  broken = false;
  expect(await cache.flush()).toBe(true);
  const next = openIdbCache(under, systemClock())('cache', 1_000_000);
  expect([await next.noted('head'), await next.get(['a'])]).toEqual(['of a', [object]]);
});

test('a cache that gave objects up notes again once they are put again', async () => {
  const under = new IDBFactory();
  let broken = true;
  const tab = new FaultyIdb(under, ({ kind, stores }) => (broken && kind === 'readwrite' && stores.includes('objects') ? 'abort' : 'complete'));
  const cache = openIdbCache(tab.factory, systemClock())('cache', 1_000_000_000);
  const object = (oid: string): StoredObject => ({ oid, kind: 'blob', bytes: new Uint8Array(6 * 1024 * 1024) });
  cache.put(['a', 'b', 'c', 'd'].map(object));
  cache.note('head', () => 'of all');
  expect(await cache.flush()).toBe(false);
  const asked: string[][] = [];
  const load = async (oids: string[]): Promise<StoredObject[]> => {
    asked.push(oids);
    return oids.map(object);
  };
  // Nothing can be stored yet: nothing is brought in for nothing.
  await cache.recover(load);
  broken = false;
  expect(await cache.flush()).toBe(false);
  await cache.recover(load);
  expect(asked).toEqual([['a', 'b']]);
  expect(await cache.flush()).toBe(true);
  const next = openIdbCache(under, systemClock())('cache', 1_000_000_000);
  expect([await next.noted('head'), (await next.get(['a', 'b', 'c', 'd'])).length]).toEqual(['of all', 4]);
});

test('what one page retains stays whatever another page gives up, until it is let go', async () => {
  const under = new IDBFactory();
  const open = (): ObjectCache => openIdbCache(under, systemClock())('cache', 10_000_000);
  const [one, other] = [open(), open()];
  const large = (oid: string): StoredObject => ({ oid, kind: 'blob', bytes: new Uint8Array(600_000) });
  // It has looked at what is retained before any of it was.
  await other.shrink([]);
  one.put(['a', 'b', 'c'].map(large));
  await one.flush();
  const asked = await Promise.all([one.retain('pin:a', ['a']), one.retain('pin:b', ['b']), other.retain('pin:c', ['c'])]);
  expect(asked).toEqual([true, true, true]);
  expect((await other.retained()).toSorted()).toEqual(['pin:a', 'pin:b', 'pin:c']);
  const third = open();
  await third.shrink([]);
  expect((await third.get(['a', 'b', 'c'])).map(({ oid }) => oid).toSorted()).toEqual(['a', 'b', 'c']);
  await other.retain('pin:a', []);
  await one.retain('pin:b', []);
  expect(await one.retained()).toEqual(['pin:c']);
  await third.shrink([]);
  expect((await third.get(['a', 'b', 'c'])).map(({ oid }) => oid)).toContain('c');
});

test('a database that someone wants to delete is let go of, and its log is lost', async () => {
  const under = new IDBFactory();
  const log = await new IdbMedium({ indexedDB: under, IDBKeyRange }, 'x').open('one');
  await log.append([bytes('a')]);
  await new Promise((resolve) => under.deleteDatabase('mesafs-journal-x').addEventListener('success', resolve));
  await expect(log.append([bytes('b')])).rejects.toMatchObject({ code: 'LOST' });
});

test('a page that keeps an older version open is not waited for', async () => {
  const under = new IDBFactory();
  const older = under.open('x', 1);
  await new Promise((resolve) => older.addEventListener('success', resolve));
  const database = new IdbDatabase(under, 'x', { version: 2, stores: ['a'] });
  const count = (): Promise<unknown> => database.run(['a'], 'readonly', 'relaxed', (tx) => tx.objectStore('a').name);
  await expect(count()).rejects.toThrow('keeps an older version');
  older.result.close();
  await turns(10);
  expect(await count()).toBe('a');
  database.close();
  await expect(count()).rejects.toThrow('closed');
});

test('a newer version of the database is not touched', async () => {
  const under = new IDBFactory();
  const newer = under.open('x', 3);
  await new Promise((resolve) => newer.addEventListener('success', resolve));
  newer.result.close();
  const database = new IdbDatabase(under, 'x', { version: 2, stores: ['a'] });
  await expect(database.run(['a'], 'readonly', 'relaxed', () => 1)).rejects.toMatchObject({ name: 'VersionError' });
});
