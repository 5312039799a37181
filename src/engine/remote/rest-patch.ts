import { MODE } from '../../base/ids.ts';
import { dirname } from '../../base/paths.ts';
import type { Changed, Terms } from '../../core/generated/mesa_core.js';
import { MissingObjectError } from '../../core/resolve.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { Origin } from '../../wire/events.ts';
import { toBase64 } from './rest-api.ts';
import type { ChangePatch, PatchedFile, ShownChange } from './rest-api.ts';
import type { Plan, Planned } from './rest-plan.ts';
import type { KnownChange, RestRepo } from './rest-repo.ts';
import { telltales } from './rest-sent.ts';

/** Who sends a plan, laid on a change as it stands. */
export interface Sending {
  repo: RestRepo;
  client: string;
  head: KnownChange;
  planned: Plan;
  signal: AbortSignal;
}

/**
 * What several operations come to takes two patches, of which the first alone could remove the only place of what the second puts elsewhere: made one by one,
 * each leaves all content somewhere.
 */
export class InTurnError extends Error {
  override readonly name = 'InTurnError';
}

/** Sends a plan; what is in its way goes first. Answers where the change then stands. @throws MesaApiError 409 when another writer was faster; InTurnError */
export async function sendPlan(sending: Sending): Promise<KnownChange> {
  const { repo, client, head, planned, signal } = sending;
  const origin = originOf(client, planned.results);
  if (head.conflicts.length > 0) {
    const resolutions = await inParallel(planned.changed, async ({ path, after }) => ({ path, ...(await contentOf(sending, after)) }));
    const { id } = await patch(sending, head.commit, { resolutions }, planned.changed, planned.tree);
    return repo.look(id, signal, origin);
  }
  const seen = repo.known(head.id);
  // All content is at hand before the first patch: that may remove the only place where it can be had.
  const files = await inParallel(planned.changed, (changed) => fileOf(sending, changed));
  const [first, rest] = inTurn(files);
  if (first.length > 0 && planned.results.length > 1) throw new InTurnError('a file and a directory change places');
  const last = new Set(rest.map(({ path }) => path));
  const told = planned.changed.filter(({ path }) => last.has(path));
  let base = head.commit;
  if (first.length > 0) base = (await patch(sending, base, { files: first }, [], null)).commit;
  const shown = await patch(sending, base, { files: rest }, told, first.length > 0 ? null : planned.tree).catch(async (error: unknown) => {
    const inWay = directoryInWay(error, told);
    if (inWay === null) throw error;
    // A backend that keeps empty directories has one there.
    base = (await patch(sending, base, { files: [{ path: inWay, action: 'delete' }] }, [], null)).commit;
    return patch(sending, base, { files: rest }, told, null);
  });
  for (const { path, after } of planned.changed) if (after[0]) repo.objects.place(after[0].oid, head.id, path, false);
  // Where others' writes were seen meanwhile, it is asked what all of them make.
  if (repo.known(head.id) !== seen) return repo.look(head.id, signal, origin);
  return repo.set(head.id, { commit: shown.commit, tree: planned.tree, side: planned.side, conflicts: [] }, origin);
}

/** The last operation of a client's that a version holds. */
export function originOf(client: string, operations: readonly { seq: number }[]): Origin | null {
  const last = operations.at(-1);
  return last === undefined ? null : { client, seq: last.seq };
}

/** Makes one patch. `told`: the files that tell whether it was made, should its answer be lost; `makes`: the tree that it alone makes of the change. */
async function patch(
  { repo, client, head, planned, signal }: Sending,
  base: string,
  body: ChangePatch,
  told: Changed[],
  makes: string | null,
): Promise<ShownChange> {
  const operations = planned.results.filter((result): result is Extract<Planned, { ok: true }> => result.ok);
  const sent = { base, operations, files: telltales(told) };
  const send = (): Promise<ShownChange> => repo.api.patchChange(head.id, { base_commit_oid: base, ...body }, signal);
  if (makes !== null) repo.underWay.set(head.id, makes);
  try {
    return await repo.sent.around(client, head.id, sent, send, isAnswer);
  } finally {
    repo.underWay.delete(head.id);
  }
}

/** Whether the API itself refused something: then it was not made. */
function isAnswer(error: unknown): boolean {
  return error instanceof MesaApiError && error.status < 500 && error.code !== undefined;
}

async function fileOf(sending: Sending, { path, after }: Changed): Promise<PatchedFile> {
  const [term] = after;
  if (term === null || term === undefined) return { path, action: 'delete' };
  return { path, ...(await contentOf(sending, after)), mode: term.mode === MODE.executable ? '100755' : '100644' };
}

/** A file's content, kept at hand until the operations it belongs to are answered: the next try need not fetch it again, nor could it always. */
async function contentOf({ repo, client, signal }: Sending, [term]: Terms): Promise<{ content: string; encoding: 'base64' }> {
  const oid = term?.oid ?? '';
  const [blob] = await repo.objects.get([oid], signal);
  if (blob === undefined) throw new MissingObjectError([oid]);
  repo.objects.carry(client, [blob]);
  return { content: toBase64(blob.bytes), encoding: 'base64' };
}

/** Waits for all, also where one fails: what the others fetched is kept. */
async function inParallel<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const tasks = items.map((item) => task(item));
  await Promise.allSettled(tasks);
  return Promise.all(tasks);
}

/** Deletions that have to come before: where a file and a directory change places, a patch is checked against what was there before it. */
function inTurn(files: PatchedFile[]): [first: PatchedFile[], rest: PatchedFile[]] {
  const gone = new Set(files.filter((file) => 'action' in file).map(({ path }) => path));
  const written = files.filter((file) => !('action' in file)).map(({ path }) => path);
  const above = (path: string): string[] => {
    const found: string[] = [];
    for (let at = dirname(path); at !== ''; at = dirname(at)) found.push(at);
    return found;
  };
  const under = new Set(written.flatMap(above));
  const names = new Set(written);
  const inWay = (path: string): boolean => under.has(path) || above(path).some((parent) => names.has(parent));
  const first = new Set(files.filter(({ path }) => gone.has(path) && inWay(path)));
  return [[...first], files.filter((file) => !first.has(file))];
}

/** The path of a file that an API refused to put where it keeps an empty directory: nothing else is there, as far as is known. */
function directoryInWay(error: unknown, changed: readonly Changed[]): string | null {
  if (!(error instanceof MesaApiError) || error.status !== 400) return null;
  const { error: said } = (error.body ?? {}) as { error?: { details?: { path?: unknown } } };
  const isNew = ({ before, after }: Changed): boolean => before.every((term) => term === null) && after.some((term) => term !== null);
  return changed.find((one) => one.path === said?.details?.path && isNew(one))?.path ?? null;
}
