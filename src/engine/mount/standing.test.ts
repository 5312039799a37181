import { expect, test } from 'vitest';
import type { Entry } from '../../core/generated/mesa_core.js';
import { loadNodeCore } from '../../runtime/node-core.ts';
import { ManualClock } from '../../server/test-support.ts';
import type { Head, TouchedPath } from '../../wire/events.ts';
import { MemoryCache } from '../cache/memory.ts';
import { makePending } from '../sync/pending.ts';
import type { Pending } from '../sync/pending.ts';
import { ObjectStore } from './objects.ts';
import { Races } from './races.ts';
import { Standing } from './standing.ts';
import type { StandingParts } from './standing.ts';
import { Trees } from './trees.ts';
import type { View } from './trees.ts';

test('whoever looks while another head is entered sees one place or the other', async () => {
  const laid = Promise.withResolvers<{ view: View }>();
  const nothing = { over: (): never[] => [], settle: () => undefined } as unknown as StandingParts['overlay'];
  const trees = { apply: () => laid.promise } as unknown as StandingParts['trees'];
  const standing = new Standing({ trees, overlay: nothing } as StandingParts, head('fork', 7), null);
  const place = (): unknown[] => [standing.head.change, standing.bookmark, standing.bookmarkAt, standing.view.trees];
  const entering = standing.enter(head('base', 5), 'main');
  expect(place()).toEqual(['fork', null, 7, ['fork']]);
  laid.resolve({ view: { trees: ['laid'], side: null } });
  await entering;
  expect(place()).toEqual(['base', 'main', 5, ['laid']]);
});

test('what was refused races with nobody, and what comes with its refusal does', async () => {
  const { standing, races, write, refuse, told } = await bench();
  await refuse(write('f', 'base\n', 'mine\n'), write('g', 'base\n', 'theirs\n'));
  expect(told.map(({ path }) => path)).toEqual(['f', 'g']);
  expect([races.before('f'), races.before('g')?.view.trees]).toEqual([null, standing.head.trees]);
});

test('what comes to a path in which something was refused races with who writes there', async () => {
  const { standing, races, write, refuse } = await bench();
  await refuse(write('f', 'base\n', 'mine\n'), write('f', 'base\n', 'theirs\n'));
  // Against what was there before both.
  expect(races.before('f')?.view.trees).toEqual(standing.head.trees);
});

test('what another engine wrote and is not shown yet does not stay', async () => {
  const { standing, write, pending } = await bench();
  const [first, second] = [write('f', 'base\n', 'first\n'), write('g', 'base\n', 'second\n')];
  pending.others = [first];
  await standing.enter(standing.head, 'main');
  pending.others = [first, second];
  pending.own = [write('f', 'first\n', 'mine\n'), write('f', 'mine\n', 'more\n')];
  const [mine, more] = pending.own;
  expect(standing.without(more === undefined ? [] : [more])).toEqual([first, mine]);
  expect(standing.without([])).toBe(null);
});

/** A standing at a version in which `f` and `g` are `base`, with a real core. */
async function bench() {
  const core = await loadNodeCore();
  const objects = new ObjectStore({ core, fetch: async () => [], memory: new MemoryCache(1_000_000), disk: null });
  const trees = new Trees(core, objects, async () => undefined);
  const entry = (text: string): Entry => {
    const bytes = new TextEncoder().encode(text);
    const oid = core.hashObject('blob', bytes);
    objects.pin([{ oid, kind: 'blob', bytes }]);
    return { oid, mode: 0o100644 };
  };
  let seq = 0;
  const write = (path: string, was: string, text: string): Pending => {
    const edit = { type: 'write' as const, path, was: [was === '' ? null : entry(was)], entry: [entry(text)] };
    return makePending((seq += 1), { kind: 'files', target: { bookmark: 'main', newChange: '' }, edits: [edit] }, [], 'k');
  };
  const empty: View = { trees: [core.hashObject('tree', new Uint8Array(0))], side: null };
  objects.pin([{ oid: empty.trees[0] ?? '', kind: 'tree', bytes: new Uint8Array(0) }]);
  const base = await trees.apply(
    empty,
    ['f', 'g'].flatMap((path) => write(path, '', 'base\n').edits),
  );
  const pending = { own: [] as Pending[], others: [] as Pending[] };
  const overlay = {
    over: () => [...pending.others, ...pending.own],
    settle: () => undefined,
    get own() {
      return pending.own;
    },
  } as unknown as StandingParts['overlay'];
  const told: TouchedPath[] = [];
  const races = new Races(new ManualClock(), 1_000);
  const changed = (paths: TouchedPath[]): void => void told.push(...paths);
  const standing = new Standing(
    { trees, objects, overlay, races, changed, moved: () => undefined, reset: () => undefined, warn: () => undefined },
    { ...head('k', 3), trees: [...base.view.trees], side: base.view.side },
    'main',
  );
  /** Ours is shown and then refused, in the moment in which what another engine wrote is told of. */
  const refuse = async (ours: Pending, theirs: Pending): Promise<void> => {
    pending.own = [ours];
    await standing.enter(standing.head, 'main');
    const stays = standing.without([ours]);
    Object.assign(pending, { own: [], others: [theirs] });
    await standing.move({ head: standing.head, hints: null, own: true, stays });
  };
  return { standing, races, write, refuse, pending, told };
}

function head(change: string, repoSeq: number): Head {
  return { org: 'acme', repo: 'app', defaultBookmark: 'main', bookmark: null, change, commit: '', trees: [change], side: null, repoSeq, cursor: '' };
}
