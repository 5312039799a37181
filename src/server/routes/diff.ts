import { ApiError, quote } from '../../wire/errors.ts';
import type { Routes } from '../backend.ts';
import { accessRepo } from '../backend.ts';
import { diffVersions, patchParts } from '../diff.ts';
import { RepoReader } from '../reader.ts';
import { changedPaths } from '../walks.ts';
import { readChangeId } from './content.ts';

/** `GET /{org}/{repo}/diff`: what differs between two changes, as JSON or, with `Accept: text/plain`, as one patch. */
export const diffRoutes: Routes = (router, backend) => {
  const { core, storage } = backend;

  router.get('/:org/:repo/diff', async (context) => {
    const { repo } = await accessRepo(context, backend, 'read');
    const base_change_id = requireId('base_change_id', context.req.query('base_change_id'));
    const head_change_id = requireId('head_change_id', context.req.query('head_change_id'));
    const conflicts = context.req.query('conflicts') ?? 'include';
    if (!['include', 'only', 'exclude'].includes(conflicts))
      throw new ApiError('INVALID_REQUEST', `conflicts=${quote(conflicts)} is not include, only or exclude.`);
    using reader = new RepoReader(core, storage, repo);
    const [before, after] = [await reader.version(base_change_id), await reader.version(head_change_id)];
    if (wantsText(context.req.header('accept'))) {
      const changed = await changedPaths(reader, before.trees, after.trees);
      const parts = patchParts(() => new RepoReader(core, storage, repo), changed);
      return new Response(streamOf(parts), { headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
    }
    const diff = await diffVersions(core, reader, before.trees, after.trees);
    const entries = conflicts === 'only' ? [] : diff.entries;
    const conflicted_entries = conflicts === 'exclude' ? [] : diff.conflicted;
    const { additions, deletions, truncated } = diff;
    const stats = {
      entries: entries.length,
      additions,
      deletions,
      changes: additions + deletions,
      conflicted_entries: conflicted_entries.length,
      conflicted_hunks: conflicted_entries.reduce((sum, { hunks }) => sum + hunks.length, 0),
    };
    return context.json({ base_change_id, head_change_id, stats, truncated, entries, conflicted_entries });
  });
};

/** Parts as a body, each made when it is asked for. */
function streamOf(parts: AsyncGenerator<Uint8Array, void, undefined>): ReadableStream<Uint8Array> {
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const next = await parts.next();
    if (next.done === true) controller.close();
    else controller.enqueue(next.value);
  };
  const cancel = async (): Promise<void> => void (await parts.return());
  return new ReadableStream<Uint8Array>({ pull, cancel }, { highWaterMark: 0 });
}

function requireId(name: string, text: string | undefined): string {
  const id = readChangeId(text);
  if (id === undefined) throw new ApiError('INVALID_REQUEST', `${name} is missing; name the changes to compare (32 × z is the empty tree).`);
  return id;
}

function wantsText(accept: string | undefined): boolean {
  return accept !== undefined && accept.includes('text/plain') && !accept.includes('application/json');
}
