import type { StoredObject } from '../../core/resolve.ts';
import type { Head, LiveEvent, Room } from '../../wire/events.ts';
import type { OpsReply, WireEdit } from '../../wire/operations.ts';

/** What to open: a bookmark or a change (the default bookmark when neither), and the paths whose content should come along. */
export interface OpenRequest {
  bookmark?: string;
  change?: string;
  /** Relative to the repo's root. */
  paths: string[];
  /** Ids of objects that need not be sent. */
  known: string[];
  /** Clients whose operations may be in the head, unknown to whoever asks. */
  clients?: string[];
}

/** Where a revision stands, with the objects that came along, not yet checked against their ids. */
export interface Opened {
  head: Head;
  /** Of each client asked about, the last operation that the head may hold: all up to it have been answered. */
  accepted?: Record<string, number>;
  objects: StoredObject[];
}

/** A tree with the trees under it, and the sizes of the blobs they name. */
export interface TreeListing {
  objects: StoredObject[];
  sizes: { oid: string; size: number }[];
  truncated: boolean;
}

/** One operation as it is sent: its bytes are its identity, so they are kept from the first try to the last. */
export interface OutgoingOperation {
  seq: number;
  payload: Uint8Array;
  blobs: StoredObject[];
}

/** A change in a listing. */
export interface RemoteChange {
  id: string;
  commit: string;
}

/** Why a backend can't make an edit. */
export interface EditLimit {
  syscall: string;
  /** Relative to the repo's root. */
  path: string;
  dest?: string;
  reason: string;
}

/**
 * What a mount needs of a backend. Every call may reject with a `MesaApiError` (the backend refused) or any other error (the network failed; the
 * call may be made again). A signal ends a call early.
 */
export interface Remote {
  open(repo: string, request: OpenRequest, signal?: AbortSignal): Promise<Opened>;
  /**
   * Sends operations of one client in order; sending the same ones again has no further effect and answers the same. `others`: clients whose operations
   * the answer may hold.
   */
  send(repo: string, client: string, operations: OutgoingOperation[], signal?: AbortSignal, others?: string[]): Promise<OpsReply>;
  /** Objects by id; those the repo lacks are left out. */
  objects(repo: string, oids: string[], signal?: AbortSignal): Promise<StoredObject[]>;
  /** The tree and those under it down to `depth` levels, 1 to 10. */
  trees(repo: string, oid: string, depth: number, signal?: AbortSignal): Promise<TreeListing>;
  metadata(repo: string, path: string, signal?: AbortSignal): Promise<Record<string, string>>;
  bookmarks(repo: string, signal?: AbortSignal): Promise<string[]>;
  /** Moves a bookmark with the REST API's check that it moves forward. */
  moveBookmarkForward(repo: string, name: string, change: string): Promise<void>;
  /** A page of the changes reachable from a change, most recent first. */
  changes(repo: string, change: string, cursor: string | null, signal?: AbortSignal): Promise<{ changes: RemoteChange[]; next: string | null }>;
  /**
   * One stream of events, until it ends: those after what the cursors have seen (of each repo the earliest). `alive` is called whenever something
   * arrives, be it a comment.
   */
  events(rooms: Room[], cursors: string[], signal: AbortSignal, alive: () => void): AsyncIterable<LiveEvent>;
  /** What is spoken: this project's live endpoints, or the plain REST API. */
  readonly kind: 'live' | 'rest';
  /** The first of some edits that this backend has no way to make; `null` when it can make them all. */
  limit?(repo: string, edits: readonly WireEdit[]): Promise<EditLimit | null>;
  /** Lets the remote look at objects the mount has at hand, for merges it makes itself. */
  lend?(repo: string, near: (oids: string[]) => Promise<StoredObject[]>): void;
  /** Nobody looks on, or there is no network: what is asked for again and again may rest; or the reverse. */
  pause?(paused: boolean): void;
}
