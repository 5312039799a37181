import { VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { Operation, OpResult } from '../../wire/operations.ts';
import type { OutgoingOperation } from './interface.ts';
import { adoptChild, writeFiles } from './rest-files.ts';
import { InTurnError } from './rest-patch.ts';
import type { FilesOperation } from './rest-plan.ts';
import type { RestRepo } from './rest-repo.ts';
import { nameOf, placeOf } from './rest-sent.ts';

/** Operations on files that go out as one patch. */
type Group = { files: FilesOperation[] } | { other: Exclude<Operation, FilesOperation> };

/** Sends operations of one client in order, those on files of one target together. @throws MesaApiError, or another error when the network fails */
export async function sendOperations(repo: RestRepo, client: string, outgoing: readonly OutgoingOperation[], signal: AbortSignal): Promise<OpResult[]> {
  const operations = outgoing.map(({ payload }) => JSON.parse(new TextDecoder().decode(payload)) as Operation);
  const blobs = outgoing.flatMap((operation) => operation.blobs);
  repo.objects.put(blobs);
  repo.objects.carry(client, blobs);
  const name = (seq: number): string => nameOf(client, seq);
  // What was done before a part of the batch failed is not done again.
  const results = operations.map(({ seq }) => repo.done.get(name(seq))).filter((result) => result !== undefined);
  const known = new Set(results.map(({ seq }) => seq));
  for (const group of groupsOf(operations.filter(({ seq }) => !known.has(seq)))) {
    const made = await makeGroup(repo, client, group, signal);
    for (const result of made) repo.done.set(name(result.seq), result);
    results.push(...made);
  }
  for (const { seq } of operations) repo.done.delete(name(seq));
  repo.objects.putDown(client);
  return results;
}

async function makeGroup(repo: RestRepo, client: string, group: Group, signal: AbortSignal): Promise<OpResult[]> {
  const operations = 'files' in group ? group.files : [group.other];
  try {
    const [first] = 'files' in group ? group.files : [];
    if (first !== undefined && 'files' in group) return await writeFiles(repo, client, first.target, group.files, signal);
    return 'other' in group ? [await make(repo, group.other, signal)] : [];
  } catch (error) {
    const isAlone = operations.length === 1 || !('files' in group);
    if (isRefusal(error) && isAlone) return operations.map(({ seq }) => refusalOf(seq, error));
    if (isAlone || !(isRefusal(error) || error instanceof InTurnError)) throw error;
    // One of them is to blame: alone, only that one is refused.
    const results: OpResult[] = [];
    for (const operation of group.files) {
      const made = await makeGroup(repo, client, { files: [operation] }, signal);
      for (const result of made) repo.done.set(nameOf(client, result.seq), result);
      results.push(...made);
    }
    return results;
  }
}

async function make(repo: RestRepo, operation: Exclude<Operation, FilesOperation>, signal: AbortSignal): Promise<OpResult> {
  const { seq } = operation;
  const real = (change: string): string => repo.real(change);
  const done = async (change: string): Promise<OpResult> => ({ seq, ok: true, outcome: 'applied', paths: [], ...placeOf(await repo.look(change, signal)) });
  switch (operation.kind) {
    case 'change.create': {
      const [parent = VIRTUAL_ROOT_CHANGE_ID, ...more] = operation.parents;
      if (more.length > 0) return unsupported(seq, 'The REST API makes a change on one other');
      const followed = operation.bookmark === undefined ? null : await standOf(repo, operation.bookmark, signal);
      const base = await repo.look(followed ?? real(parent), signal);
      const made = await repo.api.createChange(base.id, operation.message, signal);
      repo.aliases.set(operation.id, made.id);
      repo.bases.add(base.id);
      return { seq, ok: true, outcome: 'applied', paths: [], ...placeOf(await adoptChild(repo, made, base, signal)) };
    }
    case 'change.describe': {
      const change = real(operation.change);
      await repo.api.patchChange(change, { message: operation.message }, signal);
      return done(change);
    }
    case 'bookmark.create': {
      const change = real(operation.change);
      await repo.api.createBookmark(operation.name, change, signal).catch(async (error: unknown) => {
        // The answer to an earlier try may have been lost.
        const refused = error instanceof MesaApiError && error.status < 500 && error.code !== undefined;
        const mine = refused && error.status === 409 && repo.unsureBookmarks.has(operation.name);
        if (!refused) repo.unsureBookmarks.add(operation.name);
        if (!mine || (await repo.lookBookmark(operation.name, signal)) !== change) throw error;
      });
      repo.setBookmark(operation.name, change);
      // It is there, but its operation has no result yet: should that fail to come, the next try finds it there.
      repo.unsureBookmarks.add(operation.name);
      const result = await done(change);
      repo.unsureBookmarks.delete(operation.name);
      return result;
    }
    case 'bookmark.move': {
      const change = real(operation.change);
      if (!(await moveBookmark(repo, operation, change, signal))) {
        return refusal(seq, 'STALE_BASE', `The bookmark ${operation.name} stands elsewhere than expected`);
      }
      return done(change);
    }
  }
}

/** Where a bookmark stands, `null` when there is none. */
function standOf(repo: RestRepo, bookmark: string, signal: AbortSignal): Promise<string | null> {
  return repo.lookBookmark(bookmark, signal).catch((error: unknown) => {
    if (error instanceof MesaApiError && error.code === 'BOOKMARK_NOT_FOUND') return null;
    throw error;
  });
}

/** Moves a bookmark from where it is expected: the API can't be told that, but it can be asked to move it forward only. Answers whether it stands there. */
async function moveBookmark(
  repo: RestRepo,
  { name, expected }: Extract<Operation, { kind: 'bookmark.move' }>,
  change: string,
  signal: AbortSignal,
): Promise<boolean> {
  const stands = expected === undefined ? null : await repo.lookBookmark(name, signal);
  // An earlier try may have moved it, and its answer was lost.
  if (stands === change) return true;
  if (expected !== undefined && stands !== repo.real(expected)) return false;
  try {
    await repo.api.moveBookmark(name, change, expected === undefined, signal);
  } catch (error) {
    // Somebody moved it since it was looked at.
    if (expected !== undefined && error instanceof MesaApiError && error.status === 409) return (await repo.lookBookmark(name, signal)) === change;
    throw error;
  }
  repo.setBookmark(name, change);
  return true;
}

/** Runs of operations on files of one target, and the others one by one. */
function groupsOf(operations: readonly Operation[]): Group[] {
  const groups: Group[] = [];
  for (const operation of operations) {
    const last = groups.at(-1);
    const files = last !== undefined && 'files' in last ? last.files : null;
    if (operation.kind !== 'files') groups.push({ other: operation });
    else if (files?.[0] !== undefined && isSame(files[0], operation)) files.push(operation);
    else groups.push({ files: [operation] });
  }
  return groups;
}

function isSame(a: FilesOperation, b: FilesOperation): boolean {
  if ('bookmark' in a.target) return 'bookmark' in b.target && a.target.bookmark === b.target.bookmark;
  return 'change' in b.target && a.target.change === b.target.change;
}

/** Whether the API said no for good: by a code. Without one it was somebody on the way, whose limit of size holds for all that. */
function isRefusal(error: unknown): error is MesaApiError {
  if (!(error instanceof MesaApiError) || error.status < 400 || error.status >= 500) return false;
  return error.code === undefined ? error.status === 413 : ![401, 403, 408, 425, 429].includes(error.status);
}

function refusalOf(seq: number, error: MesaApiError): OpResult {
  const { details, message } = ((error.body ?? {}) as { error?: { details?: unknown; message?: string } }).error ?? {};
  return { seq, ok: false, error: { code: error.code ?? `HTTP_${error.status}`, message: message ?? error.message, details } };
}

function refusal(seq: number, code: string, message: string): OpResult {
  return { seq, ok: false, error: { code, message } };
}

function unsupported(seq: number, message: string): OpResult {
  return refusal(seq, 'NOT_SUPPORTED', message);
}
