import type { StoredObject } from '../core/resolve.ts';

/** Where a change or bookmark stands: what `open` answers first, and what a bookmark event carries. */
export interface Head {
  org: string;
  repo: string;
  defaultBookmark: string;
  /** The bookmark asked for, or `null` when a change was. */
  bookmark: string | null;
  /** The change; 32×`z` while the bookmark stands at the virtual root. */
  change: string;
  /** Its commit; 40×`0` for the virtual root. */
  commit: string;
  /** Its root trees: one when resolved, else the odd list of a conflict. */
  trees: string[];
  /** The root of its side tree (mtimes, explicit directories), or `null`. */
  side: string | null;
  /** The repo's sequence number this was read at. */
  repoSeq: number;
  /** Resumes an event stream right after this state. */
  cursor: string;
}

/** Names the operation an event comes from; `null` for writes over REST and for rebased descendants. */
export interface Origin {
  client: string;
  seq: number;
}

/** A path that changed, relative to the repo's root (`''` is the root); `recursive` when anything below may have changed too. */
export interface TouchedPath {
  path: string;
  recursive: boolean;
}

/** `event: change`: a change has a new version. Sent to the room `{repo}/{change}`. */
export interface ChangeEvent {
  repo: string;
  change: string;
  commit: string;
  trees: string[];
  side: string | null;
  repoSeq: number;
  origin: Origin | null;
  paths: TouchedPath[];
}

/** `event: bookmark`: a bookmark was made, moved or deleted (`change` is `null`). Sent to the room `{repo}@{bookmark}`. */
export interface BookmarkEvent {
  repo: string;
  bookmark: string;
  change: string | null;
  previous: string | null;
  repoSeq: number;
  origin: Origin | null;
  head: Head | null;
}

/**
 * `event: objects`, before the event of a change: some of what its version has and the one before it had not. Only streams that ask for it with `objects=1`
 * have it, as frames in base64 (a header with the repo, then objects); nothing depends on it, what is not there can be asked for.
 */
export interface NewObjects {
  repo: string;
  objects: StoredObject[];
}

/** What an event stream or a long-poll delivers. */
export type LiveEvent =
  | { event: 'ready'; id: string; data: { cursor: string } }
  | { event: 'change'; id: string; data: ChangeEvent }
  | { event: 'bookmark'; id: string; data: BookmarkEvent }
  | { event: 'objects'; id: string; data: NewObjects }
  | { event: 'reset'; id: string; data: Record<string, never> }
  | { event: 'bye'; id: string; data: Record<string, never> };

/** What `GET -/events?wait=…` answers. */
export interface LongPoll {
  events: LiveEvent[];
  cursor: string;
}

/** The room of a change, or of a bookmark. */
export type Room = { repo: string; change: string } | { repo: string; bookmark: string };

/** Writes a room as the `room` parameter has it. */
export function formatRoom(room: Room): string {
  return 'change' in room ? `${room.repo}/${room.change}` : `${room.repo}@${room.bookmark}`;
}

/** Reads a `room` parameter, or answers `null`. A repo's name holds neither `/` nor `@`, a bookmark's may. */
export function parseRoom(text: string): Room | null {
  const cut = text.search(/[/@]/);
  if (cut < 1 || cut === text.length - 1) return null;
  const repo = text.slice(0, cut);
  const rest = text.slice(cut + 1);
  if (text[cut] === '@') return { repo, bookmark: rest };
  return /^[k-z]{32}$/.test(rest) ? { repo, change: rest } : null;
}
