import { FsError } from '../../base/errors.ts';
import { MODE } from '../../base/ids.ts';
import { dirname, segments } from '../../base/paths.ts';
import type { Terms } from '../../core/generated/mesa_core.js';
import type { PinResult } from '../../rpc/types.ts';
import type { Checkout } from './checkout.ts';
import type { Context, RepoPlace } from './context.ts';
import { isPresent } from './entry.ts';
import { readTree } from '../remote/git-tree.ts';
import { absolute } from './namespace.ts';
import type { View } from './trees.ts';

/** Begins the names under which what is pinned is retained; the path follows. */
export const PIN = 'pin:';
/** Objects asked for at once. */
const BATCH = 500;

/** What a person can do where something can't be kept. */
const HINT = 'it cannot be stored on this device; free some space for this site, or raise diskCache.maxSizeBytes: a file takes a quarter of it at most';

/** How a path is held. */
interface Holding {
  all: boolean;
  wanted: () => boolean | Promise<boolean>;
}

/** Brings in all that is below a path and keeps it. @throws FsError ENOENT, EINVAL (outside a repo), ENOSPC */
export async function pin(context: Context, path: string): Promise<PinResult> {
  const { checkout, inner, lookup } = await placeOf(context, path, 'pin');
  if (!isPresent(lookup) && inner !== '') throw new FsError('ENOENT', 'pin', path);
  const { view, keeper } = checkout;
  const wasPinned = (await keeper.pins()).includes(inner);
  const { isKept, ...held } = await hold(checkout, inner, { all: true, wanted: () => true });
  // What came meanwhile was not brought in for a path that was not pinned yet.
  if (checkout.view !== view) keeper.rest([]);
  if (isKept || !keeper.hasDisk) return held;
  // What was kept before is kept on.
  if (!wasPinned) await keeper.unpin(inner);
  throw new FsError('ENOSPC', 'pin', path, { hint: HINT });
}

/** Lets what was pinned go when room is needed. Does nothing for a path that is not pinned; one that is gone can be let go like any other. */
export async function unpin(context: Context, path: string): Promise<void> {
  const { checkout, inner } = await placeOf(context, path, 'unpin');
  await checkout.keeper.unpin(inner);
}

/** The pinned paths, sorted. */
export async function pins(context: Context): Promise<string[]> {
  const lists = await Promise.all(
    context.namespace.checkouts.map(async (checkout) => (await checkout.keeper.pins()).map((inner) => absolute(checkout, inner))),
  );
  return lists.flat().toSorted();
}

/**
 * Keeps what a path holds now, instead of what it held, unless it is not `wanted` any more; answers whether it is kept. What is gone holds nothing. `all`: files
 * are brought in and counted, also those that are kept already.
 */
export async function hold(checkout: Checkout, inner: string, { all, wanted }: Holding): Promise<PinResult & { isKept: boolean }> {
  const { view } = checkout;
  const lookup = await checkout.trees.at(view, inner);
  const kept = new Set<string>();
  const held = await bringIn(checkout, entriesOf(lookup.terms), kept, all);
  // Times and empty directories are in a tree of their own.
  await bringIn(checkout, await sideOn(checkout, view.side, inner, kept), kept, all);
  // Only now: what is pinned may be the root itself.
  for (const { oid } of await waysTo(checkout, view, inner)) kept.add(oid);
  return { ...held, isKept: (await wanted()) && (await checkout.objects.retain(PIN + inner, [...kept])) };
}

/** The trees on the way to a path, the roots among them: without any of these it could not be found. */
async function waysTo(checkout: Checkout, view: View, inner: string): Promise<{ oid: string; mode: number }[]> {
  const above: string[] = [];
  for (let at = inner; at !== ''; at = dirname(at)) if (at !== inner) above.push(at);
  const found = above.length === 0 ? [] : await checkout.trees.lookup({ trees: view.trees, side: null }, above);
  return [...view.trees.map((oid) => ({ oid, mode: MODE.tree })), ...found.flatMap(({ terms }) => entriesOf(terms))].filter(({ mode }) => mode === MODE.tree);
}

/** Brings in entries and all below them, a level at a time, and counts the files, or the directories alone; what is in `kept` already is passed over. */
async function bringIn(checkout: Checkout, entries: { oid: string; mode: number }[], kept: Set<string>, all: boolean): Promise<PinResult> {
  let files = 0;
  let bytes = 0;
  for (let level = entries; level.length > 0;) {
    const fresh = level.filter(({ oid, mode }) => mode !== MODE.submodule && !kept.has(oid));
    for (const { oid } of fresh) kept.add(oid);
    const read = all ? fresh : fresh.filter(({ mode }) => mode === MODE.tree);
    level = [];
    for (let at = 0; at < read.length; at += BATCH) {
      for (const object of await checkout.objects.get(read.slice(at, at + BATCH).map(({ oid }) => oid))) {
        if (object.kind === 'tree') level.push(...readTree(object.bytes));
        else {
          files += 1;
          bytes += object.bytes.length;
        }
      }
    }
  }
  return { files, bytes };
}

/** The side entry of a path, with the tables of the directories on the way to it; nothing where there is none. */
async function sideOn(checkout: Checkout, side: string | null, inner: string, kept: Set<string>): Promise<{ oid: string; mode: number }[]> {
  if (side === null) return [];
  const on: { oid: string; mode: number }[] = [];
  let oid = side;
  for (const name of segments(inner)) {
    const [tree] = await checkout.objects.get([oid]);
    const entries = readTree(tree?.bytes ?? new Uint8Array(0));
    on.push(...entries.filter((entry) => entry.name === '.'));
    const next = entries.find((entry) => entry.name === name);
    if (next === undefined) return on;
    kept.add(oid);
    ({ oid } = next);
  }
  return [...on, { oid, mode: MODE.tree }];
}

function entriesOf(terms: Terms): { oid: string; mode: number }[] {
  return terms.filter((term) => term !== null);
}

async function placeOf(context: Context, path: string, syscall: string): Promise<RepoPlace> {
  const found = await context.find(path, { syscall, follow: true });
  if (found.kind !== 'repo') throw new FsError('EINVAL', syscall, path, { hint: 'only what is in a repo can be pinned' });
  return found;
}
