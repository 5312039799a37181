import type { Env } from '../../base/env.ts';
import { dirname, segments } from '../../base/paths.ts';
import type { Core } from '../../core/load.ts';
import type { StoredObject } from '../../core/resolve.ts';
import type { LiveEvent, Room } from '../../wire/events.ts';
import type { OpsReply, WireEdit } from '../../wire/operations.ts';
import { isTree, readTree } from './git-tree.ts';
import type { RawEntry } from './git-tree.ts';
import type { Http } from './http.ts';
import type { EditLimit, Opened, OpenRequest, OutgoingOperation, Remote, RemoteChange, TreeListing } from './interface.ts';
import { RestApi } from './rest-api.ts';
import { historyOf } from './rest-history.ts';
import { findLimit } from './rest-limits.ts';
import type { PollTimes } from './rest-poll.ts';
import { POLL_TIMES, RestPoll } from './rest-poll.ts';
import type { KnownChange } from './rest-repo.ts';
import { RestRepo } from './rest-repo.ts';
import { sendOperations } from './rest-writes.ts';

/** What a {@link RestRemote} is made of. */
export interface RestRemoteOptions {
  env: Env;
  core: Core;
  http: Http;
  org: string;
  poll?: PollTimes;
}

/**
 * Any Mesa REST API, by its published endpoints alone: trees are made of listings, writes are patches that hold only while their change stands where it
 * stood, conflicts become text with markers, and others' writes are found by asking. See `rest-limits.ts` for what it can't say.
 */
export class RestRemote implements Remote {
  readonly kind = 'rest';
  readonly #options: RestRemoteOptions;
  readonly #repos = new Map<string, RestRepo>();
  readonly #poll: RestPoll;

  constructor(options: RestRemoteOptions) {
    this.#options = options;
    const { env, org, poll: times = POLL_TIMES } = options;
    this.#poll = new RestPoll({ env, org, times, repo: (name) => this.#repo(name) });
  }

  async open(name: string, { bookmark, change, paths }: OpenRequest, signal?: AbortSignal): Promise<Opened> {
    const repo = this.#repo(name);
    const known = change === undefined ? undefined : repo.known(change);
    // Whoever names paths wants what is on the way to them, not where the change stands now.
    if (paths.length > 0 && known !== undefined) return { head: this.#poll.headOf(name, known, null), objects: await bringIn(repo, known, paths, signal) };
    const stands = change === undefined ? await this.#bookmarkHead(repo, bookmark, signal) : { name: null, id: repo.real(change) };
    const head = await repo.look(stands.id, signal);
    repo.latest = head.id;
    const objects = paths.length === 0 ? [] : await bringIn(repo, head, paths, signal);
    const root = repo.objects.peek(head.tree);
    return { head: this.#poll.headOf(name, head, stands.name), objects: root === undefined ? objects : [root, ...objects] };
  }

  async send(name: string, client: string, operations: OutgoingOperation[], signal: AbortSignal = new AbortController().signal): Promise<OpsReply> {
    const repo = this.#repo(name);
    const results = await repo.turn(() => sendOperations(repo, client, operations, signal));
    // Where one writes, others are likely to.
    this.#poll.hurry();
    const seq = Math.max(0, ...results.map((result) => (result.ok ? result.repoSeq : 0)));
    return { results, cursor: this.#poll.cursor({ [name]: seq }) };
  }

  objects(name: string, oids: string[], signal?: AbortSignal): Promise<StoredObject[]> {
    return this.#repo(name).objects.fetch(oids, signal);
  }

  async trees(name: string, oid: string, depth: number, signal?: AbortSignal): Promise<TreeListing> {
    const listed = await this.#repo(name).objects.trees(oid, depth, signal);
    return { ...(listed ?? { objects: [], sizes: [] }), truncated: listed === null };
  }

  async metadata(name: string, path: string, signal?: AbortSignal): Promise<Record<string, string>> {
    const repo = this.#repo(name);
    return (await repo.api.metadata(repo.latest, path, signal)) ?? {};
  }

  async bookmarks(name: string, signal?: AbortSignal): Promise<string[]> {
    return [...(await this.#repo(name).lookBookmarks(signal)).keys()];
  }

  async moveBookmarkForward(name: string, bookmark: string, change: string): Promise<void> {
    const repo = this.#repo(name);
    await repo.turn(async () => {
      await repo.api.moveBookmark(bookmark, change, false);
      repo.setBookmark(bookmark, change);
    });
  }

  changes(name: string, change: string, cursor: string | null, signal?: AbortSignal): Promise<{ changes: RemoteChange[]; next: string | null }> {
    return historyOf(this.#repo(name), change, cursor, signal);
  }

  events(rooms: Room[], cursors: string[], signal: AbortSignal, alive: () => void): AsyncIterable<LiveEvent> {
    return this.#poll.events(rooms, cursors, signal, alive);
  }

  limit(name: string, edits: readonly WireEdit[]): Promise<EditLimit | null> {
    return findLimit(this.#repo(name).objects, edits);
  }

  lend(name: string, near: (oids: string[]) => Promise<StoredObject[]>): void {
    this.#repo(name).objects.lend(near);
  }

  pause(paused: boolean): void {
    this.#poll.pause(paused);
  }

  async #bookmarkHead(repo: RestRepo, bookmark: string | undefined, signal: AbortSignal | undefined): Promise<{ name: string; id: string }> {
    if (bookmark !== undefined) {
      const [id] = await Promise.all([repo.lookBookmark(bookmark, signal), repo.defaultBookmark ?? repo.lookRepo(signal)]);
      return { name: bookmark, id };
    }
    const { name, id } = await repo.lookRepo(signal);
    return { name, id };
  }

  #repo(name: string): RestRepo {
    const known = this.#repos.get(name);
    if (known !== undefined) return known;
    const { env, core, http, org } = this.#options;
    const api = new RestApi(env.clock, http, org, name);
    const made = new RestRepo({ env, core, api, tell: () => this.#poll.tell(), look: () => this.#poll.look() });
    this.#repos.set(name, made);
    return made;
  }
}

/** Brings in the directories on the way to some paths: those not at hand all at once, since their names are known. */
async function bringIn(repo: RestRepo, { id, tree }: KnownChange, paths: readonly string[], signal: AbortSignal | undefined): Promise<StoredObject[]> {
  const lacking = new Set<string>();
  const found = new Map<string, StoredObject>();
  for (const path of paths) {
    let oid: string | null = tree;
    let at = '';
    for (const name of [...segments(dirname(path)), null]) {
      const object: StoredObject | undefined = oid === null ? undefined : (await repo.objects.near([oid]))[0];
      if (object === undefined) lacking.add(at);
      else found.set(object.oid, object);
      if (name === null) break;
      const entry: RawEntry | undefined = object === undefined ? undefined : readTree(object.bytes).find((one) => one.name === name);
      // Where the tree is at hand and has no such directory, there is nothing to ask for.
      if (object !== undefined && (entry === undefined || !isTree(entry))) break;
      oid = entry?.oid ?? null;
      at = at === '' ? name : `${at}/${name}`;
    }
  }
  const listed = await Promise.all([...lacking].map((path) => repo.objects.list(id, path, 1, signal)));
  return [...found.values(), ...listed.flatMap((directory) => directory?.objects ?? [])];
}
