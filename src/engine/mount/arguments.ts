import { FsError } from '../../base/errors.ts';
import { isChangeId } from '../../base/ids.ts';
import { metadataProblem } from '../../wire/operations.ts';
import { bookmarkNameProblem, messageProblem } from '../../wire/names.ts';

/**
 * Checks of what a caller gives that the backend would refuse. They come before anything is written: an operation that is kept on this device counts as
 * safe, and must not be refused for good after its writer has been told so.
 */

/** @throws FsError EINVAL */
export function checkBookmark(name: unknown, syscall: string): void {
  if (typeof name !== 'string') throw new FsError('EINVAL', syscall, String(name), { hint: 'the name of a bookmark is a string' });
  const problem = bookmarkNameProblem(name);
  if (problem !== null) throw new FsError('EINVAL', syscall, name, { hint: problem });
}

/** @throws FsError EINVAL */
export function checkChange(id: unknown, syscall: string): void {
  if (!isChangeId(id)) throw new FsError('EINVAL', syscall, String(id), { hint: 'a change id is 32 letters from k to z' });
}

/** Checks a message where one is given. @throws FsError EINVAL */
export function checkMessage(message: unknown, syscall: string): void {
  if (message === undefined) return;
  const problem = typeof message === 'string' ? messageProblem(message) : `a message is a string, not ${JSON.stringify(message)}`;
  if (problem !== null) throw new FsError('EINVAL', syscall, 'message', { hint: problem });
}

/** @throws FsError EINVAL */
export function checkMetadata(values: unknown, path: string): asserts values is Record<string, string | null> {
  const problem = metadataProblem(values);
  if (problem !== null) throw new FsError('EINVAL', 'setxattr', path, { hint: problem });
}
