import type { Clock } from '../../base/env.ts';
import { isChangeId, isOid } from '../../base/ids.ts';
import { basename } from '../../base/paths.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { Http } from './http.ts';
import { withinTime } from './time-limit.ts';

/** Milliseconds given to an answer, at most, whoever asks: a connection may be half closed and never say so. */
const ANSWER_LIMIT = 240_000;
/** Reads under way at once: browsers open six connections to an address over HTTP/1.1. */
const MAX_PARALLEL = 8;

/** One thing in a directory, as `content` lists it. */
export interface Row {
  type: 'file' | 'symlink' | 'dir';
  path: string;
  /** The id of its git object; of a file in conflict, that of its text with markers. */
  sha: string;
  size: number;
  /** As git writes it: `100644`. */
  mode: string;
}

/** A directory of a change, with what is below it down to the depth asked for, in any order. */
export interface Listing {
  sha: string;
  rows: Row[];
  metadata: Record<string, string>;
}

/** A change as the API shows it. */
export interface ShownChange {
  id: string;
  commit: string;
  parents: string[];
  /** The paths in conflict; known of a single change only. */
  conflicts: string[];
  createdAt: string;
}

/** One file of a patch; `content` is base64. */
export type PatchedFile = { path: string; content: string; encoding: 'base64'; mode: '100644' | '100755' } | { path: string; action: 'delete' };

/** What is patched in a change. */
export interface ChangePatch {
  base_commit_oid?: string;
  message?: string;
  files?: PatchedFile[];
  resolutions?: { path: string; content: string; encoding: 'base64' }[];
}

/** One repo of a plain Mesa REST API: its published endpoints and fields, and no others. */
export class RestApi {
  readonly #clock: Clock;
  readonly #http: Http;
  readonly #base: string;
  #running = 0;
  readonly #queue: (() => void)[] = [];
  /** The API answered that it has no raw bytes. */
  #jsonOnly = false;

  constructor(clock: Clock, http: Http, org: string, repo: string) {
    this.#clock = clock;
    this.#http = http;
    this.#base = `/${encodeURIComponent(org)}/${encodeURIComponent(repo)}`;
  }

