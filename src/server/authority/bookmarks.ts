import { VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { encodeCursor } from '../events/cursor.ts';
import type { BookmarkEvent } from '../../wire/events.ts';
import { ApiError } from '../../wire/errors.ts';
import type { Author, Draft } from './draft.ts';
import type { Workshop } from './versions.ts';
import type { RepoView } from './view.ts';
import { requireBookmark, requireVersion } from './view.ts';

/** @throws ApiError ALREADY_EXISTS, CHANGE_NOT_FOUND */
export async function createBookmark(shop: Workshop, draft: Draft, name: string, change: string, by: Author): Promise<void> {
  if ((await draft.bookmark(name)) !== null)
    throw new ApiError('ALREADY_EXISTS', `There already is a bookmark "${name}"; move it, or choose another name.`, { bookmark: name });
  await setBookmark(shop, draft, name, change, by);
}

/**
 * Moves a bookmark and answers where it stood.
 *
 * @param expected where it has to stand, when given
 * @throws ApiError BOOKMARK_NOT_FOUND, CHANGE_NOT_FOUND, STALE_BASE when it stands elsewhere
 */
export async function moveBookmark(shop: Workshop, draft: Draft, name: string, change: string, by: Author, expected?: string): Promise<string> {
  const from = expected === undefined ? await requireBookmark(draft, name) : await requireAt(draft, name, expected);
  if (from !== change) await setBookmark(shop, draft, name, change, by);
  return from;
}

/** Answers where a bookmark stands. @throws ApiError BOOKMARK_NOT_FOUND, STALE_BASE when that is elsewhere */
export async function requireAt(view: RepoView, name: string, expected: string): Promise<string> {
  const from = await requireBookmark(view, name);
  if (from === expected) return from;
  throw new ApiError('STALE_BASE', `The bookmark "${name}" stands at ${from} and no longer at ${expected}; look again before moving it.`, {
    bookmark: name,
    change_id: from,
  });
}

/** @throws ApiError BOOKMARK_NOT_FOUND; LOCK_CONFLICT for the repo's default bookmark */
export async function deleteBookmark(shop: Workshop, draft: Draft, name: string, by: Author): Promise<void> {
  await requireBookmark(draft, name);
  if (name === draft.repo.defaultBookmark) {
    throw new ApiError('LOCK_CONFLICT', `"${name}" is the default bookmark of the repo; make another one the default before deleting it.`, { bookmark: name });
  }
  await setBookmark(shop, draft, name, null, by);
}

/** Puts a bookmark at a change, or removes it, and tells its room. @throws ApiError CHANGE_NOT_FOUND */
export async function setBookmark(shop: Workshop, draft: Draft, name: string, change: string | null, by: Author): Promise<void> {
  const previous = await draft.bookmark(name);
  const version = change === null ? null : await requireVersion(draft, change);
  const seq = draft.nextSeq();
  draft.bookmarks.set(name, change);
  const { repo } = draft;
  const head = version && {
    org: shop.org,
    repo: repo.name,
    defaultBookmark: repo.defaultBookmark,
    bookmark: name,
    change: version.id,
    commit: version.commit,
    trees: version.trees,
    side: version.side,
    repoSeq: seq,
    cursor: encodeCursor(shop.epoch, [[repo.id, seq]]),
  };
  const event: BookmarkEvent = { repo: repo.name, bookmark: name, change, previous, repoSeq: seq, origin: by.origin, head };
  draft.events.push({ seq, kind: 'bookmark', subject: name, data: JSON.stringify(event) });
}

/** Notes a write of content: the first one in a repo moves the default bookmark off the virtual root. */
export async function noteWrite(shop: Workshop, draft: Draft, change: string, by: Author): Promise<void> {
  if (!draft.state.empty) return;
  draft.filled();
  const name = draft.repo.defaultBookmark;
  if ((await draft.bookmark(name)) === VIRTUAL_ROOT_CHANGE_ID) await setBookmark(shop, draft, name, change, by);
}

/** Tells whether a bookmark has a change to itself: writing through it shows nowhere else. */
export async function ownsChange(view: RepoView, name: string, change: string): Promise<boolean> {
  if (change === VIRTUAL_ROOT_CHANGE_ID || (await view.children(change)).length > 0) return false;
  return (await view.bookmarksAt(change)).every((other) => other === name);
}
