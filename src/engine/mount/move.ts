import { FsError } from '../../base/errors.ts';
import { isWithin } from '../../base/paths.ts';
import type { Terms } from '../../core/generated/mesa_core.js';
import type { WireEdit } from '../../wire/operations.ts';
import { answeredSoon } from './answered-soon.ts';
import type { Queued } from './writing.ts';
import { Copier } from './copier.ts';
import type { Names } from './copier.ts';
import type { Plan } from './outgoing.ts';
import { requireWritable } from './context.ts';
import type { Context, RepoPlace } from './context.ts';
import { isEmpty } from './directory.ts';
import { isDirectory, isPresent } from './entry.ts';
import { Parts } from './parts.ts';
import { sameTerms } from './version.ts';
import { now, requireParent, wasOf } from './write.ts';

/**
 * Copies a file, or a directory with all below it, which is one edit naming its tree where the server has that. A file replaces a file; a directory is copied onto a name that
 * is free, or into the directory of that name, entry by entry.
 *
 * @throws FsError ENOENT, EISDIR (a directory, not recursive), ENOTDIR, EINVAL (into itself), EROFS
 */
export async function cp(context: Context, from: string, to: string, options: { recursive?: boolean } = {}): Promise<void> {
  await context.mutate(async () => {
    const source = await findSource(context, 'cp', from, to, true);
    if (isDirectory(source.lookup) && options.recursive !== true) throw new FsError('EISDIR', 'cp', from, { dest: to });
    const dest = await findDest(context, 'cp', from, to, true);
    if (!isDirectory(source.lookup)) wantFilePath('cp', { from, to });
    if (isSame(source, dest)) throw new FsError('EINVAL', 'cp', from, { dest: to, hint: 'both are the same file' });
    if (isDirectory(source.lookup) && isWithin(source.path, dest.path)) throw new FsError('EINVAL', 'cp', from, { dest: to, hint: 'into itself' });
    return copy(context, source, dest, { from, to });
  });
}

/**
 * Renames a file, link or directory; what stood at `to` is replaced as rename(2) does. Between repos it is a copy, and a
 * removal once the copy is as safe as the mount promises.
 *
 * @throws FsError ENOENT, EISDIR, ENOTDIR, ENOTEMPTY, EINVAL (into itself), EROFS
 */
export async function mv(context: Context, from: string, to: string): Promise<void> {
  const moved: Crossing[] = [];
  await context.mutate(async () => {
    const source = requireWritable(await findSource(context, 'rename', from, to, false), 'rename', from);
    if (context.namespace.isFixed(source.path)) throw new FsError('EROFS', 'rename', from, { dest: to });
    const dest = await findDest(context, 'rename', from, to, false);
    if (!isDirectory(source.lookup)) wantFilePath('rename', { from, to });
    if (isSame(source, dest)) return null;
    if (isWithin(source.path, dest.path)) throw new FsError('EINVAL', 'rename', from, { dest: to, hint: 'into itself' });
    await checkReplace(source, dest, { from, to });
    if (source.checkout === dest.checkout) return rename(context, source, dest, { from, to });
    const copied = await copy(context, source, dest, { from, to });
    const { bookmark, head } = source.checkout;
    moved.push({ source, dest, copied, bookmark, change: head.change });
    return copied;
  });
  for (const crossing of moved) {
    await crossing.copied.accepted;
    await answeredSoon(context, crossing.dest.checkout, crossing.copied.answered);
    await context.mutate(() => removeSource(context, crossing, { from, to }));
  }
}

/** What is moved from one repo to another. */
interface Crossing {
  source: RepoPlace;
  dest: RepoPlace;
  copied: Queued & { terms: Terms };
  /** The bookmark that the source follows; where it is `null`, the change. */
  bookmark: string | null;
  change: string;
}

/** Removes what was copied elsewhere, and no more than that: what was written there meanwhile stays. @throws FsError EBUSY */
async function removeSource(context: Context, { source, copied, bookmark, change }: Crossing, { from, to }: Names): Promise<Queued> {
  const { checkout } = source;
  // A bookmark that is followed goes on to another change with the first write of one's own.
  if (checkout.bookmark !== bookmark || (bookmark === null && checkout.head.change !== change)) {
    throw new FsError('EBUSY', 'rename', from, {
      dest: to,
      hint: 'the copy is made; another change is looked at by now, so what was moved is still in the one before',
    });
  }
  return checkout.write(async (view) => {
    const { terms } = await checkout.trees.at(view, source.inner);
    if (sameTerms(terms, copied.terms)) return remove(context, source, terms);
    if (!isDirectory(source.lookup)) return null;
    throw new FsError('EBUSY', 'rename', from, { dest: to, hint: 'the copy is made; what was moved has changed meanwhile, so it was left where it was' });
  });
}

