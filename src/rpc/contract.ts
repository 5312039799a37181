import type {
  ChangeInfo,
  Conflict,
  Credential,
  DirentResult,
  LogRecord,
  MountSpec,
  ParkedOperation,
  PinResult,
  RepoName,
  Resolution,
  RevisionArgs,
  ShellOptions,
  ShellResult,
  StatResult,
  SyncStatus,
  VersionedFile,
  WatchEvent,
} from './types.ts';

/**
 * Every call a mount answers: one table, so that the page's facade, the worker's boundary and the engine agree on it. Paths are absolute in the
 * mount's namespace. Failures are `FsError`s (Node's codes) where a path is concerned, `MesaApiError`s where the API refused.
 *
 * Calls that write take effect in the order they were made, awaited or not; a call that reads sees every write made before it. A write resolves
 * when it is kept on this device, or when the server has accepted it, as the mount says (`durability`).
 */
export interface FsMethods {
  /** The bytes are the caller's: a copy, or transferred. */
  readFile(path: string): Uint8Array;
  readVersioned(path: string): VersionedFile;
  /** `base`: the `version` the new bytes were made from. */
  writeFile(path: string, bytes: Uint8Array, options?: { base?: string }): void;
  appendFile(path: string, bytes: Uint8Array): void;
  exists(path: string): boolean;
  stat(path: string): StatResult;
  lstat(path: string): StatResult;
  mkdir(path: string, options?: { recursive?: boolean }): void;
  readdir(path: string): DirentResult[];
  rm(path: string, options?: { recursive?: boolean; force?: boolean }): void;
  cp(from: string, to: string, options?: { recursive?: boolean }): void;
  mv(from: string, to: string): void;
  chmod(path: string, mode: number): void;
  symlink(target: string, path: string): void;
  link(existing: string, path: string): void;
  readlink(path: string): string;
  realpath(path: string): string;
  /** `mtime` in milliseconds since the Unix epoch. */
  utimes(path: string, mtime: number): void;
  getMetadata(path: string): Record<string, string>;
  /** `null` and `''` delete a key. */
  setMetadata(path: string, values: Record<string, string | null>): void;
  clearMetadata(path: string): void;

  conflicts(options: { repo: string }): string[];
  readConflict(path: string): Conflict | null;
  resolveConflict(path: string, resolution: Resolution): void;

  changeNew(args: RevisionArgs & { message?: string }): { changeOid: string };
  changeEdit(args: RevisionArgs): { changeOid: string };
  changeList(args: { repo: string; limit?: number }): ChangeInfo[];
  changeCurrent(args: { repo: string }): ChangeInfo;
  changeDescribe(args: { repo: string; message: string; changeId?: string }): void;
  changeCheckpoint(args: { repo: string; message?: string }): { savedChangeOid: string; activeChangeOid: string };
  bookmarkCreate(args: { repo: string; name: string }): void;
  bookmarkMove(args: { repo: string; name: string; changeId: string; allowBackwards?: boolean }): void;
  bookmarkList(args: { repo: string }): string[];

  /** Makes a shell and answers its number. Each command line begins in its directory and with its variables. */
  shellOpen(options: ShellOptions): number;
  shellExec(shell: number, command: string, options?: { cwd?: string; env?: Record<string, string>; stdin?: string; timeoutMs?: number }): ShellResult;
  shellClose(shell: number): void;

  /** Operations the server refused for good after their writers had been told that they are safe. */
  parkedList(): ParkedOperation[];
  /** Makes a new change out of the parked operations named (all of the repo when none is), which are then no longer parked; answers its id. */
  parkedSave(args: { repo: string; ids?: string[]; message?: string }): { changeOid: string };
  /** Lets parked operations go. */
  parkedDiscard(args: { ids: string[] }): void;

  /** Brings in all that is below a path, and keeps it on this device whatever else has to go. Resolves when it can be read offline. */
  pin(path: string): PinResult;
  /** Lets what was pinned go when room is needed. */
  unpin(path: string): void;
  /** The pinned paths. */
  pins(): string[];

  /** Resolves when the server has answered everything written so far. */
  flush(): void;
}

/** The name of a call. */
export type FsMethod = keyof FsMethods;
/** The arguments of a call. */
export type FsArgs<M extends FsMethod> = Parameters<FsMethods[M]>;
/** What a call resolves to. */
export type FsResult<M extends FsMethod> = ReturnType<FsMethods[M]>;

/** What the engine asks of the page that mounted it. */
export interface MountPorts {
  /** A token for this mount's repos. `refresh` asks for another one than before: the last was refused or is about to end. */
  credential(reason: 'first' | 'refresh'): Credential | Promise<Credential>;
  /** Paths that changed, in order. The next batch is sent when this one has been taken. */
  events(events: WatchEvent[]): void | Promise<void>;
  status(status: SyncStatus): void | Promise<void>;
  log(record: LogRecord): void | Promise<void>;
}

/** The engine as the page sees it, in the same process or behind a worker's boundary. */
export interface EngineContract {
  /** Fulfilled when it has ended for good: another is to be made. Absent where it lives as long as who uses it. */
  ended?: Promise<void>;
  /** Opens a mount (one request for each repo) and answers its number. */
  openMount(spec: MountSpec, ports: MountPorts): Promise<number>;
  /** Closes a mount, once the writes under way are accepted or have failed; answers how many were not accepted. Closing twice is fine. */
  closeMount(mount: number): Promise<{ pending: number }>;
  /** Runs one call of {@link FsMethods}. `callId` names it for {@link cancel}. */
  call<M extends FsMethod>(mount: number, method: M, args: FsArgs<M>, callId?: number): Promise<FsResult<M>>;
  /** Cancels a call: it rejects with `ECANCELED`, or with what it had answered already. Unknown ids are ignored. */
  cancel(mount: number, callId: number): Promise<void>;
  status(mount: number): Promise<SyncStatus>;
  /** The page is seen again: whatever waits to be tried is tried now. */
  resume(): Promise<void>;
  /** Removes what the device keeps of a repo. @throws FsError EBUSY while there are operations the server has not accepted */
  forget(repo: RepoName): Promise<void>;
}
