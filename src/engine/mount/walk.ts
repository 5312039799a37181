import { FsError } from '../../base/errors.ts';
import { MODE } from '../../base/ids.ts';
import { dirname, resolvePath } from '../../base/paths.ts';
import type { Lookup } from '../../core/generated/mesa_core.js';
import type { Checkout } from './checkout.ts';
import { isDirectory } from './entry.ts';
import { absolute } from './namespace.ts';
import type { Namespace } from './namespace.ts';
import type { View } from './trees.ts';

/** Symbolic links followed on the way to one path. */
const MAX_LINKS = 40;

/** A path whose links have been followed, and what is there. */
export type Found =
  | { kind: 'repo'; checkout: Checkout; view: View; turn: number; inner: string; path: string; lookup: Lookup }
  | { kind: 'virtual'; path: string }
  /** Nothing leads there: outside every repo. */
  | { kind: 'nowhere'; path: string; hint: string };

/** How to walk. */
export interface WalkOptions {
  syscall: string;
  /** Follow a link at the very end too. */
  follow: boolean;
  /** Look at content only: times and explicit directories are not seen, and less is fetched. */
  contentOnly?: boolean;
}

/**
 * Follows the links on the way to `path` (normalised, absolute) and answers where it leads, in one version of each repo.
 *
 * @throws FsError ELOOP, ENOTDIR
 */
export async function walk(namespace: Namespace, path: string, options: WalkOptions): Promise<Found> {
  let at = path;
  for (let links = 0; links <= MAX_LINKS; links += 1) {
    const place = namespace.locate(at);
    if (place.kind !== 'repo') return place;
    const { checkout, inner } = place;
    const { view } = checkout;
    const { turn } = checkout.races;
    const seen: View = options.contentOnly === true ? { trees: view.trees, side: null } : view;
    const lookup = await checkout.trees.at(seen, inner);
    // A repo stands further in: as on any system, what leads there is a directory, whatever the outer repo has.
    if (!isDirectory(lookup) && namespace.isFixed(at)) return { kind: 'virtual', path: at };
    const link = linkOf(lookup, inner, options.follow);
    if (link === null) {
      if (lookup.through !== null) throw new FsError('ENOTDIR', options.syscall, path);
      return { kind: 'repo', checkout, view, turn, inner, path: at, lookup };
    }
    const target = await readTarget(checkout, link.oid);
    const from = absolute(checkout, link.inner);
    const rest = inner.slice(link.inner.length);
    at = resolvePath('/', resolvePath(dirname(from), target) + rest);
  }
  throw new FsError('ELOOP', options.syscall, path);
}

/** The text of a link. */
export async function readTarget(checkout: Checkout, oid: string): Promise<string> {
  const [blob] = await checkout.objects.get([oid]);
  if (blob === undefined) throw new FsError('EIO', 'readlink', oid, { hint: 'the link cannot be had from the backend' });
  return new TextDecoder().decode(blob.bytes);
}

/** The link that stands in the way, or at the end where those are followed. */
function linkOf(lookup: Lookup, inner: string, follow: boolean): { inner: string; oid: string } | null {
  if (lookup.through !== null) {
    const [term] = lookup.throughTerms ?? [];
    const resolved = lookup.throughTerms?.length === 1 && term !== null && term !== undefined && term.mode === MODE.symlink;
    return resolved ? { inner: lookup.through, oid: term.oid } : null;
  }
  const [term] = lookup.terms;
  return follow && lookup.kind === 'symlink' && term !== null && term !== undefined ? { inner, oid: term.oid } : null;
}
