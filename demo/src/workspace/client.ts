import type { ParkedOperation } from 'mesafs-web';

/**
 * The part of the client this IDE uses, as interfaces: the mount satisfies them, and so does the small filesystem the unit tests run on.
 */

/** A file as an editor loads it: the bytes, the version they are, and whether they are a conflict's marker text. */
export interface VersionedFile {
  bytes: Uint8Array;
  version: string;
  conflicted: boolean;
}

/** What `stat` and `lstat` answer. */
export interface FileStat {
  isFile: boolean;
  isDirectory: boolean;
  isSymbolicLink: boolean;
  mode: number;
  size: number;
}

/** One name of a directory. */
export interface DirectoryEntry {
  name: string;
  isFile: boolean;
  isDirectory: boolean;
  isSymbolicLink: boolean;
}

/** One term of a conflict. */
export interface ConflictSide {
  label: string;
  kind: 'file' | 'symlink' | 'dir' | 'submodule' | 'absent';
  content: Uint8Array | null;
  mode: number;
}

/** A path's conflict with all its terms. */
export interface Conflict {
  path: string;
  kind: 'text' | 'binary' | 'kinds';
  sides: ConflictSide[];
  bases: ConflictSide[];
  version: string;
}

/** How a whole file's conflict is settled. */
export type Resolution = { take: number } | { content: string | Uint8Array } | { delete: true };

/** An edit by another writer. */
export interface ChangeNotice {
  path: string;
  recursive: boolean;
}

/** The state of the connection to the backend. */
export interface SyncStatus {
  state: 'connecting' | 'live' | 'reconnecting' | 'offline' | 'expired' | 'closed';
  online: boolean;
  pending: number;
  pendingBytes: number;
  lastAcceptedSeq: number;
  storage: 'persistent' | 'best-effort' | 'memory';
  parked?: number | undefined;
  retryAt?: number | undefined;
  error?: { code: string; message: string } | undefined;
}

/** What a command printed and how it ended. */
export interface CommandResult {
  stdout: string;
  stderr: string;
  exitCode: number;
  /** The variables at its end, `PWD` among them. */
  env: Record<string, string>;
}

/** A shell beside the data. */
export interface Shell {
  exec(command: string, options?: { signal?: AbortSignal; cwd?: string; env?: Record<string, string>; timeoutMs?: number }): Promise<CommandResult>;
}

export type { ParkedOperation };

/** The mounted filesystem. */
export interface WorkspaceFs {
  readVersioned(path: string): Promise<VersionedFile>;
  readFileBuffer(path: string): Promise<Uint8Array>;
  writeFile(path: string, data: string | Uint8Array, options?: { base?: string }): Promise<void>;
  exists(path: string): Promise<boolean>;
  stat(path: string): Promise<FileStat>;
  lstat(path: string): Promise<FileStat>;
  readdirWithFileTypes(path: string): Promise<DirectoryEntry[]>;
  readlink(path: string): Promise<string>;
  realpath(path: string): Promise<string>;
  mkdir(path: string, options?: { recursive?: boolean }): Promise<void>;
  rm(path: string, options?: { recursive?: boolean; force?: boolean }): Promise<void>;
  mv(from: string, to: string): Promise<void>;
  cp(from: string, to: string, options?: { recursive?: boolean }): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  conflicts(args: { repo: string }): Promise<string[]>;
  readConflict(path: string): Promise<Conflict | null>;
  resolveConflict(path: string, resolution: Resolution): Promise<void>;
  subscribe(handler: (notice: ChangeNotice) => void | Promise<void>): { unsubscribe(): void };
  sync: {
    readonly status: SyncStatus;
    subscribe(listener: (status: SyncStatus) => void): () => void;
    flush(): Promise<void>;
    parked(): Promise<ParkedOperation[]>;
    saveParked(args: { repo: string; ids?: string[]; message?: string }): Promise<{ changeOid: string }>;
    discardParked(args: { ids: string[] }): Promise<void>;
  };
  cache: {
    pin(path: string): Promise<{ files: number; bytes: number }>;
    unpin(path: string): Promise<void>;
    pinned(): Promise<string[]>;
  };
  bash(options?: { cwd?: string; env?: Record<string, string> }): Shell;
  change: {
    current(args: { repo: string }): Promise<{ changeId: string; commitOid: string }>;
    new: (args: { repo: string; message?: string } & ({ bookmark: string } | { changeId: string })) => Promise<{ changeOid: string }>;
  };
  bookmark: { move(args: { repo: string; name: string; changeId: string; allowBackwards?: boolean }): Promise<void> };
  close(): Promise<{ pending: number }>;
}
