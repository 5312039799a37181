export { FsError } from './base/errors.ts';
export type { FsErrorCode } from './base/errors.ts';
export { VIRTUAL_ROOT_CHANGE_ID } from './base/ids.ts';
export type { AccessToken, Scope, TokenRequest } from './client/access-token.ts';
export { MesaBash } from './client/bash.ts';
export type { ExecOptions, MesaBashOptions } from './client/bash.ts';
export { BookmarkOps } from './client/bookmark-ops.ts';
export type { BookmarkCreateArgs, BookmarkListArgs, BookmarkMoveArgs } from './client/bookmark-ops.ts';
export { ChangeOps } from './client/change-ops.ts';
export type { ChangeEditArgs, ChangeListArgs, ChangeNewArgs, ChangeResult, ChangeRevArgs } from './client/change-ops.ts';
export {
  InvalidApiUrlError,
  InvalidOptionsError,
  MesaError,
  MissingCredentialError,
  MissingCredentialError as MissingApiKeyError,
  OrgResolutionError,
} from './client/errors.ts';
export type { MesaErrorCode } from './client/errors.ts';
export { MesaFileSystem } from './client/file-system.ts';
export type { AppendOptions, ReadEncoding, WriteOptions } from './client/file-system.ts';
export { MesaClient } from './client/mesa.ts';
export type { Identity, MesaOptions } from './client/mesa.ts';
export type { FsMountOptions, RepoConfig, TelemetryConfig } from './client/mount-options.ts';
export type { Platform } from './client/platform.ts';
export type { Resources } from './client/resources.ts';
export { MesaFileSystemSubscription } from './client/subscription.ts';
export type { WatchEventHandler } from './client/subscription.ts';
export { CacheView } from './client/cache.ts';
export { SyncView } from './client/sync.ts';
export { MesaApiError } from './rpc/api-error.ts';
export { connectEngine, serveEngine } from './rpc/client.ts';
export type { EngineContract } from './rpc/contract.ts';
export type {
  ChangeInfo,
  Conflict,
  ConflictSide,
  DirentResult,
  LogRecord,
  ParkedOperation,
  PinResult,
  Resolution,
  ShellResult,
  StatResult,
  SyncStatus,
  VersionedFile,
  WatchEvent,
} from './rpc/types.ts';
