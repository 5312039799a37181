/** The errno names a filesystem call may answer, with Node's wording for each. */
const DESCRIPTIONS = {
  EACCES: 'permission denied',
  EBUSY: 'resource busy or locked',
  ECANCELED: 'operation canceled',
  EEXIST: 'file already exists',
  EFBIG: 'file too large',
  EINVAL: 'invalid argument',
  EIO: 'i/o error',
  EISDIR: 'illegal operation on a directory',
  ELOOP: 'too many symbolic links encountered',
  ENAMETOOLONG: 'name too long',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
  ENOTSUP: 'operation not supported',
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
  ETIMEDOUT: 'connection timed out',
  EXDEV: 'cross-device link not permitted',
} as const;

/** A filesystem error's `code`. */
export type FsErrorCode = keyof typeof DESCRIPTIONS;

/** What an {@link FsError} can carry beyond its code and path. */
export interface FsErrorOptions {
  /** The second path of a call that takes two. */
  dest?: string;
  /** What a person should know or do, appended in parentheses. */
  hint?: string;
  cause?: unknown;
}

/**
 * Is thrown by every filesystem call, in Node's form: `ENOENT: no such file or directory, open '/a/b'`, with `code`, `syscall` and `path`.
 *
 * @example
 * ```ts
 * try {
 *   await fs.readFile('/acme/app/missing.txt');
 * } catch (error) {
 *   if (error instanceof FsError && error.code === 'ENOENT') create();
 * }
 * ```
 */
export class FsError extends Error {
  override readonly name: string = 'FsError';
  readonly code: FsErrorCode;
  readonly syscall: string;
  readonly path: string;
  readonly dest: string | undefined;

  constructor(code: FsErrorCode, syscall: string, path: string, options: FsErrorOptions = {}) {
    const where = options.dest === undefined ? `'${path}'` : `'${path}' -> '${options.dest}'`;
    const hint = options.hint === undefined ? '' : ` (${options.hint})`;
    super(`${code}: ${DESCRIPTIONS[code]}, ${syscall} ${where}${hint}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.syscall = syscall;
    this.path = path;
    this.dest = options.dest;
  }
}

/** Tells whether a value is one of the errno names this filesystem uses. */
export function isFsErrorCode(value: unknown): value is FsErrorCode {
  return typeof value === 'string' && Object.hasOwn(DESCRIPTIONS, value);
}
