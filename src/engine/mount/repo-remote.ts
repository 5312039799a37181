import type { Env } from '../../base/env.ts';
import type { StoredObject } from '../../core/resolve.ts';
import type { OpsReply } from '../../wire/operations.ts';
import { withRetries } from '../sync/backoff.ts';
import type { Opened, OpenRequest, OutgoingOperation, Remote, RemoteChange, TreeListing } from '../remote/interface.ts';

/** One repo of a backend. Calls that only read are made again when they fail for a passing reason, until the mount is closed. */
export class RepoRemote {
  readonly name: string;
  readonly #remote: Remote;
  readonly #env: Env;
  readonly #signal: AbortSignal;

  constructor(remote: Remote, name: string, env: Env, signal: AbortSignal) {
    this.#remote = remote;
    this.name = name;
    this.#env = env;
    this.#signal = signal;
  }

  open(request: OpenRequest): Promise<Opened> {
    return this.#retried(() => this.#remote.open(this.name, request, this.#signal));
  }

  /** Tries once: whoever asks has something to go on with. */
  openOnce(request: OpenRequest): Promise<Opened> {
    return this.#remote.open(this.name, request, this.#signal);
  }

  /** Not made again here: the one who sends decides when. */
  send(client: string, operations: OutgoingOperation[], signal: AbortSignal): Promise<OpsReply> {
    return this.#remote.send(this.name, client, operations, signal);
  }

  objects(oids: string[]): Promise<StoredObject[]> {
    return this.#retried(() => this.#remote.objects(this.name, oids, this.#signal));
  }

  trees(oid: string, depth: number): Promise<TreeListing> {
    return this.#retried(() => this.#remote.trees(this.name, oid, depth, this.#signal));
  }

  metadata(path: string): Promise<Record<string, string>> {
    return this.#retried(() => this.#remote.metadata(this.name, path, this.#signal));
  }

  /** The names of all bookmarks. */
  bookmarks(): Promise<string[]> {
    return this.#retried(() => this.#remote.bookmarks(this.name, this.#signal));
  }

  moveBookmarkForward(name: string, change: string): Promise<void> {
    return this.#remote.moveBookmarkForward(this.name, name, change);
  }

  /** A page of the changes reachable from a change, most recent first. */
  changes(change: string, cursor: string | null): Promise<{ changes: RemoteChange[]; next: string | null }> {
    return this.#retried(() => this.#remote.changes(this.name, change, cursor, this.#signal));
  }

  #retried<T>(task: () => Promise<T>): Promise<T> {
    return withRetries(this.#env, task, this.#signal);
  }
}
