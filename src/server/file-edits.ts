import * as v from 'valibot';
import { MODE } from '../base/ids.ts';
import { repoPathProblem } from '../base/path-problem.ts';
import { dirname } from '../base/paths.ts';
import { ApiError, quote } from '../wire/errors.ts';
import { LIMITS } from '../wire/limits.ts';
import type { WireEdit, WireTerms } from '../wire/operations.ts';
import { listOf } from '../wire/validation.ts';
import type { Content } from './authority/ancestry.ts';
import type { RepoObjects } from './authority/objects.ts';
import { fromBase64 } from './base64.ts';

const upsert = v.object({
  path: v.string(),
  content: v.string(),
  encoding: v.optional(v.literal('base64')),
  action: v.optional(v.literal('upsert')),
  mode: v.optional(v.picklist(['100644', '100755'])),
});
const remove = v.object({ path: v.string(), action: v.literal('delete') });

/** The `files` of a request that makes or patches a change. */
export const filesSchema: v.GenericSchema<unknown, FileEdit[]> = v.pipe(
  listOf(
    v.union([upsert, remove], 'each file is {path, content (base64), mode?} or {path, action: "delete"}'),
    LIMITS.maxEdits,
    'files; send several requests',
  ),
  v.minLength(1, 'files has at least one entry; leave it out otherwise'),
);

/** One file to put in place or to delete. */
export type FileEdit =
  | { path: string; content: string; mode?: '100644' | '100755' | undefined; action?: 'upsert' | undefined }
  | { path: string; action: 'delete' };

/**
 * Turns files of a REST request into edits of a content, and keeps their blobs. In whatever order they are told, deletions come first: what is put into a
 * directory that is deleted is all that is in it then.
 *
 * @throws ApiError INVALID_PATH, INVALID_REQUEST, PAYLOAD_TOO_LARGE, each naming the path
 */
export async function fileEdits(objects: RepoObjects, { trees, side }: Content, files: readonly FileEdit[], now: number): Promise<WireEdit[]> {
  const paths = files.map(({ path }) => path);
  for (const path of paths) checkPath(path);
  const twice = firstTwice(paths);
  if (twice !== undefined)
    throw new ApiError('INVALID_REQUEST', `The path ${quote(twice)} is named twice in files; say once what becomes of it.`, { path: twice });
  checkNesting(files);
  const { found } = await objects.ask((pool) => pool.lookup(trees, side, paths));
  const deleted = new Set(files.filter(({ action }) => action === 'delete').map(({ path }) => path));
  const deletions: WireEdit[] = [];
  const writes: WireEdit[] = [];
  for (const [index, file] of files.entries()) {
    const { path } = file;
    const { terms = [null], kind = 'absent', through = null } = found[index] ?? {};
    if (file.action === 'delete') {
      deletions.push({ type: 'write', path, was: terms, entry: [null], mtime: now });
      continue;
    }
    const isGone = isBelow(path, deleted);
    if (through !== null && !isGone) throw new ApiError('INVALID_PATH', `${quote(path)} leads through ${quote(through)}, which is no directory.`, { path });
    if (kind === 'dir' && !isGone) throw new ApiError('INVALID_PATH', `${quote(path)} is a directory; delete it first, or name a file in it.`, { path });
    const oid = objects.addBlob(decodeContent(path, file.content));
    writes.push({ type: 'write', path, was: isGone ? [null] : terms, entry: [{ oid, mode: modeOf(file.mode, terms) }], mtime: now });
  }
  return [...deletions, ...writes];
}

/** Tells whether a path lies in one of some others. */
function isBelow(path: string, others: ReadonlySet<string>): boolean {
  for (let parent = dirname(path); parent !== ''; parent = dirname(parent)) if (others.has(parent)) return true;
  return false;
}

/** Two files of one request cannot lie in each other. */
function checkNesting(files: readonly FileEdit[]): void {
  const upserts = new Set(files.filter(({ action }) => action !== 'delete').map(({ path }) => path));
  for (const path of upserts) {
    for (let parent = dirname(path); parent !== ''; parent = dirname(parent)) {
      if (upserts.has(parent)) throw new ApiError('INVALID_PATH', `${quote(path)} lies in ${quote(parent)}, which the same request makes a file.`, { path });
    }
  }
}

/** The first text that is there before. */
export function firstTwice(texts: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return texts.find((text) => seen.size === seen.add(text).size);
}

/** @throws ApiError INVALID_PATH */
export function checkPath(path: string): void {
  const problem = repoPathProblem(path);
  if (problem !== null) throw new ApiError('INVALID_PATH', `${quote(path)} is no path in a repo: ${problem}.`, { path });
}

/** @throws ApiError INVALID_REQUEST, PAYLOAD_TOO_LARGE */
export function decodeContent(path: string, content: string): Uint8Array {
  const bytes = fromBase64(content);
  if (bytes === null) throw new ApiError('INVALID_REQUEST', `The content of ${quote(path)} is not base64; encode its bytes in standard base64.`, { path });
  if (bytes.length > LIMITS.maxBlobBytes) {
    throw new ApiError('PAYLOAD_TOO_LARGE', `${quote(path)} has ${bytes.length} bytes; the limit is ${LIMITS.maxBlobBytes}.`, {
      path,
      limit: LIMITS.maxBlobBytes,
    });
  }
  return bytes;
}

/** The mode asked for, else that of the file before, else an ordinary one. */
export function modeOf(asked: '100644' | '100755' | undefined, before: WireTerms): number {
  if (asked !== undefined) return Number.parseInt(asked, 8);
  return before.some((term) => term?.mode === MODE.executable) ? MODE.executable : MODE.file;
}
