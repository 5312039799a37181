import { FsError } from '../../base/errors.ts';
import { repoPathProblem } from '../../base/path-problem.ts';
import { isWithin, resolvePath, segments } from '../../base/paths.ts';
import type { Checkout } from './checkout.ts';

/**
 * Where an absolute path lies: in a repo (`inner` is relative to its root, `''` the root itself), in a directory that only leads to repos, or outside of
 * both: `hint` tells a person what there is instead.
 */
export type Place = { kind: 'repo'; checkout: Checkout; inner: string } | { kind: 'virtual'; path: string } | { kind: 'nowhere'; path: string; hint: string };

/** Repos that a hint names at most. */
const NAMED = 5;

/** The tree of directories that leads to the repos of a mount: `/`, `/<org>`, `/<org>/<repo>`, or wherever a repo was put. */
export class Namespace {
  readonly #checkouts: readonly Checkout[];

  constructor(checkouts: readonly Checkout[]) {
    // The deepest first: a repo may be put inside another's path.
    this.#checkouts = [...checkouts].toSorted((a, b) => segments(b.spec.path).length - segments(a.spec.path).length);
  }

  /** Finds where a normalised absolute path lies. */
  locate(path: string): Place {
    for (const checkout of this.#checkouts) {
      const point = checkout.spec.path;
      if (isWithin(point, path)) return { kind: 'repo', checkout, inner: segments(path).slice(segments(point).length).join('/') };
    }
    if (this.isFixed(path)) return { kind: 'virtual', path };
    const mounted = this.#checkouts.slice(0, NAMED).map(({ spec }) => spec.path);
    return { kind: 'nowhere', path, hint: `${path} is not mounted; paths begin with ${mounted.join(' or ')}` };
  }

  /** Whether a repo stands at the path, or the path leads to one: it can't be removed or replaced. */
  isFixed(path: string): boolean {
    return path === '/' || this.#checkouts.some((checkout) => isWithin(path, checkout.spec.path));
  }

  /** Names of the directories in this one that are repos or lead to some. */
  children(path: string): string[] {
    const depth = segments(path).length;
    const names = this.#checkouts.filter((checkout) => isWithin(path, checkout.spec.path)).map((checkout) => segments(checkout.spec.path)[depth]);
    return [...new Set(names.filter((name) => name !== undefined))].toSorted();
  }

  /** The checkouts of the repo called `name`, which calls about a repo go to. @throws FsError ENOENT */
  repo(name: string, syscall: string): Checkout {
    const checkout = this.#checkouts.find((candidate) => candidate.spec.name === name);
    if (checkout === undefined) throw new FsError('ENOENT', syscall, name, { hint: 'no such repo is mounted' });
    return checkout;
  }

  get checkouts(): readonly Checkout[] {
    return this.#checkouts;
  }
}

/** Normalises a path of a call. @throws FsError EINVAL for what no file can be called */
export function checkPath(path: string, syscall: string): string {
  if (typeof path !== 'string' || path === '') throw new FsError(path === '' ? 'ENOENT' : 'EINVAL', syscall, String(path));
  const normal = resolvePath('/', path);
  if (normal === '/') return normal;
  const problem = repoPathProblem(normal.slice(1));
  if (problem !== null) throw new FsError(problem.includes('longer than') ? 'ENAMETOOLONG' : 'EINVAL', syscall, path, { hint: problem });
  return normal;
}

/** The absolute path of a place in a repo. */
export function absolute(checkout: Checkout, inner: string): string {
  if (inner === '') return checkout.spec.path;
  return checkout.spec.path === '/' ? `/${inner}` : `${checkout.spec.path}/${inner}`;
}
