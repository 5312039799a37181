import type { ObjectKind } from '../../wire/frames.ts';
import type { Origin } from '../../wire/events.ts';

/** A scope of a key or token; each holds those before it: read < write < admin. */
export type Scope = 'read' | 'write' | 'admin';

/** Tags of a repo or key, key → value. */
export type Tags = Record<string, string>;

/** Metadata of a path, key → value. */
export type Metadata = Record<string, string>;

export interface OrgRecord {
  id: string;
  /** Its name in paths. */
  slug: string;
  name: string;
  /** Milliseconds since the Unix epoch, like every time here. */
  createdAt: number;
}

export interface KeyRecord {
  id: string;
  orgId: string;
  name: string | null;
  /** base64url(SHA-256(key)): it finds the key and verifies its tokens. The key itself is stored nowhere. */
  hash: string;
  scopes: Scope[];
  /** The repos it is limited to, or `null`. */
  repoIds: string[] | null;
  tags: Tags;
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
  lastUsedAt: number | null;
}

export interface RepoRecord {
  id: string;
  orgId: string;
  name: string;
  defaultBookmark: string;
  tags: Tags;
  createdAt: number;
}

/** What moves with every write to a repo. */
export interface RepoState {
  /** The sequence number of the last event; 0 at first. */
  seq: number;
  /** No content was ever written: the first write moves the default bookmark off the virtual root. */
  empty: boolean;
}

/** Who wrote, and when, as a git commit holds it. */
export interface Person {
  name: string;
  email: string;
  /** Milliseconds since the Unix epoch; stored as seconds. */
  timestamp: number;
  /** Minutes east of UTC. */
  tzOffset: number;
}

/** The current version of a change. */
export interface ChangeRecord {
  id: string;
  commit: string;
  /** Its root trees: one when resolved, else the odd list of a conflict. */
  trees: string[];
  side: string | null;
  /** The changes it stands on; empty on the virtual root. Never altered: only the parents' commits are. */
  parents: string[];
  message: string;
  author: Person;
  committer: Person;
  /** The sequence number it was made at: greater than that of every ancestor. */
  createdSeq: number;
  /** The sequence number of its current version. */
  seq: number;
  createdAt: number;
  updatedAt: number;
}

export interface BookmarkRecord {
  name: string;
  /** 32×`z` at the virtual root. */
  change: string;
}

/** What a change was from `seq` on. */
export interface EvolutionRecord {
  change: string;
  seq: number;
  commit: string;
  side: string | null;
  /** Who made this version: a key's id. */
  principal: string;
  origin: Origin | null;
  at: number;
}

/** An operation that was answered, with the answer as JSON. */
export interface OperationRecord {
  client: string;
  seq: number;
  hash: string;
  result: string;
}

export interface ClientRecord {
  client: string;
  /** The key that used this client first: no other may. */
  principal: string;
  /** The greatest sequence number answered. */
  highWater: number;
}

/** An entry of a repo's event log. */
export interface EventRecord {
  /** Its place: every event has its own. */
  seq: number;
  kind: 'change' | 'bookmark';
  /** The change id or bookmark name it is about. */
  subject: string;
  /** The event's data as JSON. */
  data: string;
}

/** An object without its content. */
export interface ObjectInfo {
  oid: string;
  kind: ObjectKind;
  size: number;
}

/** A bookmark or a change, as whoever opens a repo names it. */
export type Ref = { bookmark: string } | { change: string };
