import type { StoredObject } from '../../core/resolve.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { LiveEvent, Room } from '../../wire/events.ts';
import type { OpsReply, WireEdit } from '../../wire/operations.ts';
import type { Http } from './http.ts';
import type { EditLimit, Opened, OpenRequest, Remote, RemoteChange, TreeListing } from './interface.ts';

/** What a {@link DetectingRemote} is made of. */
export interface DetectingRemoteOptions {
  http: Http;
  org: string;
  live: Remote;
  rest: () => Remote;
  /** API addresses that are known to be plain; shared by the mounts of an engine. */
  plain: Set<string>;
  apiUrl: string;
}

/** Answers that an API without the live endpoints may give to a request for one. */
const ABSENT: ReadonlySet<number> = new Set([404, 405, 501]);

/**
 * The live endpoints where there are any, else the plain REST API. The first `open` finds out: it is a request of the live endpoints, so nothing is asked
 * beside it where they are there; where it fails, the capabilities are asked for, and what is found holds for the address.
 */
export class DetectingRemote implements Remote {
  readonly #options: DetectingRemoteOptions;
  #chosen: Remote;
  #rest: Remote | null = null;

  constructor(options: DetectingRemoteOptions) {
    this.#options = options;
    this.#chosen = options.plain.has(options.apiUrl) ? this.#plain() : options.live;
  }

  get kind(): 'live' | 'rest' {
    return this.#chosen.kind;
  }

  async open(repo: string, request: OpenRequest, signal?: AbortSignal): Promise<Opened> {
    try {
      return await this.#chosen.open(repo, request, signal);
    } catch (error) {
      const absent = error instanceof MesaApiError && ABSENT.has(error.status);
      if (this.#chosen.kind === 'rest' || !absent || !(await this.#lacksLive(repo, signal))) throw error;
    }
    // That a repo is not there is no sign of a plain API: what it can open is.
    const opened = await this.#plain().open(repo, request, signal);
    this.#options.plain.add(this.#options.apiUrl);
    this.#chosen = this.#plain();
    return opened;
  }

  send(...call: Parameters<Remote['send']>): Promise<OpsReply> {
    return this.#chosen.send(...call);
  }

  objects(repo: string, oids: string[], signal?: AbortSignal): Promise<StoredObject[]> {
    return this.#chosen.objects(repo, oids, signal);
  }

  trees(repo: string, oid: string, depth: number, signal?: AbortSignal): Promise<TreeListing> {
    return this.#chosen.trees(repo, oid, depth, signal);
  }

  metadata(repo: string, path: string, signal?: AbortSignal): Promise<Record<string, string>> {
    return this.#chosen.metadata(repo, path, signal);
  }

  bookmarks(repo: string, signal?: AbortSignal): Promise<string[]> {
    return this.#chosen.bookmarks(repo, signal);
  }

  moveBookmarkForward(repo: string, name: string, change: string): Promise<void> {
    return this.#chosen.moveBookmarkForward(repo, name, change);
  }

  changes(repo: string, change: string, cursor: string | null, signal?: AbortSignal): Promise<{ changes: RemoteChange[]; next: string | null }> {
    return this.#chosen.changes(repo, change, cursor, signal);
  }

  events(rooms: Room[], cursors: string[], signal: AbortSignal, alive: () => void): AsyncIterable<LiveEvent> {
    return this.#chosen.events(rooms, cursors, signal, alive);
  }

  async limit(repo: string, edits: readonly WireEdit[]): Promise<EditLimit | null> {
    return (await this.#chosen.limit?.(repo, edits)) ?? null;
  }

  lend(repo: string, near: (oids: string[]) => Promise<StoredObject[]>): void {
    this.#chosen.lend?.(repo, near);
  }

  pause(paused: boolean): void {
    this.#chosen.pause?.(paused);
  }

  #plain(): Remote {
    this.#rest ??= this.#options.rest();
    return this.#rest;
  }

  async #lacksLive(repo: string, signal: AbortSignal | undefined): Promise<boolean> {
    const { http, org } = this.#options;
    const path = `/${encodeURIComponent(org)}/${encodeURIComponent(repo)}/-/capabilities`;
    try {
      await http.request(path, signal === undefined ? {} : { signal });
      return false;
    } catch (error) {
      if (error instanceof MesaApiError && ABSENT.has(error.status)) return true;
      throw error;
    }
  }
}
