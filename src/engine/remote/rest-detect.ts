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
  rest: () => Promise<Remote>;
  /** API addresses that are known to be plain; shared by the mounts of an engine. */
  plain: Set<string>;
  apiUrl: string;
}

/** Answers that an API without the live endpoints may give to a request for one. */
const ABSENT: ReadonlySet<number> = new Set([404, 405, 501]);

/**
 * The live endpoints where there are any, else the plain REST API. The first `open` finds out: it is a request of the live endpoints, so nothing is asked
 * beside it where they are there; where it fails, the capabilities are asked for, and what is found holds for the address. Whatever is asked for before
 * an `open` has succeeded finds out by the capabilities alone: a write must not be refused for want of an endpoint.
 */
export class DetectingRemote implements Remote {
  readonly #options: DetectingRemoteOptions;
  #chosen: Remote | null = null;
  #rest: Promise<Remote> | null = null;
  /** What was lent before it was known to whom. */
  readonly #lent: Parameters<NonNullable<Remote['lend']>>[] = [];

  constructor(options: DetectingRemoteOptions) {
    this.#options = options;
  }

  get kind(): 'live' | 'rest' {
    return this.#chosen?.kind ?? (this.#isPlain ? 'rest' : 'live');
  }

  /** What the API speaks, found out now if it is not known. */
  async speaks(repo: string, signal?: AbortSignal): Promise<'live' | 'rest'> {
    return (await this.#decided(repo, signal)).kind;
  }

  async open(repo: string, request: OpenRequest, signal?: AbortSignal): Promise<Opened> {
    if (this.#chosen !== null || this.#isPlain) return (await this.#decided(repo, signal)).open(repo, request, signal);
    try {
      const opened = await this.#options.live.open(repo, request, signal);
      this.#choose(this.#options.live);
      return opened;
    } catch (error) {
      if (!isAbsent(error) || (await this.#hasLive(repo, signal))) throw error;
    }
    // That a repo is not there is no sign of a plain API: what it can open is.
    const rest = await this.#plain();
    const opened = await rest.open(repo, request, signal);
    this.#options.plain.add(this.#options.apiUrl);
    this.#choose(rest);
    return opened;
  }

  async send(...call: Parameters<Remote['send']>): Promise<OpsReply> {
    return (await this.#decided(call[0], call[3])).send(...call);
  }

  async objects(repo: string, oids: string[], signal?: AbortSignal): Promise<StoredObject[]> {
    return (await this.#decided(repo, signal)).objects(repo, oids, signal);
  }

  async trees(repo: string, oid: string, depth: number, signal?: AbortSignal): Promise<TreeListing> {
    return (await this.#decided(repo, signal)).trees(repo, oid, depth, signal);
  }

  async metadata(repo: string, path: string, signal?: AbortSignal): Promise<Record<string, string>> {
    return (await this.#decided(repo, signal)).metadata(repo, path, signal);
  }

  async bookmarks(repo: string, signal?: AbortSignal): Promise<string[]> {
    return (await this.#decided(repo, signal)).bookmarks(repo, signal);
  }

  async moveBookmarkForward(repo: string, name: string, change: string): Promise<void> {
    return (await this.#decided(repo)).moveBookmarkForward(repo, name, change);
  }

  async changes(repo: string, change: string, cursor: string | null, signal?: AbortSignal): Promise<{ changes: RemoteChange[]; next: string | null }> {
    return (await this.#decided(repo, signal)).changes(repo, change, cursor, signal);
  }

  async *events(rooms: Room[], cursors: string[], signal: AbortSignal, alive: () => void): AsyncIterable<LiveEvent> {
    const [first] = rooms;
    const remote = first === undefined ? this.#options.live : await this.#decided(first.repo, signal);
    yield* remote.events(rooms, cursors, signal, alive);
  }

  async limit(repo: string, edits: readonly WireEdit[]): Promise<EditLimit | null> {
    const remote = this.#chosen ?? (this.#isPlain ? await this.#decided(repo) : null);
    return (await remote?.limit?.(repo, edits)) ?? null;
  }

  lend(...loan: Parameters<NonNullable<Remote['lend']>>): void {
    if (this.#chosen === null) this.#lent.push(loan);
    else this.#chosen.lend?.(...loan);
  }

  pause(paused: boolean): void {
    this.#chosen?.pause?.(paused);
  }

  #choose(remote: Remote): void {
    if (this.#chosen !== null) return;
    this.#chosen = remote;
    for (const loan of this.#lent.splice(0)) remote.lend?.(...loan);
  }

  /** Whether the address is known to be plain. */
  get #isPlain(): boolean {
    return this.#options.plain.has(this.#options.apiUrl);
  }

  async #plain(): Promise<Remote> {
    this.#rest ??= this.#options.rest();
    try {
      return await this.#rest;
    } catch (error) {
      // What is loaded for it may be had at another time.
      this.#rest = null;
      throw error;
    }
  }

  /** The remote to ask when nothing has been opened yet: a mount that began offline. */
  async #decided(repo: string, signal?: AbortSignal): Promise<Remote> {
    if (this.#chosen === null) this.#choose(await this.#found(repo, signal));
    return this.#chosen ?? this.#options.live;
  }

  async #found(repo: string, signal: AbortSignal | undefined): Promise<Remote> {
    if (this.#isPlain) return this.#plain();
    if (await this.#hasLive(repo, signal)) return this.#options.live;
    // Somebody on the way may have said that there is nothing: once the API itself answers it is asked again.
    await this.#ask(repo, '', signal);
    return (await this.#hasLive(repo, signal)) ? this.#options.live : this.#plain();
  }

  async #hasLive(repo: string, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      await this.#ask(repo, '/-/capabilities', signal);
      return true;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }

  /** Whether there is JSON at a path of a repo: the page of a portal is none. @throws MesaApiError, SyntaxError */
  async #ask(repo: string, path: string, signal: AbortSignal | undefined): Promise<void> {
    const { http, org } = this.#options;
    await http.json(`/${encodeURIComponent(org)}/${encodeURIComponent(repo)}${path}`, signal === undefined ? {} : { signal });
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof MesaApiError && ABSENT.has(error.status);
}
