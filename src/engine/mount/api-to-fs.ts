import { FsError } from '../../base/errors.ts';
import type { FsErrorCode } from '../../base/errors.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import { isTransient, isUnauthorized } from '../sync/backoff.ts';

/** The errno that an API error stands for, where a call is about a path. */
const CODES: Record<string, FsErrorCode> = {
  UNAUTHORIZED: 'EACCES',
  TOKEN_EXPIRED: 'EACCES',
  FORBIDDEN: 'EACCES',
  PATH_NOT_FOUND: 'ENOENT',
  PAYLOAD_TOO_LARGE: 'EFBIG',
  INVALID_PATH: 'EINVAL',
  ALREADY_EXISTS: 'EEXIST',
};

/** Calls about paths: their failures have Node's form. */
const SYSCALLS: ReadonlyMap<string, string> = new Map([
  ['readFile', 'open'],
  ['readVersioned', 'open'],
  ['writeFile', 'open'],
  ['appendFile', 'open'],
  ['exists', 'access'],
  ['stat', 'stat'],
  ['lstat', 'lstat'],
  ['mkdir', 'mkdir'],
  ['readdir', 'scandir'],
  ['rm', 'rm'],
  ['cp', 'cp'],
  ['mv', 'rename'],
  ['chmod', 'chmod'],
  ['symlink', 'symlink'],
  ['readlink', 'readlink'],
  ['realpath', 'realpath'],
  ['utimes', 'utime'],
  ['getMetadata', 'getxattr'],
  ['setMetadata', 'setxattr'],
  ['clearMetadata', 'setxattr'],
  ['readConflict', 'open'],
  ['resolveConflict', 'open'],
]);

/**
 * Gives a failure of a call about a path Node's form, with what the API or the network said as its cause; other calls' failures are as they were, but for that
 * of a mount that was closed.
 */
export function toFsError(method: string, args: readonly unknown[], error: unknown): unknown {
  const syscall = SYSCALLS.get(method);
  if (error instanceof FsError || !(error instanceof Error)) return error;
  const path = syscall === undefined ? '/' : String(method === 'symlink' ? args[1] : args[0]);
  if (error.name === 'AbortError') return new FsError('ECANCELED', syscall ?? method, path, { hint: 'the mount was closed', cause: error });
  if (syscall === undefined) return error;
  if (error instanceof MesaApiError) {
    const code = CODES[error.code ?? ''] ?? (error.status === 401 || error.status === 403 ? 'EACCES' : 'EIO');
    return new FsError(code, syscall, path, { hint: error.message, cause: error });
  }
  if (isUnauthorized(error)) return new FsError('EACCES', syscall, path, { hint: error.message, cause: error });
  // A network's failure names the server itself.
  const hint = isTransient(error) && !(error instanceof TypeError) ? `the server cannot be reached: ${error.message}` : error.message;
  return new FsError('EIO', syscall, path, { hint, cause: error });
}
