import { FsError } from '../../base/errors.ts';
import { isChangeId } from '../../base/ids.ts';
import type { Resolution } from '../../rpc/types.ts';
import { bookmarkNameProblem, messageProblem, metadataKeyProblem, metadataValueProblem } from '../../wire/names.ts';

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

/** Checks metadata to set; `null` and `''` as values delete their keys. @throws FsError EINVAL */
export function checkMetadata(values: unknown, path: string): asserts values is Record<string, string | null> {
  const refuse = (hint: string): never => {
    throw new FsError('EINVAL', 'setxattr', path, { hint });
  };
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return refuse('metadata is an object of strings by key');
  for (const [key, value] of Object.entries(values) as [string, unknown][]) {
    if (value !== null && typeof value !== 'string') return refuse(`${key}: a metadata value is a string or null, not ${JSON.stringify(value)}`);
    const problem = metadataKeyProblem(key) ?? metadataValueProblem(value ?? '');
    if (problem !== null) return refuse(`${key}: ${problem}`);
  }
}

/** Checks that a resolution says one thing, and which: one that is misspelt must not pass for another. @throws FsError EINVAL */
export function checkResolution(resolution: unknown, path: string): asserts resolution is Resolution {
  const given = Object(resolution) as Record<string, unknown>;
  const { take, content } = given;
  const fits = [Number.isInteger(take) && (take as number) >= 0, content instanceof Uint8Array, given['delete'] === true];
  const ways = [take, content, given['delete']].filter((value) => value !== undefined);
  const known = Object.keys(given).every((key) => ['take', 'content', 'delete', 'base'].includes(key));
  if (ways.length === 1 && fits.includes(true) && known) return;
  // Not what a file would hold.
  const shown = Object.entries(given).map(
    ([key, value]) => `${key}: ${typeof value === 'object' || key === 'content' ? typeof value : String(value as number)}`,
  );
  const hint = `a conflict is settled with one of { take: side }, { content } and { delete: true }, and a base, not with { ${shown.join(', ')} }`;
  throw new FsError('EINVAL', 'open', path, { hint });
}
