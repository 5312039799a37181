import { ApiError, quote } from '../../wire/errors.ts';
import type { Tags } from './records.ts';

/** Tags to set, and those to remove: `null`. */
export type TagPatch = Record<string, string | null>;

/** Sets the given tags; `null` removes one. The others stay. */
export function patchTags(tags: Tags, patch: TagPatch): Tags {
  const merged: TagPatch = { ...tags, ...patch };
  return Object.fromEntries(Object.entries(merged).filter((row): row is [string, string] => row[1] !== null));
}

/** What altering a repo that is not there fails with. */
export function unknownRepo(ids: readonly string[]): ApiError {
  return new ApiError('REPO_NOT_FOUND', `There is no repo with the id ${quote(ids[0])}.`, { repo_ids: ids });
}