/** Whether both are one place: a repo may be mounted twice at the same change. */
function isSame(source: RepoPlace, dest: RepoPlace): boolean {
  const [one, other] = [source.checkout, dest.checkout];
  return source.inner === dest.inner && (one === other || (one.spec.name === other.spec.name && one.head.change === other.head.change));
}

/** What is no directory can't get a name with a slash at its end. @throws FsError ENOTDIR */
function wantFilePath(syscall: string, { from, to }: Names): void {
  if (to.endsWith('/')) throw new FsError('ENOTDIR', syscall, from, { dest: to });
}

async function findSource(context: Context, syscall: string, from: string, to: string, follow: boolean): Promise<RepoPlace> {
  const found = await context.findNow(from, { syscall, follow });
  if (found.kind === 'virtual') throw new FsError(syscall === 'cp' ? 'EISDIR' : 'EROFS', syscall, from, { dest: to });
  if (found.kind === 'nowhere' || !isPresent(found.lookup)) throw new FsError('ENOENT', syscall, from, { ...found, dest: to });
  return found;
}

async function findDest(context: Context, syscall: string, from: string, to: string, follow: boolean): Promise<RepoPlace> {
  const dest = requireWritable(await context.findNow(to, { syscall, follow }), syscall, to);
  if (context.namespace.isFixed(dest.path) && syscall === 'rename') throw new FsError('EROFS', syscall, from, { dest: to });
  if (!isPresent(dest.lookup)) await requireParent(context, dest, syscall, to);
  return dest;
}

/** What rename(2) allows to be replaced. */
async function checkReplace(source: RepoPlace, dest: RepoPlace, names: Names): Promise<void> {
  if (!isPresent(dest.lookup)) return;
  if (!isDirectory(source.lookup)) {
    if (isDirectory(dest.lookup)) throw new FsError('EISDIR', 'rename', names.from, { dest: names.to });
    return;
  }
  if (!isDirectory(dest.lookup)) throw new FsError('ENOTDIR', 'rename', names.from, { dest: names.to });
  if (!(await isEmpty(dest.checkout, dest.view, dest.inner))) throw new FsError('ENOTEMPTY', 'rename', names.from, { dest: names.to });
}

function rename(context: Context, source: RepoPlace, dest: RepoPlace, names: Names): Promise<Queued> {
  const { checkout } = source;
  return checkout.write(async (view) => {
    const [from, to] = await checkout.trees.lookup(view, [source.inner, dest.inner]);
    if (from === undefined || to === undefined || !isPresent(from)) return null;
    // A peer's edit may have come since it was looked at first.
    await checkReplace({ ...source, view, lookup: from }, { ...dest, view, lookup: to }, names);
    const toWas = await wasOf(checkout, view, dest.inner, to.terms);
    const edits: WireEdit[] = [];
    // An empty directory in the way is removed first: renaming merges with what is there.
    if (isDirectory(to)) edits.push({ type: 'write', path: dest.inner, was: to.terms, entry: [null], mtime: now(context) });
    edits.push({ type: 'rename', from: source.inner, to: dest.inner, was: from.terms, toWas, mtime: now(context) });
    return { edits, blobs: [] };
  });
}

function remove(context: Context, place: RepoPlace, was: Terms): Plan {
  return { edits: [{ type: 'write', path: place.inner, was, entry: [null], mtime: now(context) }], blobs: [] };
}

/** Copies in as many operations as that takes, in order. `terms`: what was copied. */
async function copy(context: Context, source: RepoPlace, dest: RepoPlace, names: Names): Promise<Queued & { terms: Terms }> {
  const same = source.checkout === dest.checkout;
  // A tree made here is sent along with all in it: where the server can be asked, it has that with the writes that made it.
  if (same && isDirectory(source.lookup) && source.lookup.terms.some((term) => term !== null && source.checkout.objects.isPinned(term.oid))) {
    await source.checkout.settled();
  }
  let { terms } = source.lookup;
  const queued = await dest.checkout.writeTogether(async (view) => {
    const sourceView = same ? view : source.checkout.view;
    const lookup = await source.checkout.trees.at(sourceView, source.inner);
    terms = lookup.terms;
    const parts = new Parts();
    const copier = new Copier(context, source.checkout, sourceView, dest.checkout, view, parts);
    await copier.copy(source.inner, lookup, dest.inner, names);
    return parts.plans;
  });
  const answered = Promise.all(queued.map(async (each) => each.answered));
  // Whoever waits for it hears of its failure; often nobody does.
  answered.catch(() => undefined);
  return { accepted: Promise.all(queued.map((each) => each.accepted)), answered, terms };
}
