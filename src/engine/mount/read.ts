import { FsError } from '../../base/errors.ts';
import { MODE } from '../../base/ids.ts';
import { dirname } from '../../base/paths.ts';
import { MissingObjectError } from '../../core/resolve.ts';
import type { Lookup } from '../../core/generated/mesa_core.js';
import type { DirentResult, StatResult, VersionedFile } from '../../rpc/types.ts';
import type { Context, RepoPlace } from './context.ts';
import { isDirectory, isFile, isPresent, resolved, statOf, virtualStat } from './entry.ts';
import { readTarget } from './walk.ts';
import { versionOf } from './version.ts';

/** A file's bytes with the version they are. The bytes are the cache's: not to be changed. @throws FsError ENOENT, EISDIR, ENOTDIR, ELOOP */
export async function readVersioned(context: Context, path: string, syscall = 'open'): Promise<VersionedFile> {
  // Content first: times and explicit directories matter only when nothing is there.
  let found = await context.find(path, { syscall, follow: true, contentOnly: true });
  if (found.kind === 'repo' && found.lookup.kind === 'absent') found = await context.find(path, { syscall, follow: true });
  if (found.kind === 'virtual') throw new FsError('EISDIR', 'read', path);
  if (!isPresent(found.lookup)) {
    // To have seen that it is gone is to have read it: what is written next is no race with its deletion.
    found.checkout.races.read(found.inner, found.turn, [null]);
    throw new FsError('ENOENT', syscall, path);
  }
  if (!isFile(found.lookup)) throw new FsError('EISDIR', 'read', path);
  const { bytes, conflicted } = await contentOf(found);
  found.checkout.races.read(found.inner, found.turn, found.lookup.terms);
  return { bytes, version: versionOf(found.lookup.terms), conflicted };
}

/** The bytes a file reads as: markers and all where it is in conflict. */
export async function contentOf(place: RepoPlace): Promise<{ bytes: Uint8Array; conflicted: boolean }> {
  const { checkout, lookup, view, inner } = place;
  const entry = resolved(lookup.terms);
  if (entry === null) return checkout.trees.render(lookup.terms);
  const here = checkout.objects.peek(entry.oid);
  if (here !== undefined) return { bytes: here.bytes, conflicted: false };
  checkout.readahead.missed(view, inner);
  const [blob] = await checkout.objects.get([entry.oid]);
  if (blob === undefined) throw new MissingObjectError([entry.oid]);
  return { bytes: blob.bytes, conflicted: false };
}

/** Whether a path leads to something. Links are followed: one that dangles does not. */
export async function exists(context: Context, path: string): Promise<boolean> {
  try {
    const found = await context.find(path, { syscall: 'access', follow: true });
    return found.kind === 'virtual' || isPresent(found.lookup);
  } catch (error) {
    if (error instanceof FsError && error.code !== 'EIO') return false;
    throw error;
  }
}

/** @throws FsError ENOENT, ENOTDIR, ELOOP */
export async function stat(context: Context, path: string, follow: boolean): Promise<StatResult> {
  const syscall = follow ? 'stat' : 'lstat';
  // A slash at the end asks for what a link leads to.
  const found = await context.findPresent(path, { syscall, follow: follow || path.endsWith('/') });
  if (found.kind === 'virtual') return virtualStat(found.path);
  return statOf(found.lookup, await sizeOf(found), identityOf(context, found));
}

/** A repo that is mounted at several places shows the same files where it is at the same change. */
function identityOf({ namespace }: Context, { checkout, inner }: RepoPlace): string {
  const { spec, head } = checkout;
  const differs = namespace.checkouts.some((other) => other.spec.name === spec.name && other.head.change !== head.change);
  return `${spec.name}${differs ? `@${head.change}` : ''}:${inner}`;
}

async function sizeOf(place: RepoPlace): Promise<number> {
  const { checkout, lookup, inner } = place;
  if (isDirectory(lookup)) return 0;
  const entry = resolved(lookup.terms);
  if (entry === null) return (await checkout.trees.render(lookup.terms)).bytes.length;
  const known = checkout.objects.sizeOf(entry.oid);
  if (known !== undefined) return known;
  await checkout.listings.sizes(dirname(inner));
  const learnt = checkout.objects.sizeOf(entry.oid);
  if (learnt !== undefined) return learnt;
  return (await contentOf(place)).bytes.length;
}

/** The entries of a directory. @throws FsError ENOENT, ENOTDIR */
export async function readdir(context: Context, path: string): Promise<DirentResult[]> {
  const found = await context.find(path, { syscall: 'scandir', follow: true, contentOnly: true });
  if (found.kind === 'virtual') return context.namespace.children(found.path).map((name) => direntOf(name, 'dir'));
  const { checkout, view, inner, lookup } = found;
  if (lookup.kind === 'submodule') return [];
  if (lookup.kind !== 'dir' && isPresent(lookup)) throw new FsError('ENOTDIR', 'scandir', path);
  await checkout.listings.load(view, inner);
  const listed = await checkout.trees.list(view, inner);
  if (typeof listed === 'string') throw new FsError(listed, 'scandir', path);
  const entries = listed.map(({ name, kind }) => direntOf(name, kind));
  // Repos that stand further in cover what the outer one has in their place.
  const inside = context.namespace.children(found.path);
  if (inside.length === 0) return entries;
  const covering = inside.map((name) => direntOf(name, 'dir'));
  return [...entries.filter(({ name }) => !inside.includes(name)), ...covering].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function direntOf(name: string, kind: Lookup['kind']): DirentResult {
  return { name, isFile: isFile({ kind }), isDirectory: isDirectory({ kind }), isSymbolicLink: kind === 'symlink' };
}

/** A link's text. @throws FsError ENOENT, EINVAL for what is no link */
export async function readlink(context: Context, path: string): Promise<string> {
  const found = await context.findPresent(path, { syscall: 'readlink', follow: false });
  const entry = found.kind === 'repo' ? resolved(found.lookup.terms) : null;
  if (found.kind !== 'repo' || entry === null || entry.mode !== MODE.symlink) throw new FsError('EINVAL', 'readlink', path);
  return readTarget(found.checkout, entry.oid);
}

/** The path with every link followed. @throws FsError ENOENT, ENOTDIR, ELOOP */
export async function realpath(context: Context, path: string): Promise<string> {
  const found = await context.findPresent(path, { syscall: 'realpath', follow: true });
  return found.path;
}
