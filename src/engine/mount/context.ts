import type { Env } from '../../base/env.ts';
import { FsError } from '../../base/errors.ts';
import type { Core } from '../../core/load.ts';
import { isDirectory, isPresent } from './entry.ts';
import { Lock } from './lock.ts';
import { checkPath } from './namespace.ts';
import type { Namespace } from './namespace.ts';
import type { Queued } from './writing.ts';
import { walk } from './walk.ts';
import type { Found, WalkOptions } from './walk.ts';

/** A place in a repo, links followed. */
export type RepoPlace = Extract<Found, { kind: 'repo' }>;

/** A place in a repo or on the way to one, links followed. */
type There = Exclude<Found, { kind: 'nowhere' }>;

/** What a {@link Context} is made of. */
export interface ContextOptions {
  namespace: Namespace;
  core: Core;
  env: Env;
  org: string;
}

/** What the calls of a mount share: its namespace, and the order in which they take effect. */
export class Context {
  readonly namespace: Namespace;
  readonly core: Core;
  readonly env: Env;
  readonly org: string;
  readonly #writes: Lock;
  readonly #accepted: ((accepted: Promise<unknown>) => void) | null;

  constructor(options: ContextOptions, writes: Lock = new Lock(), accepted: ((accepted: Promise<unknown>) => void) | null = null) {
    this.namespace = options.namespace;
    this.core = options.core;
    this.env = options.env;
    this.org = options.org;
    this.#writes = writes;
    this.#accepted = accepted;
  }

  /** The same calls in the same order, but writes resolve when they can be read: `accepted` is given the promise of their acceptance. */
  deferring(accepted: (accepted: Promise<unknown>) => void): Context {
    return new Context(this, this.#writes, accepted);
  }

  /** Waits until what was written before can be seen. A read that comes later never sees an older state. */
  async settled(): Promise<void> {
    await this.#writes.idle();
  }

  /** Runs a call that writes: after those called before it. Resolves when the server has accepted what it queued. */
  async mutate(task: () => Promise<Queued | null>): Promise<void> {
    await this.#acceptance(await this.#writes.run(task));
  }

  /** The same for a call of a kind that can be made in one go with others that follow right behind it; `task` is what makes them. */
  async mutateTogether<C>(call: C, task: (context: Context, calls: C[]) => Promise<PromiseSettledResult<Queued>[]>): Promise<void> {
    await this.#acceptance(await this.#writes.together(call, task, (calls: C[]) => task(this, calls)));
  }

  /** Runs a call that changes what is looked at: after the writes called before it, and before those called after it. */
  exclusive<T>(task: () => Promise<T>): Promise<T> {
    return this.#writes.run(task);
  }

  /** Follows a path, after what was written before. Without a turn of the queue when nothing is being written. @throws FsError ENOENT outside of all repos */
  async find(path: string, options: WalkOptions): Promise<There> {
    const normal = checkPath(path, options.syscall);
    const writing = this.#writes.idle();
    if (writing !== null) await writing;
    const found = wantDirectory(await walk(this.namespace, normal, options), options.syscall, path);
    if (found.kind === 'nowhere') throw new FsError('ENOENT', options.syscall, path, found);
    return found;
  }

  /** Follows a path to what is there, after what was written before. @throws FsError ENOENT */
  async findPresent(path: string, options: WalkOptions): Promise<There> {
    const found = await this.find(path, options);
    return found.kind === 'virtual' ? found : requirePresent(found, options.syscall, path);
  }

  /** Follows a path from inside a write. */
  async findNow(path: string, options: WalkOptions): Promise<Found> {
    return wantDirectory(await walk(this.namespace, checkPath(path, options.syscall), options), options.syscall, path);
  }

  /** Follows a path to something in a writable repo, from inside a write. @throws FsError EROFS */
  async findWritable(path: string, options: WalkOptions): Promise<RepoPlace> {
    return requireWritable(await this.findNow(path, options), options.syscall, path);
  }

  /** Follows a path to what is there in a writable repo, from inside a write. @throws FsError EROFS, ENOENT */
  async findEditable(path: string, options: WalkOptions): Promise<RepoPlace> {
    return requirePresent(await this.findWritable(path, options), options.syscall, path);
  }

  async #acceptance(queued: Queued | null): Promise<void> {
    if (queued === null) return;
    if (this.#accepted === null) await queued.accepted;
    else this.#accepted(queued.accepted);
  }
}

/** What a path with a slash at its end leads to is a directory, or can become one. @throws FsError ENOTDIR for anything else */
function wantDirectory(found: Found, syscall: string, path: string): Found {
  if (path.endsWith('/') && found.kind === 'repo' && isPresent(found.lookup) && !isDirectory(found.lookup)) throw new FsError('ENOTDIR', syscall, path);
  return found;
}

function requirePresent(place: RepoPlace, syscall: string, path: string): RepoPlace {
  if (!isPresent(place.lookup)) throw new FsError('ENOENT', syscall, path);
  return place;
}

/** @throws FsError EROFS for what lies outside a repo, or in one that is mounted read-only */
export function requireWritable(found: Found, syscall: string, path: string): RepoPlace {
  if (found.kind !== 'repo' || found.checkout.spec.readOnly) throw new FsError('EROFS', syscall, path, found.kind === 'nowhere' ? found : {});
  return found;
}
