/** The plain values that cross between the page and the engine: every one survives structured cloning. */

/** One repo of a mount. */
export interface RepoSpec {
  name: string;
  /** Where it stands in the namespace: absolute, `/<org>/<name>` unless the mount says otherwise. */
  path: string;
  readOnly: boolean;
  /** The bookmark to follow; absent together with `change`: the repo's default bookmark. */
  bookmark?: string;
  /** The change to work in. */
  change?: string;
}

/** What a mount is made of. */
export interface MountSpec {
  /** Base address of the API, without a trailing slash: `https://api.mesa.dev/v1`. */
  apiUrl: string;
  org: string;
  repos: RepoSpec[];
  /** Milliseconds in which a peer's unread edit counts as racing with ours; 0 never, Infinity always. */
  raceWindow: number;
  /** `direct`: into the mounted bookmark's change where that is safe; `fork`: into a new change made at the first write. */
  writes: 'direct' | 'fork';
  /** When a write resolves: once it is kept on this device, or once the server has it. Absent: the former where the device can. */
  durability?: 'journal' | 'remote';
  /** Names whose mount this is: what is kept on the device is found by it, before any token is to be had. As secret as a token. */
  principal: string;
  cache: CacheSpec;
  /** Sent with every request. */
  userAgent: { header: 'User-Agent' | 'X-Mesa-User-Agent'; value: string };
}

/** One repo of one login, as what is kept of it on a device is named. */
export interface RepoName extends Pick<MountSpec, 'apiUrl' | 'org' | 'principal'> {
  repo: string;
}

/** What is kept of the objects that were read. */
export interface CacheSpec {
  /** Bytes of memory; the engine's default when absent. */
  memoryBytes?: number;
  /** A cache that outlives the page: `false` for none, absent for the runtime's default. */
  disk?: { name: string; maxBytes: number } | false;
}

/** A bearer token and when it ends, in milliseconds since the Unix epoch. */
export interface Credential {
  token: string;
  expiresAt?: number;
}

/** Says which paths changed; delivered after the new state can be read. */
export interface WatchEvent {
  /** Absolute in the mount's namespace. */
  path: string;
  /** Descendants of `path` may have changed too. */
  recursive: boolean;
}

/** One line of the engine's log. */
export interface LogRecord {
  level: 'error' | 'warn' | 'info' | 'debug';
  target: string;
  message: string;
  /** Milliseconds since the Unix epoch. */
  timestamp: number;
  fields: Record<string, unknown>;
}

/** How a mount stands with the backend. */
export interface SyncStatus {
  state: 'connecting' | 'live' | 'reconnecting' | 'offline' | 'expired' | 'closed';
  online: boolean;
  /** Operations the server has not accepted yet. */
  pending: number;
  pendingBytes: number;
  /** Operations of other tabs of this device that are known here and that the server has not accepted yet; absent when there are none. */
  elsewhere?: number;
  /** Highest sequence number of ours that the server accepted; 0 before the first. */
  lastAcceptedSeq: number;
  /**
   * Where writes are kept that the server has not accepted: on this device, with the platform's promise not to evict them or without it, or only for as
   * long as the page lives.
   */
  storage: 'persistent' | 'best-effort' | 'memory';
  /** What the backend speaks: the live endpoints of this project, or Mesa's REST API alone. */
  remote?: 'live' | 'rest';
  /** Operations the server refused for good after their writers had been told that they are safe; absent when there are none. */
  parked?: number;
  /** When the next attempt is due, in milliseconds since the Unix epoch. */
  retryAt?: number;
  error?: { code: string; message: string };
}

/** What `stat` and `lstat` answer. */
export interface StatResult {
  isFile: boolean;
  isDirectory: boolean;
  isSymbolicLink: boolean;
  /** With the type bits: `0o100644`. */
  mode: number;
  /** Bytes. */
  size: number;
  mtime: Date;
  /** Stable numbers and a name by which two paths can be told to be one file. */
  dev: number;
  ino: number;
  identity: string;
  /** Names the content: pass it as `base` of a write. Opaque. */
  version: string;
}

/** A directory entry with its type. */
export interface DirentResult {
  name: string;
  isFile: boolean;
  isDirectory: boolean;
  isSymbolicLink: boolean;
}

/** A file's bytes and the version they are. */
export interface VersionedFile {
  bytes: Uint8Array;
  version: string;
  conflicted: boolean;
}

/** A path whose sides have not been brought together. */
export interface Conflict {
  path: string;
  /** `kinds`: file against directory, symlink or submodule. */
  kind: 'text' | 'binary' | 'kinds';
  sides: ConflictSide[];
  bases: ConflictSide[];
  version: string;
}

/** One term of a conflict; `content` is `null` where there is no file. */
export interface ConflictSide {
  label: string;
  kind: 'file' | 'symlink' | 'dir' | 'submodule' | 'absent';
  content: Uint8Array | null;
  mode: number;
}

/** How a conflict is settled: one of its sides (index into `sides`), other content, or deletion; and which one, by the `version` of what was read. */
export type Resolution = ({ take: number } | { content: Uint8Array } | { delete: true }) & { base?: string };

/** A revision to start from. */
export interface RevisionArgs {
  repo: string;
  bookmark?: string;
  changeId?: string;
}

/** A change and the commit it is at. */
export interface ChangeInfo {
  changeId: string;
  commitOid: string;
}

/** Options of a shell; everything in it can be cloned. */
export interface ShellOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Wall-clock milliseconds of one `exec`; 30,000 when absent. */
  timeoutMs?: number;
  executionLimits?: Record<string, number>;
  /** Names of the built-in commands to offer; all when absent. */
  commands?: string[];
}

/** What a command line answered. */
export interface ShellResult {
  stdout: string;
  stderr: string;
  exitCode: number;
  /** The variables at its end, `PWD` among them: the next command line begins anew, in the shell's own directory, unless it is given these. */
  env: Record<string, string>;
}

/** An operation that the server refused for good after its writer had been told that it is safe. Its bytes are kept until it is saved or discarded. */
export interface ParkedOperation {
  /** Names it on this device. */
  id: string;
  repo: string;
  /** What it is: an edit of files, or of what kind else. */
  kind: 'files' | 'change.create' | 'change.describe' | 'bookmark.create' | 'bookmark.move';
  /** The paths it edits, absolute in the mount's namespace. */
  paths: string[];
  /** Why it was refused. */
  code: string;
  message: string;
  /** When, in milliseconds since the Unix epoch. */
  at: number;
}

/** What a pinned path holds. */
export interface PinResult {
  files: number;
  bytes: number;
}
