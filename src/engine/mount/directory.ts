import { FsError } from '../../base/errors.ts';
import { dirname, resolvePath } from '../../base/paths.ts';
import type { WireEdit } from '../../wire/operations.ts';
import type { Checkout } from './checkout.ts';
import { requireWritable } from './context.ts';
import type { Context } from './context.ts';
import { isDirectory, isPresent } from './entry.ts';
import type { View } from './trees.ts';
import { now, requireParent, wasOf } from './write.ts';

/** Makes a directory, which stays even when it is empty. @throws FsError EEXIST, ENOENT (no parent and not recursive), ENOTDIR, EROFS */
export async function mkdir(context: Context, path: string, options: { recursive?: boolean } = {}): Promise<void> {
  const recursive = options.recursive === true;
  await context.mutate(async () => {
    const found = await context.findNow(path, { syscall: 'mkdir', follow: true });
    if (found.kind === 'virtual' || (found.kind === 'repo' && isPresent(found.lookup))) {
      if (recursive && (found.kind === 'virtual' || isDirectory(found.lookup))) return null;
      throw new FsError('EEXIST', 'mkdir', path);
    }
    await refuseDangling(context, path);
    const place = requireWritable(found, 'mkdir', path);
    if (!recursive) await requireParent(context, place, 'mkdir', path);
    return place.checkout.write(async (view) => {
      const missing = await missingDirectories(place.checkout, view, place.inner, path);
      const mtime = now(context);
      return { edits: missing.map((inner): WireEdit => ({ type: 'mkdir', path: inner, mtime })), blobs: [] };
    });
  });
}

/** A link that leads nowhere is in the way: no directory is made where it leads. @throws FsError EEXIST for the path itself, ENOTDIR on the way to it */
async function refuseDangling(context: Context, path: string): Promise<void> {
  const whole = resolvePath('/', path);
  for (let at = whole; at !== '/'; at = dirname(at)) {
    const place = await context.findNow(at, { syscall: 'mkdir', follow: false });
    if (place.kind !== 'repo') return;
    if (place.lookup.kind === 'symlink') {
      const target = await context.findNow(at, { syscall: 'mkdir', follow: true });
      if (target.kind !== 'repo' || !isPresent(target.lookup)) throw new FsError(at === whole ? 'EEXIST' : 'ENOTDIR', 'mkdir', path);
    }
    if (isPresent(place.lookup)) return;
  }
}

/** The directories to make, outermost first. */
async function missingDirectories(checkout: Checkout, view: View, inner: string, path: string): Promise<string[]> {
  const chain: string[] = [];
  for (let at = inner; at !== ''; at = dirname(at)) chain.unshift(at);
  const lookups = await checkout.trees.lookup(view, chain);
  const missing = chain.filter((_, index) => {
    const lookup = lookups[index];
    if (lookup === undefined || !isPresent(lookup)) return true;
    if (!isDirectory(lookup)) throw new FsError('ENOTDIR', 'mkdir', path);
    return false;
  });
  return missing;
}

/** Removes a file, a link (not what it leads to), or a directory. @throws FsError ENOENT (unless forced), ENOTEMPTY, EROFS */
export async function rm(context: Context, path: string, options: { recursive?: boolean; force?: boolean } = {}): Promise<void> {
  await context.mutate(async () => {
    const found = await context.findNow(path, { syscall: 'rm', follow: false }).catch((error: unknown) => {
      if (options.force === true && error instanceof FsError && error.code === 'ENOTDIR') return null;
      throw error;
    });
    if (found === null) return null;
    if (found.kind === 'nowhere' || (found.kind === 'repo' && !isPresent(found.lookup))) {
      if (options.force === true) return null;
      throw new FsError('ENOENT', 'rm', path, found.kind === 'nowhere' ? found : {});
    }
    if (context.namespace.isFixed(found.path)) throw new FsError('EROFS', 'rm', path, { hint: 'a mounted repo cannot be removed through the filesystem' });
    const place = requireWritable(found, 'rm', path);
    const { checkout, inner } = place;
    return checkout.write(async (view) => {
      const lookup = await checkout.trees.at(view, inner);
      if (!isPresent(lookup)) return null;
      if (isDirectory(lookup) && options.recursive !== true && (await isEmpty(checkout, view, inner)) === false) {
        throw new FsError('ENOTEMPTY', 'rm', path);
      }
      const known = await wasOf(checkout, view, inner, lookup.terms);
      // Who removes a file knows that it is there, though it came just now; not what others made of one that is in conflict.
      const isNew = known.length === 1 && known[0] === null && lookup.terms.length === 1 && !isDirectory(lookup);
      const was = isNew ? lookup.terms : known;
      return { edits: [{ type: 'write', path: inner, was, entry: [null], mtime: now(context) }], blobs: [] };
    });
  });
}

/** Whether a directory has no entries. */
export async function isEmpty(checkout: Checkout, view: View, inner: string): Promise<boolean> {
  const listed = await checkout.trees.list(view, inner);
  return typeof listed === 'string' || listed.length === 0;
}
