import { ApiError, quote } from '../wire/errors.ts';
import { fromBase64Url, toBase64Url } from './base64.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;

/** What part of a list is asked for. */
export interface PageQuery {
  /** Goes on after this key. */
  after: string | null;
  limit: number;
}

/** The members every page has. */
export interface PageInfo {
  next_cursor: string | null;
  has_more: boolean;
}

/** Reads `cursor` and `limit` (1 to 100, 50 unless given). @throws ApiError INVALID_REQUEST */
export function readPage(query: (name: string) => string | undefined): PageQuery {
  const text = query('limit');
  const limit = text === undefined ? DEFAULT_LIMIT : Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new ApiError('INVALID_REQUEST', `limit=${quote(text)} is not a whole number from 1 to ${MAX_LIMIT}.`);
  }
  return { after: readCursor(query('cursor')), limit };
}

/**
 * Makes a page out of one row more than was asked for.
 *
 * @param rows at most `limit + 1` rows
 * @param key what the next page goes on after
 */
export function makePage<T>(rows: readonly T[], limit: number, key: (row: T) => string): { rows: T[]; info: PageInfo } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { rows: page, info: { next_cursor: more ? toBase64Url(new TextEncoder().encode(key(last))) : null, has_more: more } };
}

/** Reads rows page by page until `count` of them pass `keep`, or there are no more. */
export async function collect<T>(
  read: (after: string | null) => Promise<T[]>,
  key: (row: T) => string,
  keep: (row: T) => boolean,
  after: string | null,
  count: number,
): Promise<T[]> {
  const kept: T[] = [];
  for (let place = after; ;) {
    const rows = await read(place);
    kept.push(...rows.filter(keep));
    const last = rows.at(-1);
    if (last === undefined || kept.length >= count) return kept.slice(0, count);
    place = key(last);
  }
}

function readCursor(text: string | undefined): string | null {
  if (text === undefined || text === '') return null;
  const bytes = fromBase64Url(text);
  if (bytes === null) throw foreignCursor(text);
  // A name may begin with what is taken for a byte order mark otherwise, and be another without it.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** What a cursor that was never given out fails with. */
export function foreignCursor(text: string): ApiError {
  return new ApiError('INVALID_REQUEST', `cursor=${quote(text)} is none of ours; pass next_cursor of the page before as it is.`);
}
