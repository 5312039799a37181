import { FsError } from '../../base/errors.ts';
import type { Terms } from '../../core/generated/mesa_core.js';
import type { Queued } from './writing.ts';
import type { Context, RepoPlace } from './context.ts';
import { isDirectory } from './entry.ts';
import type { Plan } from './outgoing.ts';
import type { View } from './trees.ts';
import { termsOf } from './version.ts';
import { checkSize, findFile, planFile, wasOf } from './write.ts';

/** A file to write. */
interface FileWrite {
  path: string;
  bytes: Uint8Array;
  /** The version it is made on top of; `null`: what is there. */
  base: Terms | null;
}

/** A file to write, and where that is. */
interface Placed {
  call: FileWrite;
  index: number;
  place: RepoPlace;
}

/**
 * Creates or replaces a file. Writes that wait for each other are laid on the version in one go: that costs by the directories they touch, not by files.
 *
 * @throws FsError ENOENT (no parent), EISDIR, ENOTDIR, EROFS, EFBIG, EINVAL (`base` is no version)
 */
export async function writeFile(context: Context, path: string, bytes: Uint8Array, options: { base?: string } = {}): Promise<void> {
  const base = typeof options.base === 'string' ? termsOf(options.base) : null;
  if (base === null && options.base !== undefined) {
    throw new FsError('EINVAL', 'open', path, { hint: `base is not a version; pass what stat(path).version answered, not ${JSON.stringify(options.base)}` });
  }
  checkSize(path, bytes.length);
  await context.mutateTogether({ path, bytes, base }, writeFiles);
}

/** Writes files in their order, as many at once as do not depend on each other. */
async function writeFiles(context: Context, calls: FileWrite[]): Promise<PromiseSettledResult<Queued>[]> {
  const outcomes: PromiseSettledResult<Queued>[] = [];
  let group: Placed[] = [];
  const write = async (): Promise<void> => {
    const written = await writeGroup(context, group);
    group.forEach(({ index }, at) => (outcomes[index] = written[at] ?? missing()));
    group = [];
  };
  for (const [index, call] of calls.entries()) {
    let found = await settle(findFile(context, call.path));
    // What it meets may be one of those before it, which is not there yet.
    if (!group.every(({ place }) => areApart(place, found))) {
      await write();
      found = await settle(findFile(context, call.path));
    }
    if (found.status === 'fulfilled') group.push({ call, index, place: found.value });
    else outcomes[index] = found;
  }
  await write();
  return outcomes;
}

/** Writes files of one repo, of which none is another: in one go, or, where that fails, one by one, each with its own error. */
async function writeGroup(context: Context, group: Placed[]): Promise<PromiseSettledResult<Queued>[]> {
  const [first] = group;
  if (first === undefined) return [];
  const written = await settle(first.place.checkout.writeTogether((view) => planAll(context, group, view)));
  if (written.status === 'fulfilled') return written.value.map((value) => ({ status: 'fulfilled', value }));
  if (group.length === 1) return [written];
  const outcomes: PromiseSettledResult<Queued>[] = [];
  for (const placed of group) outcomes.push(...(await writeGroup(context, [placed])));
  return outcomes;
}

async function planAll(context: Context, group: Placed[], view: View): Promise<Plan[]> {
  const [first] = group;
  if (first === undefined) return [];
  const { checkout } = first.place;
  const lookups = await checkout.trees.lookup(
    view,
    group.map(({ place }) => place.inner),
  );
  const plans: Plan[] = [];
  for (const [index, { call, place }] of group.entries()) {
    const lookup = lookups[index] ?? missing();
    if (isDirectory(lookup)) throw new FsError('EISDIR', 'open', call.path);
    const was = call.base ?? (await wasOf(checkout, view, place.inner, lookup.terms));
    plans.push(await planFile(context, checkout, place.inner, call.bytes, was, lookup.terms));
  }
  return plans;
}

/** Whether a place is of the same repo as another, and another file. */
function areApart(place: RepoPlace, found: PromiseSettledResult<RepoPlace>): boolean {
  return found.status === 'fulfilled' && found.value.checkout === place.checkout && found.value.inner !== place.inner;
}

async function settle<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [outcome] = await Promise.allSettled([promise]);
  return outcome;
}

function missing(): never {
  throw new Error('The core answered for fewer files than were asked about');
}
