import type { Clock } from '../../base/env.ts';
import type { StoredObject } from '../../core/resolve.ts';
import type { Head, LiveEvent, LongPoll, Room } from '../../wire/events.ts';
import { formatRoom } from '../../wire/events.ts';
import { encodeFrames, FRAMES_TYPE, readFrames } from '../../wire/frames.ts';
import type { Frame } from '../../wire/frames.ts';
import type { OpsReply } from '../../wire/operations.ts';
import type { Http } from './http.ts';
import type { Opened, OpenRequest, OutgoingOperation, Remote, RemoteChange, TreeListing } from './interface.ts';
import { StreamOrPoll } from './long-poll.ts';
import { readEvents } from './sse.ts';

/** The backend of this project: its live endpoints under `/<org>/<repo>/-/`, and the REST API beside them. */
export class LiveRemote implements Remote {
  readonly kind = 'live';
  readonly #http: Http;
  readonly #org: string;
  readonly #streams: StreamOrPoll;

  constructor(http: Http, org: string, clock: Clock) {
    this.#http = http;
    this.#org = org;
    this.#streams = new StreamOrPoll(clock);
  }

  async open(repo: string, request: OpenRequest, signal?: AbortSignal): Promise<Opened> {
    const response = await this.#http.post(this.#path(repo, '-/open'), request, withSignal(signal));
    const { header, objects } = await collect(response);
    const { accepted, ...head } = header as unknown as Head & { accepted?: Record<string, number> };
    return { head, ...(accepted === undefined ? {} : { accepted }), objects };
  }

  async send(repo: string, client: string, operations: OutgoingOperation[], signal?: AbortSignal, others: string[] = []): Promise<OpsReply> {
    const frames: Frame[] = [{ type: 'header', value: { client, ...(others.length === 0 ? {} : { clients: others }) } }];
    const sent = new Set<string>();
    for (const { payload, blobs } of operations) {
      for (const { oid, kind, bytes } of blobs) {
        if (sent.has(oid)) continue;
        sent.add(oid);
        frames.push({ type: 'object', kind, oid, bytes });
      }
      frames.push({ type: 'operation', payload });
    }
    const init = { method: 'POST', body: encodeFrames(frames), headers: { 'Content-Type': FRAMES_TYPE }, ...withSignal(signal) };
    return (await this.#http.json(this.#path(repo, '-/ops'), init)) as OpsReply;
  }

  async objects(repo: string, oids: string[], signal?: AbortSignal): Promise<StoredObject[]> {
    const response = await this.#http.post(this.#path(repo, '-/objects/batch'), { oids }, withSignal(signal));
    return (await collect(response)).objects;
  }

  async trees(repo: string, oid: string, depth: number, signal?: AbortSignal): Promise<TreeListing> {
    const response = await this.#http.request(this.#path(repo, `-/trees/${oid}?depth=${depth}`), withSignal(signal));
    const { header, objects, sizes } = await collect(response);
    return { objects, sizes, truncated: header['truncated'] === true };
  }

  async metadata(repo: string, path: string, signal?: AbortSignal): Promise<Record<string, string>> {
    const query = new URLSearchParams({ path });
    const answer = await this.#http.json(this.#path(repo, `-/metadata?${query.toString()}`), withSignal(signal));
    return (answer as { metadata: Record<string, string> }).metadata;
  }

  async bookmarks(repo: string, signal?: AbortSignal): Promise<string[]> {
    const names: string[] = [];
    for (let cursor: string | null = null; ;) {
      const page = (await this.#http.json(this.#path(repo, `bookmarks?${pageQuery(cursor)}`), withSignal(signal))) as BookmarkPage;
      names.push(...page.bookmarks.map((bookmark) => bookmark.name));
      if (page.next_cursor === null) return names;
      cursor = page.next_cursor;
    }
  }

  async moveBookmarkForward(repo: string, name: string, change: string): Promise<void> {
    const body = JSON.stringify({ change_id: change, allow_backwards: false });
    const path = this.#path(repo, `bookmarks/${encodeURIComponent(name)}`);
    await this.#http.json(path, { method: 'PATCH', body, headers: { 'Content-Type': 'application/json' } });
  }

  async changes(repo: string, change: string, cursor: string | null, signal?: AbortSignal): Promise<{ changes: RemoteChange[]; next: string | null }> {
    const page = (await this.#http.json(this.#path(repo, `changes?change_id=${change}&${pageQuery(cursor)}`), withSignal(signal))) as ChangePage;
    const changes = page.changes.map(({ id, current_commit_oid: commit }) => ({ id, commit }));
    return { changes, next: page.next_cursor };
  }

  events(rooms: Room[], cursors: string[], signal: AbortSignal, alive: () => void): AsyncIterable<LiveEvent> {
    return this.#streams.events({
      signal,
      cursors,
      stream: (until) => this.#stream(this.#eventsPath(rooms, cursors), until, alive),
      poll: async (from, seconds) => {
        const answer = (await this.#http.json(this.#eventsPath(rooms, from, seconds), { signal })) as LongPoll;
        alive();
        return answer;
      },
    });
  }

  async *#stream(path: string, signal: AbortSignal, alive: () => void): AsyncIterable<LiveEvent> {
    const response = await this.#http.request(path, { headers: { Accept: 'text/event-stream' }, signal });
    if (response.body !== null) yield* readEvents(response.body, signal, alive);
  }

  #eventsPath(rooms: Room[], cursors: string[], wait?: number): string {
    const query = new URLSearchParams([...rooms.map((room) => ['room', formatRoom(room)]), ...cursors.map((cursor) => ['cursor', cursor])]);
    if (wait === undefined) query.set('objects', '1');
    else query.set('wait', String(wait));
    return `/${encodeURIComponent(this.#org)}/-/events?${query.toString()}`;
  }

  #path(repo: string, rest: string): string {
    return `/${encodeURIComponent(this.#org)}/${encodeURIComponent(repo)}/${rest}`;
  }
}

interface BookmarkPage {
  bookmarks: { name: string }[];
  next_cursor: string | null;
}

interface ChangePage {
  changes: { id: string; current_commit_oid: string }[];
  next_cursor: string | null;
}

function pageQuery(cursor: string | null): string {
  return new URLSearchParams({ limit: '100', ...(cursor === null ? {} : { cursor }) }).toString();
}

function withSignal(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** Reads a body of frames: its header, its objects and its sizes. */
async function collect(response: Response): Promise<{ header: Record<string, unknown>; objects: StoredObject[]; sizes: { oid: string; size: number }[] }> {
  let header: Record<string, unknown> = {};
  const objects: StoredObject[] = [];
  const sizes: { oid: string; size: number }[] = [];
  for await (const frame of readFrames(response.body ?? new Uint8Array(0))) {
    if (frame.type === 'header') header = frame.value;
    else if (frame.type === 'sizes') for (const size of frame.sizes) sizes.push(size);
    // A copy of its own: a view would keep the whole chunk it came in alive.
    else if (frame.type === 'object') objects.push({ oid: frame.oid, kind: frame.kind, bytes: frame.bytes.slice() });
  }
  return { header, objects, sizes };
}
