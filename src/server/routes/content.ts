import { isChangeId } from '../../base/ids.ts';
import { isWithin } from '../../base/paths.ts';
import { ApiError, quote } from '../../wire/errors.ts';
import type { Routes } from '../backend.ts';
import { accessRepo } from '../backend.ts';
import { toBase64 } from '../base64.ts';
import type { Content, ContentRow } from '../content.ts';
import { MAX_DEPTH, nameOf, readContent } from '../content.ts';
import { checkPath } from '../file-edits.ts';
import { RepoReader } from '../reader.ts';
import type { Storage } from '../storage/interface.ts';
import type { Metadata } from '../storage/records.ts';

const OWN_PARAMETERS: ReadonlySet<string> = new Set(['change_id', 'path', 'depth']);

/** `GET /{org}/{repo}/content`: a file, a symlink or a directory of a change, as JSON or as raw bytes. */
export const contentRoutes: Routes = (router, { core, storage, ...backend }) => {
  router.get('/:org/:repo/content', async (context) => {
    const { repo } = await accessRepo(context, { core, storage, ...backend }, 'read');
    const path = readPath(context.req.query('path') ?? '');
    const depth = readDepth(context.req.query('depth'));
    const raw = wantsBytes(context.req.header('accept'));
    using reader = new RepoReader(core, storage, repo);
    const version = await reader.version(readChangeId(context.req.query('change_id')));
    const content = await readContent(core, reader, version, path, raw ? 0 : depth);
    if (!raw) return context.json(await show(storage, repo.id, content, readFilter(context.req.query())));
    if (content.type === 'dir')
      throw new ApiError('NOT_ACCEPTABLE', `${quote(path)} is a directory and has no bytes; ask for it with "Accept: application/json".`);
    return new Response(content.bytes as Uint8Array<ArrayBuffer>, {
      headers: { 'Content-Type': 'application/octet-stream', ETag: `"${content.sha}"`, 'Cache-Control': 'no-cache' },
    });
  });
};

function readPath(text: string): string {
  const path = text.replace(/\/+$/, '');
  if (path !== '') checkPath(path);
  return path;
}

function readDepth(text: string | undefined): number | null {
  if (text === undefined) return null;
  const depth = Number(text);
  if (text !== '' && Number.isInteger(depth) && depth >= 0 && depth <= MAX_DEPTH) return depth;
  throw new ApiError('INVALID_REQUEST', `depth=${quote(text)} is not a whole number from 0 to ${MAX_DEPTH}; leave it out for everything.`);
}

/** @throws ApiError INVALID_REQUEST */
export function readChangeId<T extends string | undefined>(text: T): T {
  if (text === undefined || isChangeId(text)) return text;
  throw new ApiError('INVALID_REQUEST', `${quote(text)} is not a change id; use 32 letters from k to z.`);
}

/** Metadata a row must have: `metadata[key]=value`, or any parameter the endpoint does not know itself. */
function readFilter(query: Record<string, string>): [string, string][] {
  return Object.entries(query)
    .filter(([name]) => !OWN_PARAMETERS.has(name))
    .map(([name, value]) => [/^metadata\[(.+)\]$/.exec(name)?.[1] ?? name, value]);
}

function wantsBytes(accept: string | undefined): boolean {
  return accept !== undefined && accept.includes('application/octet-stream') && !accept.includes('application/json');
}

async function show(storage: Storage, repo: string, content: Content, filter: readonly [string, string][]): Promise<object> {
  const own = await storage.metadata(repo, content.path);
  const shared = { name: nameOf(content.path), path: content.path, sha: content.sha, ...(own === null ? {} : { metadata: own }) };
  if (content.type !== 'dir') {
    const { type, bytes, mode, conflicted } = content;
    return { type, ...shared, ...(conflicted ? { is_conflicted: true } : {}), size: bytes.length, encoding: 'base64', content: toBase64(bytes), mode };
  }
  const below = content.entries.length === 0 ? [] : await storage.metadataUnder(repo, content.path);
  const byPath = new Map(below.map(({ path, metadata }) => [path, metadata]));
  const rows = content.entries.filter((row) => isWithin(content.path, row.path) && matches(byPath.get(row.path), filter));
  return { type: 'dir', ...shared, child_count: content.childCount, entries: rows.map((row) => showRow(row, byPath.get(row.path))) };
}

function matches(metadata: Metadata | undefined, filter: readonly [string, string][]): boolean {
  return filter.every(([key, value]) => metadata?.[key] === value);
}

function showRow(row: ContentRow, metadata: Metadata | undefined): object {
  const { type, path, sha } = row;
  const rest = row.type === 'dir' ? {} : { size: row.size, mode: row.mode, ...(row.conflicted ? { is_conflicted: true } : {}) };
  return { type, name: nameOf(path), path, sha, ...rest, ...(metadata === undefined ? {} : { metadata }) };
}
