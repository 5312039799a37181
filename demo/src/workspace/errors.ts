/** A failure as it is shown: what happened, and what a person can do. */
export interface Problem {
  message: string;
  remedy?: string;
  code?: string;
  /** What was thrown, word by word, where `message` says it otherwise: for those who look into it. */
  details?: string;
  /** The server couldn't be reached: it may work later, without anything being done here. */
  unreachable?: true;
}

const remedies: Record<string, string> = {
  EROFS: 'This mount is read-only. Save a copy elsewhere, or open a bookmark you may write to.',
  EACCES: 'Your key doesn’t allow this. Ask the owner of the repository for write access.',
  EEXIST: 'Choose another name, or delete what is there first.',
  ENOENT: 'It may have been deleted or renamed elsewhere.',
  ENOTDIR: 'A file is in the way where a folder is needed.',
  EISDIR: 'This is a folder.',
  ENOTEMPTY: 'The folder isn’t empty.',
  ENOSPC: 'The browser’s storage for this site is full. Free some space, or reconnect so that what waits can be sent; then save again.',
  ENOTSUP: 'The backend this is mounted from can’t store that.',
  TOKEN_EXPIRED: 'Reload the page to sign in again. Unsent edits are kept.',
  UNAUTHORIZED: 'Reload the page to sign in again. Unsent edits are kept.',
  REPO_NOT_FOUND: 'Check the repository’s name in the address.',
  BOOKMARK_NOT_FOUND: 'Check the bookmark’s name in the address.',
  STALE_BASE: 'Somebody else was faster. Try again.',
  QUOTA: 'The browser’s storage for this site is full. Free some space, then try again.',
};

/** Turns whatever was thrown into something to show. */
export function describeError(error: unknown): Problem {
  // `REPO_NOT_FOUND: There is …`: the sentence is enough for people.
  const message = (error instanceof Error ? error.message : String(error)).replace(/^([A-Z]+(_[A-Z]+)+|UNAVAILABLE): /, '');
  const code = codeOf(error);
  if (code === 'EIO' && isUnreachable(error)) {
    return { message: 'The server can’t be reached, and this is not yet on this device', code, details: message, unreachable: true };
  }
  if (code === 'EFBIG') return { message: tooLarge(message), code, details: message };
  const remedy = remedies[isQuota(error) ? 'QUOTA' : (code ?? '')];
  return {
    message: message === '' ? 'Something failed without saying why.' : message,
    ...(remedy === undefined ? {} : { remedy }),
    ...(code === undefined ? {} : { code }),
    ...(isUnreachable(error) ? { unreachable: true } : {}),
  };
}

/** Tells whether an error says that the path isn't there. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'PATH_NOT_FOUND';
}

/** Tells whether an error says that no file is at the path: nothing is, or a folder. */
export function isNoFile(error: unknown): boolean {
  return isMissing(error) || codeOf(error) === 'EISDIR';
}

/** Of a file that is too large: how large one may be. */
function tooLarge(message: string): string {
  const most = Number(/at most (\d+)/.exec(message)?.[1] ?? 0) / 2 ** 20;
  return most < 1 ? 'The file is larger than the server takes' : `The file is too large: it may have at most ${Number(most.toFixed(1))} MiB`;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a call failed since the server didn't answer, or a server before it said so. */
function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (/the server cannot be reached|it cannot be reached now|cannot be reached \(/i.test(error.message)) return true;
  // What fetch itself says, in the words of each browser.
  if (/^(Failed to fetch|Load failed|NetworkError)/.test(error.message)) return true;
  return isSilence(error) || isSilence(error.cause);
}

function isSilence(error: unknown): boolean {
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined;
  return status === 0 || status === 502 || status === 503 || status === 504;
}

function isQuota(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}