  async repo(signal?: AbortSignal): Promise<{ defaultBookmark: string; change: string }> {
    const { default_bookmark, head_change_id } = (await this.#get('', signal)) as { default_bookmark?: unknown; head_change_id?: unknown };
    return { defaultBookmark: text(default_bookmark, 'default_bookmark'), change: changeId(head_change_id, 'head_change_id') };
  }

  /** The change a bookmark stands at. @throws MesaApiError BOOKMARK_NOT_FOUND */
  async bookmark(name: string, signal?: AbortSignal): Promise<string> {
    const { change_id } = (await this.#get(`/bookmarks/${encodeURIComponent(name)}`, signal)) as { change_id?: unknown };
    return changeId(change_id, 'change_id');
  }

  /** All bookmarks, with the change each stands at. */
  async bookmarks(signal?: AbortSignal): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (let cursor: string | null = null; ;) {
      const page = (await this.#get(`/bookmarks?${pageQuery(cursor)}`, signal)) as BookmarkPage;
      for (const { name, change_id } of page.bookmarks) found.set(text(name, 'name'), changeId(change_id, 'change_id'));
      cursor = page.next_cursor ?? null;
      if (cursor === null) return found;
    }
  }

  async createBookmark(name: string, change: string, signal?: AbortSignal): Promise<void> {
    await this.#send('POST', '/bookmarks', { name, change_id: change }, signal);
  }

  async moveBookmark(name: string, change: string, allowBackwards: boolean, signal?: AbortSignal): Promise<void> {
    await this.#send('PATCH', `/bookmarks/${encodeURIComponent(name)}`, { change_id: change, allow_backwards: allowBackwards }, signal);
  }

  /** @throws MesaApiError CHANGE_NOT_FOUND */
  async change(id: string, signal?: AbortSignal): Promise<ShownChange> {
    return shownChange(await this.#get(`/changes/${id}`, signal));
  }

  async createChange(base: string, message: string, signal?: AbortSignal): Promise<ShownChange> {
    return shownChange(await this.#send('POST', '/changes', { base_change_id: base, message }, signal));
  }

  async patchChange(id: string, patch: ChangePatch, signal?: AbortSignal): Promise<ShownChange> {
    return shownChange(await this.#send('PATCH', `/changes/${id}`, patch, signal));
  }

  /** The changes reachable from a bookmark, a page at a time. */
  async history(bookmark: string, cursor: string | null, signal?: AbortSignal): Promise<{ changes: ShownChange[]; next: string | null }> {
    const query = new URLSearchParams({ bookmark });
    const page = (await this.#get(`/changes?${query.toString()}&${pageQuery(cursor)}`, signal)) as ChangePage;
    return { changes: page.changes.map(shownChange), next: page.next_cursor ?? null };
  }

  /** A directory with what is below it, or `null` when the path is none. `depth`: 0 (itself alone) to 10 levels. */
  async list(change: string, path: string, depth: number, signal?: AbortSignal): Promise<Listing | null> {
    const answer = await this.#content(change, path, { depth: String(depth) }, (address) => this.#get(address, signal));
    if (answer === null || (answer as { type?: unknown }).type !== 'dir') return null;
    const { sha, entries = [], metadata } = answer as ShownDirectory;
    return { sha: text(sha, 'sha'), rows: entries.flatMap(rowsOf), metadata: metadata ?? {} };
  }

  /** The metadata of a path, or `null` when nothing is there. */
  async metadata(change: string, path: string, signal?: AbortSignal): Promise<Record<string, string> | null> {
    const answer = await this.#content(change, path, { depth: '0' }, (address) => this.#get(address, signal));
    return answer === null ? null : ((answer as ShownDirectory).metadata ?? {});
  }

  /** The bytes a file or a link's text has, or `null` when the path is neither. */
  async bytes(change: string, path: string, signal?: AbortSignal): Promise<Uint8Array | null> {
    const read = async (address: string): Promise<Uint8Array | null> => {
      const raw = this.#jsonOnly ? null : await this.#raw(address, signal);
      return raw ?? contentOf(await this.#get(address, signal));
    };
    return this.#content(change, path, {}, read);
  }

  /** The bytes as they are; `null` when the API gives this path, or any, as JSON only. */
  async #raw(address: string, signal: AbortSignal | undefined): Promise<Uint8Array | null> {
    try {
      return await this.#limited(signal, async (limit) => {
        const response = await this.#http.request(this.#base + address, { headers: { Accept: 'application/octet-stream' }, signal: limit });
        if (!(response.headers.get('Content-Type') ?? '').includes('json')) return new Uint8Array(await response.arrayBuffer());
        this.#jsonOnly = true;
        return contentOf(await response.json());
      });
    } catch (error) {
      if (error instanceof MesaApiError && error.status === 406) return null;
      throw error;
    }
  }

  /** Asks for a path of a change, not too many at once; `null` when it is not there. */
  async #content<T>(change: string, path: string, more: Record<string, string>, ask: (address: string) => Promise<T>): Promise<T | null> {
    if (this.#running >= MAX_PARALLEL) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#running += 1;
    try {
      return await ask(`/content?${new URLSearchParams({ change_id: change, path, ...more }).toString()}`);
    } catch (error) {
      if (error instanceof MesaApiError && error.status === 404 && error.code !== undefined) return null;
      throw error;
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #get(address: string, signal: AbortSignal | undefined): Promise<unknown> {
    return this.#limited(signal, (limit) => this.#http.json(this.#base + address, { signal: limit }));
  }

  #send(method: 'POST' | 'PATCH', address: string, body: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    const init = { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
    const send = (limit: AbortSignal): Promise<unknown> => this.#http.json(this.#base + address, { ...init, signal: limit });
    // What is sent may be large: who sends it knows how long that may take.
    return signal === undefined ? this.#limited(signal, send) : send(signal);
  }

  #limited<T>(signal: AbortSignal | undefined, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withinTime(this.#clock, ANSWER_LIMIT, signal ?? null, task);
  }
}

interface BookmarkPage {
  bookmarks: { name: unknown; change_id: unknown }[];
  next_cursor?: string | null;
}

interface ChangePage {
  changes: unknown[];
  next_cursor?: string | null;
}

interface ShownDirectory {
  sha?: unknown;
  entries?: ShownEntry[];
  metadata?: Record<string, string>;
}

/** A row of a listing; deeper ones may lie beside it or in it, the API doesn't say. */
interface ShownEntry {
  type?: unknown;
  name?: unknown;
  path?: unknown;
  sha?: unknown;
  size?: unknown;
  mode?: unknown;
  entries?: ShownEntry[];
}

function rowsOf(entry: ShownEntry): Row[] {
  const path = text(entry.path, 'path').replace(/\/+$/, '');
  const type = entry.type === 'dir' || entry.type === 'symlink' ? entry.type : 'file';
  const usual = type === 'dir' ? '40000' : type === 'symlink' ? '120000' : '100644';
  const mode = typeof entry.mode === 'string' ? entry.mode : usual;
  const row: Row = { type, path, sha: text(entry.sha, 'sha'), size: typeof entry.size === 'number' ? entry.size : 0, mode };
  return [row, ...(entry.entries ?? []).flatMap(rowsOf)];
}

function shownChange(value: unknown): ShownChange {
  const { id, current_commit_oid, parents, conflicts, created_at } = value as Record<string, unknown>;
  if (!isOid(current_commit_oid)) throw malformed('current_commit_oid', current_commit_oid);
  return {
    id: changeId(id, 'id'),
    commit: current_commit_oid,
    parents: strings(parents),
    conflicts: strings(conflicts),
    createdAt: typeof created_at === 'string' ? created_at : '',
  };
}

function contentOf(value: unknown): Uint8Array | null {
  const { content } = value as { content?: unknown };
  return typeof content === 'string' ? fromBase64(content) : null;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw malformed(name, value);
}

function changeId(value: unknown, name: string): string {
  if (isChangeId(value)) return value;
  throw malformed(name, value);
}

function malformed(name: string, value: unknown): MesaApiError {
  const message = `The API answered ${JSON.stringify(value)} for ${name}; this is not a Mesa REST API, or one of another version`;
  return new MesaApiError(message, { status: 0, code: 'MALFORMED_ANSWER' });
}

function pageQuery(cursor: string | null): string {
  return new URLSearchParams({ limit: '100', ...(cursor === null ? {} : { cursor }) }).toString();
}

/** Bytes one call of `String.fromCharCode` takes. */
const CHUNK = 0x8000;

/** Encodes bytes in standard base64. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(binary);
}

function fromBase64(encoded: string): Uint8Array {
  return Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
}

/** The last segment of a row's path. */
export function nameOf(row: Row): string {
  return basename(row.path);
}
