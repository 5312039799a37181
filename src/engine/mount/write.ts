import { FsError } from '../../base/errors.ts';
import { MODE } from '../../base/ids.ts';
import { dirname } from '../../base/paths.ts';
import type { Edit, Terms } from '../../core/generated/mesa_core.js';
import type { StoredObject } from '../../core/resolve.ts';
import { MissingObjectError } from '../../core/resolve.ts';
import { concatBytes } from '../../wire/bytes.ts';
import { LIMITS } from '../../wire/limits.ts';
import type { Checkout } from './checkout.ts';
import type { Plan } from './outgoing.ts';
import { requireWritable } from './context.ts';
import type { Context, RepoPlace } from './context.ts';
import { fileMode, isDirectory, isPresent } from './entry.ts';
import { contentOf } from './read.ts';
import type { Before, Seen } from './races.ts';
import type { View } from './trees.ts';

const NEWLINE = 0x0a;
/** The latest time a `Date` holds, in milliseconds since the Unix epoch. */
const MAX_TIME = 8.64e15;
/** Bytes that a link's target may have, as POSIX systems have it (PATH_MAX, with a NUL). */
const MAX_TARGET = 4_095;

/** Adds to a file's end, making it when it is missing. @throws FsError as {@link writeFile}; EINVAL where a conflict's text does not hold its sides */
export async function appendFile(context: Context, path: string, bytes: Uint8Array): Promise<void> {
  await context.mutate(async () => {
    const place = await findFile(context, path);
    return place.checkout.write(async (view) => {
      const lookup = await place.checkout.trees.at(view, place.inner);
      if (isDirectory(lookup)) throw new FsError('EISDIR', 'open', path);
      if (!isText(lookup.terms))
        throw new FsError('EINVAL', 'open', path, { hint: 'it is in conflict with what is no file: settle that with resolveConflict' });
      // The end it is added to is the present one: nothing here is older than what it replaces.
      const before = isPresent(lookup) ? (await contentOf({ ...place, view, lookup })).bytes : new Uint8Array(0);
      // What stands on a conflict's last marker line is part of the marker.
      const newline = lookup.terms.length > 1 && before.at(-1) !== NEWLINE ? Uint8Array.of(NEWLINE) : new Uint8Array(0);
      checkSize(path, before.length + newline.length + bytes.length);
      return planFile(context, place.checkout, place.inner, concatBytes([before, newline, bytes]), lookup.terms, lookup.terms);
    });
  });
}

/** Makes a symbolic link; its text is kept as it is. @throws FsError EEXIST, ENAMETOOLONG, ENOENT, ENOTDIR, EROFS */
export async function symlink(context: Context, target: string, path: string): Promise<void> {
  if (typeof target !== 'string') throw new FsError('EINVAL', 'symlink', String(target), { dest: path, hint: 'the target is a string' });
  if (target === '' || target.includes('\0')) throw new FsError(target === '' ? 'ENOENT' : 'EINVAL', 'symlink', target, { dest: path });
  const bytes = new TextEncoder().encode(target);
  if (bytes.length > MAX_TARGET) {
    const hint = `the target has ${bytes.length} bytes, and at most ${MAX_TARGET}; lead there in steps, through links to directories on the way`;
    throw new FsError('ENAMETOOLONG', 'symlink', `${target.slice(0, 100)}…`, { dest: path, hint });
  }
  await context.mutate(async () => {
    const place = await context.findWritable(path, { syscall: 'symlink', follow: false });
    if (isPresent(place.lookup)) throw new FsError('EEXIST', 'symlink', target, { dest: path });
    await requireParent(context, place, 'symlink', path);
    if (path.endsWith('/')) throw new FsError('ENOENT', 'symlink', target, { dest: path });
    return place.checkout.write(async (view) => {
      const lookup = await place.checkout.trees.at(view, place.inner);
      const was = await wasOf(place.checkout, view, place.inner, lookup.terms);
      const blob = await blobOf(context, bytes);
      const entry: Terms = [{ oid: blob.oid, mode: MODE.symlink }];
      return { edits: [{ type: 'write', path: place.inner, was, entry, mtime: now(context) }], blobs: [blob] };
    });
  });
}

/** Sets or clears the executable bit, the only one that is kept. Directories have none. @throws FsError ENOENT, EROFS, EINVAL (`mode` is no whole number) */
export async function chmod(context: Context, path: string, mode: number): Promise<void> {
  if (!Number.isInteger(mode)) throw new FsError('EINVAL', 'chmod', path, { hint: `the mode is a number such as 0o755, not ${JSON.stringify(mode)}` });
  await context.mutate(async () => {
    const place = await context.findEditable(path, { syscall: 'chmod', follow: true });
    const wanted = (mode & 0o111) === 0 ? MODE.file : MODE.executable;
    return place.checkout.write(async (view) => {
      const { terms, kind } = await place.checkout.trees.at(view, place.inner);
      if (kind !== 'file' && kind !== 'conflict') return null;
      const entry = terms.map((term) => (term === null || (term.mode & 0o170000) !== 0o100000 ? term : { ...term, mode: wanted }));
      if (entry.every((term, index) => term?.mode === terms[index]?.mode)) return null;
      return { edits: [{ type: 'write', path: place.inner, was: terms, entry }], blobs: [] };
    });
  });
}

