import { FsError } from '../../base/errors.ts';
import { MODE } from '../../base/ids.ts';
import { MissingObjectError } from '../../core/resolve.ts';
import type { Terms } from '../../core/generated/mesa_core.js';
import type { Conflict, ConflictSide, Resolution } from '../../rpc/types.ts';
import { checkResolution } from './arguments.ts';
import type { Checkout } from './checkout.ts';
import type { Context } from './context.ts';
import { fileMode } from './entry.ts';
import { absolute } from './namespace.ts';
import { termsOf, versionOf } from './version.ts';
import { blobOf, checkSize, now, wasOf } from './write.ts';

/** The absolute paths in conflict now, sorted. */
export async function conflicts(context: Context, repo: string): Promise<string[]> {
  await context.settled();
  const checkout = context.namespace.repo(repo, 'conflicts');
  return (await checkout.trees.conflicts(checkout.view)).map(({ path }) => absolute(checkout, path));
}

/** The sides of a conflict, or `null` where there is none. @throws FsError ENOENT */
export async function readConflict(context: Context, path: string): Promise<Conflict | null> {
  const found = await context.findPresent(path, { syscall: 'open', follow: true });
  if (found.kind !== 'repo' || found.lookup.kind !== 'conflict') return null;
  const { checkout, lookup, inner, turn } = found;
  const { terms } = lookup;
  const sides: ConflictSide[] = [];
  const bases: ConflictSide[] = [];
  for (const [index, term] of terms.entries()) {
    const list = index % 2 === 0 ? sides : bases;
    list.push(await sideOf(checkout, term, labelOf(index, terms.length)));
  }
  checkout.races.read(inner, turn, terms);
  return { path: found.path, kind: kindOf(context, [...sides, ...bases]), sides, bases, version: versionOf(terms) };
}

/** Settles a conflict. @throws FsError ENOENT, EINVAL (no conflict there, no such side, or no resolution), EFBIG, EROFS */
export async function resolveConflict(context: Context, path: string, resolution: Resolution): Promise<void> {
  checkResolution(resolution, path);
  const base = typeof resolution.base === 'string' ? termsOf(resolution.base) : null;
  if (resolution.base !== undefined && (base?.length ?? 1) === 1) {
    throw new FsError('EINVAL', 'open', path, { hint: `base is the version that readConflict(path) answered, not ${JSON.stringify(resolution.base)}` });
  }
  const content = 'content' in resolution ? resolution.content : undefined;
  checkSize(path, content?.length ?? 0);
  await context.mutate(async () => {
    const place = await context.findEditable(path, { syscall: 'open', follow: true });
    const { checkout, inner } = place;
    return checkout.write(async (view) => {
      const { terms: present } = await checkout.trees.at(view, inner);
      if (present.length === 1) throw new FsError('EINVAL', 'open', path, { hint: 'the path is not in conflict' });
      // What was added since it was read is not settled with it, nor is a conflict whose sides were never seen.
      const terms = base ?? (await wasOf(checkout, view, inner, present));
      if (terms.length === 1)
        throw new FsError('EINVAL', 'open', path, { hint: 'it has come to be in conflict since it was read; look at its sides (readConflict) first' });
      const blob = content === undefined ? null : await blobOf(context, content);
      const entry = blob === null ? choose(resolution, terms, path) : { oid: blob.oid, mode: fileMode(terms) };
      return { edits: [{ type: 'write', path: inner, was: terms, entry: [entry], mtime: now(context) }], blobs: blob === null ? [] : [blob] };
    });
  });
}

function choose(resolution: Resolution, terms: Terms, path: string): Terms[number] {
  if (!('take' in resolution) || resolution.take === undefined) return null;
  const side = terms[resolution.take * 2];
  if (side !== undefined) return side;
  const count = (terms.length + 1) / 2;
  throw new FsError('EINVAL', 'open', path, { hint: `there is no side ${resolution.take}; take one of 0 to ${count - 1}` });
}

async function sideOf(checkout: Checkout, term: Terms[number], label: string): Promise<ConflictSide> {
  if (term === null) return { label, kind: 'absent', content: null, mode: 0 };
  if (term.mode === MODE.tree) return { label, kind: 'dir', content: null, mode: term.mode };
  if (term.mode === MODE.submodule) return { label, kind: 'submodule', content: null, mode: term.mode };
  const [blob] = await checkout.objects.get([term.oid]);
  if (blob === undefined) throw new MissingObjectError([term.oid]);
  return { label, kind: term.mode === MODE.symlink ? 'symlink' : 'file', content: blob.bytes.slice(), mode: term.mode };
}

function labelOf(index: number, count: number): string {
  if (index % 2 === 0) return `side #${index / 2 + 1}`;
  return count === 3 ? 'base' : `base #${(index + 1) / 2}`;
}

function kindOf(context: Context, terms: ConflictSide[]): Conflict['kind'] {
  if (terms.some(({ kind }) => kind !== 'file' && kind !== 'absent')) return 'kinds';
  return terms.some(({ content }) => content !== null && context.core.isBinary(content)) ? 'binary' : 'text';
}
