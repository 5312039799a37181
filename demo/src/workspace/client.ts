import type { MesaBash, MesaFileSystem } from 'mesafs-web';

export type {
  Conflict,
  ConflictSide,
  DirentResult as DirectoryEntry,
  ParkedOperation,
  Resolution,
  ShellResult as CommandResult,
  StatResult as FileStat,
  SyncStatus,
  VersionedFile,
  WatchEvent as ChangeNotice,
} from 'mesafs-web';

/** A shell beside the data. */
export type Shell = Pick<MesaBash, 'exec'>;

/** The part of a mount that this IDE uses: the small filesystem that unit tests run on has it too. */
export interface WorkspaceFs extends Pick<
  MesaFileSystem,
  | 'readVersioned'
  | 'readFileBuffer'
  | 'writeFile'
  | 'exists'
  | 'stat'
  | 'lstat'
  | 'readdirWithFileTypes'
  | 'readlink'
  | 'realpath'
  | 'mkdir'
  | 'rm'
  | 'mv'
  | 'cp'
  | 'chmod'
  | 'conflicts'
  | 'readConflict'
  | 'resolveConflict'
  | 'close'
> {
  readonly sync: Pick<MesaFileSystem['sync'], 'status' | 'subscribe' | 'flush' | 'parked' | 'saveParked' | 'discardParked'>;
  readonly cache: Pick<MesaFileSystem['cache'], 'pin' | 'unpin' | 'pinned'>;
  readonly change: Pick<MesaFileSystem['change'], 'current' | 'new' | 'list' | 'describe' | 'checkpoint'>;
  readonly bookmark: Pick<MesaFileSystem['bookmark'], 'move'>;
  subscribe(...handler: Parameters<MesaFileSystem['subscribe']>): Pick<ReturnType<MesaFileSystem['subscribe']>, 'unsubscribe'>;
  bash(...options: Parameters<MesaFileSystem['bash']>): Shell;
}