/** Sets a modification time, in milliseconds since the Unix epoch. @throws FsError ENOENT, EROFS, EINVAL */
export async function utimes(context: Context, path: string, mtime: number): Promise<void> {
  if (!(Math.abs(mtime) <= MAX_TIME)) throw new FsError('EINVAL', 'utime', path, { hint: 'the time is not a valid date' });
  await context.mutate(async () => {
    const place = await context.findEditable(path, { syscall: 'utime', follow: true });
    if (place.inner === '') return null;
    return place.checkout.write(async () => ({ edits: [{ type: 'utimes', path: place.inner, mtime: Math.round(mtime) }], blobs: [] }));
  });
}

/** Follows a path to where a file stands or can be made, from inside a write. */
export async function findFile(context: Context, path: string): Promise<RepoPlace> {
  const found = await context.findNow(path, { syscall: 'open', follow: true });
  if (found.kind === 'virtual') throw new FsError('EISDIR', 'open', path);
  const place = requireWritable(found, 'open', path);
  if (place.inner === '' || isDirectory(place.lookup)) throw new FsError('EISDIR', 'open', path);
  if (!isPresent(place.lookup)) await requireParent(context, place, 'open', path);
  if (path.endsWith('/')) throw new FsError('EISDIR', 'open', path);
  return place;
}

/** @throws FsError ENOENT, ENOTDIR when the directory a path is to be made in is not there */
export async function requireParent(context: Context, place: RepoPlace, syscall: string, path: string): Promise<void> {
  const parent = dirname(place.inner);
  if (parent === '') return;
  const lookup = await place.checkout.trees.at(place.view, parent);
  if (!isPresent(lookup)) {
    // One that only leads to another repo is made with what is put there.
    if (context.namespace.isFixed(dirname(place.path))) return;
    throw new FsError('ENOENT', syscall, path);
  }
  if (!isDirectory(lookup)) throw new FsError('ENOTDIR', syscall, path);
}

/** What a write of `path` replaces: what is there, or what would be there without a peer's edit that is racing with it. */
export async function wasOf(checkout: Checkout, view: View, path: string, present: Terms): Promise<Terms> {
  const before = checkout.races.before(path);
  if (before === null) return present;
  try {
    const known = await knownOf(checkout, before);
    before.laid(known);
    const { terms } = await checkout.trees.at(known, path);
    // A tree of what might have been is nowhere but here.
    return terms.some((term) => term?.mode === MODE.tree) ? (await checkout.trees.at(before.view, path)).terms : terms;
  } catch (error) {
    // The version before is not to be had any more; both are then kept over nothing.
    if (error instanceof MissingObjectError) return present.length === 1 ? [null] : present;
    throw error;
  }
}

/** What would be there without a racing edit, with all that was written and seen here since. */
async function knownOf(checkout: Checkout, { known, since }: Before): Promise<View> {
  let view = known;
  // Plain edits that follow each other are laid together.
  let plain: Edit[] = [];
  for (const item of since) {
    if (item.type !== 'seen' && item.type !== 'rename') {
      plain.push(item);
      continue;
    }
    ({ view } = await checkout.trees.apply(view, plain));
    plain = [];
    ({ view } = await checkout.trees.apply(view, await asKnown(checkout, view, item)));
  }
  return (await checkout.trees.apply(view, plain)).view;
}

/** What was seen, or what the writer of a rename knows of it: it moved what they saw, whatever else would be there without the race. */
async function asKnown(checkout: Checkout, view: View, item: Seen | Extract<Edit, { type: 'rename' }>): Promise<Edit[]> {
  const [path, entry]: [string, Terms] = item.type === 'seen' ? [item.path, item.terms] : [item.from, [null]];
  const { terms: was } = await checkout.trees.at(view, path);
  const set: Edit = { type: 'write', path, was, entry };
  return item.type === 'seen' ? [set] : [set, { type: 'write', path: item.to, was: item.toWas, entry: item.was }];
}

/** The edit that gives a path new bytes. What replaces a conflict may leave parts of it in conflict. */
export async function planFile(context: Context, checkout: Checkout, path: string, bytes: Uint8Array, was: Terms, present: Terms): Promise<Plan> {
  const mtime = now(context);
  if (was.length === 1) {
    const blob = await blobOf(context, bytes);
    const entry: Terms = [{ oid: blob.oid, mode: fileMode(isAbsent(was) ? present : was) }];
    return { edits: [{ type: 'write', path, was, entry, mtime }], blobs: [blob] };
  }
  const { terms, blobs } = await checkout.trees.parse(bytes, was);
  return { edits: [{ type: 'write', path, was, entry: terms, mtime }], blobs };
}

/** A blob of these bytes; they are copied, since the caller may go on using them. */
export async function blobOf(context: Context, bytes: Uint8Array): Promise<StoredObject> {
  const own = bytes.slice();
  return { oid: await context.core.hashBlob(own), kind: 'blob', bytes: own };
}

export function now(context: Context): number {
  return Math.round(context.env.clock.now());
}

/** Whether all that is in conflict are files, which the text with markers holds: of others it only tells. */
function isText(terms: Terms): boolean {
  return terms.length === 1 || terms.every((term) => term === null || (term.mode & 0o170000) === 0o100000);
}

function isAbsent(terms: Terms): boolean {
  return terms.length === 1 && terms[0] === null;
}

/** @throws FsError EFBIG */
export function checkSize(path: string, size: number): void {
  if (size > LIMITS.maxBlobBytes) throw new FsError('EFBIG', 'write', path, { hint: `${size} bytes; a file has at most ${LIMITS.maxBlobBytes}` });
}
