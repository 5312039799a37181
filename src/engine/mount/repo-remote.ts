import type { Env } from '../../base/env.ts';
import type { StoredObject } from '../../core/resolve.ts';
import type { OpsReply, WireEdit } from '../../wire/operations.ts';
import { TimeLimitError, withinTime } from '../remote/time-limit.ts';
import { withRetries } from '../sync/backoff.ts';
import type { EditLimit, Opened, OpenRequest, OutgoingOperation, Remote, RemoteChange, TreeListing } from '../remote/interface.ts';

/** Milliseconds after which a read without a whole answer is taken for lost, and as many at most where that was too short. */
const TIMEOUT = 60_000;
const LONGEST = 240_000;

/** One repo of a backend. Calls that only read are made again when they fail for a passing reason, until the mount is closed. */
export class RepoRemote {
  readonly name: string;
  readonly #remote: Remote;
  readonly #env: Env;
  readonly #signal: AbortSignal;
  #hurried: () => boolean = () => false;

  constructor(remote: Remote, name: string, env: Env, signal: AbortSignal) {
    this.#remote = remote;
    this.name = name;
    this.#env = env;
    this.#signal = signal;
  }

  open(request: OpenRequest): Promise<Opened> {
    return this.#retried((signal) => this.#remote.open(this.name, request, signal));
  }

  /** Tries once: whoever asks has something to go on with. */
  openOnce(request: OpenRequest): Promise<Opened> {
    return this.#limited((signal) => this.#remote.open(this.name, request, signal));
  }

  /** Not made again here: the one who sends decides when. */
  send(client: string, operations: OutgoingOperation[], signal: AbortSignal, others: string[]): Promise<OpsReply> {
    return this.#remote.send(this.name, client, operations, signal, others);
  }

  objects(oids: string[]): Promise<StoredObject[]> {
    return this.#retried((signal) => this.#remote.objects(this.name, oids, signal));
  }

  trees(oid: string, depth: number): Promise<TreeListing> {
    return this.#retried((signal) => this.#remote.trees(this.name, oid, depth, signal));
  }

  metadata(path: string): Promise<Record<string, string>> {
    return this.#retried((signal) => this.#remote.metadata(this.name, path, signal));
  }

  /** The names of all bookmarks. */
  bookmarks(): Promise<string[]> {
    return this.#retried((signal) => this.#remote.bookmarks(this.name, signal));
  }

  moveBookmarkForward(name: string, change: string): Promise<void> {
    return this.#remote.moveBookmarkForward(this.name, name, change);
  }

  /** A page of the changes reachable from a change, most recent first. */
  changes(change: string, cursor: string | null): Promise<{ changes: RemoteChange[]; next: string | null }> {
    return this.#retried((signal) => this.#remote.changes(this.name, change, cursor, signal));
  }

  /** What the backend speaks. */
  get kind(): Remote['kind'] {
    return this.#remote.kind;
  }

  /** Has reads fail at the first try while `hurried` says that the network is away: whoever asks has something to go on with. */
  hurry(hurried: () => boolean): void {
    this.#hurried = hurried;
  }

  /** The first of some edits that the backend has no way to make. */
  async limit(edits: readonly WireEdit[]): Promise<EditLimit | null> {
    return (await this.#remote.limit?.(this.name, edits)) ?? null;
  }

  /** Lets the remote look at what is at hand here. */
  lend(near: (oids: string[]) => Promise<StoredObject[]>): void {
    this.#remote.lend?.(this.name, near);
  }

  /** A try for which the time was too short is followed by one with twice as much: the network may be slow, and what is asked for large. */
  #retried<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    let time = TIMEOUT;
    const attempt = (): Promise<T> =>
      this.#limited(task, time).catch((error: unknown) => {
        if (error instanceof TimeLimitError) time = Math.min(2 * time, LONGEST);
        throw error;
      });
    return withRetries(this.#env, attempt, this.#signal, this.#hurried() ? 1 : undefined);
  }

  /** One try ends when the whole answer has not come for too long: a connection may be half closed and never say so. */
  #limited<T>(task: (signal: AbortSignal) => Promise<T>, ms = TIMEOUT): Promise<T> {
    return withinTime(this.#env.clock, ms, this.#signal, task);
  }
}
