import { delay } from '../../base/env.ts';
import { EMPTY_TREE_OID, MODE, VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { dirname } from '../../base/paths.ts';
import type { Changed, Terms } from '../../core/generated/mesa_core.js';
import { MissingObjectError } from '../../core/resolve.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { Origin } from '../../wire/events.ts';
import type { OpResult, Target } from '../../wire/operations.ts';
import { toBase64 } from './rest-api.ts';
import type { ChangePatch, PatchedFile, ShownChange } from './rest-api.ts';
import { plan } from './rest-plan.ts';
import type { FilesOperation, Plan } from './rest-plan.ts';
import type { KnownChange, RestRepo, Unsure } from './rest-repo.ts';

/** Times a patch is made again after another writer was faster, before the whole is left to the one who sends. */
const MAX_TRIES = 8;
/** Milliseconds of the longest wait before the first of these tries. */
const FIRST_WAIT = 50;
/** Milliseconds for which it is taken as known where a bookmark stands, and which bookmarks share a change. */
const FRESH = 2_000;
const FRESH_LIST = 10_000;

/**
 * Writes operations on files of one target: laid on the change as it stands, sent as one patch that holds only while it stands there, and made again on
 * top of what another writer made meanwhile.
 *
 * @throws MesaApiError, or any other error when the network fails or others are faster again and again: then the same may be sent again
 */
export async function writeFiles(repo: RestRepo, client: string, target: Target, all: readonly FilesOperation[], signal: AbortSignal): Promise<OpResult[]> {
  const message = all[0]?.message ?? '';
  let head = await headOf(repo, target, signal);
  const done = await alreadyMade(repo, client, head, all, signal);
  if (done !== null) head = done.head;
  const results = done?.results ?? [];
  const operations = all.slice(results.length);
  if (operations.length === 0) return results;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const planned = await plan(repo.versions, head, operations);
      // What is lacking may be of a version that another writer has replaced: that is no reason to do without it.
      if (planned.lacking && (await repo.look(head.id, signal)).commit !== head.commit) throw new MissingObjectError([head.tree]);
      if (planned.changed.length === 0) return [...results, ...(await keptHere(repo, client, head, planned))];
      const writable = await writableHead(repo, target, head, message, signal);
      const same = writable.tree === head.tree;
      head = writable;
      // Who made the change meanwhile, or wrote into it, comes first.
      if (!same) continue;
      const refused = conflictRefusal(head, planned);
      if (refused !== null) return [...results, ...operations.map(({ seq }): OpResult => ({ seq, ok: false, error: refused }))];
      const known = await send(repo, client, head, planned, operations, signal);
      return [...results, ...resultsOf(known, planned)];
    } catch (error) {
      const overtaken = error instanceof MesaApiError && error.status === 409;
      if (!overtaken && !(error instanceof MissingObjectError)) throw error;
      if (attempt + 1 >= MAX_TRIES) throw new Error('Other writers were faster again and again', { cause: error });
      const { commit, id } = head;
      if (overtaken) await delay(repo.env.clock, jitter(repo, attempt), signal);
      head = await repo.look(id, signal);
      // Content that is gone from where it was has gone with another version; else it is lost.
      if (!overtaken && head.commit === commit) throw error;
    }
  }
}

/** The change an operation is laid on. */
async function headOf(repo: RestRepo, target: Target, signal: AbortSignal): Promise<KnownChange> {
  const id = 'change' in target ? (repo.aliases.get(target.change) ?? target.change) : await bookmarkOf(repo, target.bookmark, signal);
  const known = repo.unsure.has(id) ? undefined : repo.known(id);
  return known ?? repo.look(id, signal);
}

async function bookmarkOf(repo: RestRepo, name: string, signal: AbortSignal): Promise<string> {
  const known = repo.bookmarks.get(name);
  const fresh = known !== undefined && repo.env.clock.now() - known.at < FRESH;
  return fresh ? known.change : repo.lookBookmark(name, signal);
}

/** The change to patch: of a bookmark whose change is shared, a new one on top, to which the bookmark is moved. */
async function writableHead(repo: RestRepo, target: Target, head: KnownChange, message: string, signal: AbortSignal): Promise<KnownChange> {
  if ('change' in target || !(await isShared(repo, target.bookmark, head.id, signal))) return head;
  const made = await repo.api.createChange(head.id, message, signal);
  try {
    await repo.api.moveBookmark(target.bookmark, made.id, false, signal);
  } catch (error) {
    if (!(error instanceof MesaApiError) || error.status !== 409) throw error;
    // Another was first: what it made is written into.
    const id = await repo.lookBookmark(target.bookmark, signal);
    return repo.look(id, signal);
  }
  repo.bases.add(head.id);
  await adoptChild(repo, made, head, signal);
  repo.setBookmark(target.bookmark, made.id);
  return repo.known(made.id) ?? repo.look(made.id, signal);
}

/** Whether writing into a bookmark's change would show elsewhere: at another bookmark, or below a change made here. */
async function isShared(repo: RestRepo, name: string, change: string, signal: AbortSignal): Promise<boolean> {
  if (change === VIRTUAL_ROOT_CHANGE_ID || repo.bases.has(change)) return true;
  const fresh = repo.listed !== null && repo.env.clock.now() - repo.listed.at < FRESH_LIST;
  const listed = fresh && repo.listed !== null ? repo.listed.changes : await repo.lookBookmarks(signal);
  return [...listed].some(([other, at]) => other !== name && at === change);
}

/** Takes in a change just made on top of another: its content is that one's as it stood at that moment. */
export async function adoptChild(repo: RestRepo, made: ShownChange, base: KnownChange, signal?: AbortSignal): Promise<KnownChange> {
  const { side } = base;
  if (base.id === VIRTUAL_ROOT_CHANGE_ID) return repo.set(made.id, { commit: made.commit, tree: EMPTY_TREE_OID, side, conflicts: [] });
  const known = await repo.look(made.id, signal);
  return known.tree === base.tree && side !== null ? repo.set(made.id, { ...known, side }) : known;
}

/** Why a change in conflict takes no such files, or `null`. */
function conflictRefusal(head: KnownChange, { changed }: Plan): { code: string; message: string; details: unknown } | null {
  const [first] = head.conflicts;
  if (first === undefined) return null;
  const settles = changed.every(({ path, after }) => head.conflicts.includes(path) && after[0]?.mode !== undefined);
  if (settles) return null;
  const message = `The change is in conflict at ${first}; the REST API takes no other files until each conflict is written over`;
  return { code: 'MERGE_CONFLICT', message, details: { conflict_paths: head.conflicts } };
}

/** Sends a plan; what is in its way goes first. Answers where the change then stands. */
async function send(
  repo: RestRepo,
  client: string,
  head: KnownChange,
  planned: Plan,
  operations: readonly FilesOperation[],
  signal: AbortSignal,
): Promise<KnownChange> {
  if (head.conflicts.length > 0) {
    const resolutions = await Promise.all(planned.changed.map(async ({ path, after }) => ({ path, ...(await contentOf(repo, after)) })));
    const { id } = await patch(repo, client, head, { resolutions }, planned, operations, signal);
    return repo.look(id, signal, originOf(client, operations));
  }
  const seen = repo.known(head.id);
  const files = await Promise.all(planned.changed.map((changed) => fileOf(repo, changed)));
  const [first, rest] = inTurn(files);
  let base = head.commit;
  if (first.length > 0) base = (await patch(repo, client, head, { files: first }, null, operations, signal)).commit;
  const shown = await patch(repo, client, { ...head, commit: base }, { files: rest }, first.length > 0 ? null : planned, operations, signal).catch(
    async (error: unknown) => {
      const inWay = directoryInWay(error, rest);
      if (inWay === null) throw error;
      // A backend that keeps empty directories has one there.
      base = (await patch(repo, client, { ...head, commit: base }, { files: [{ path: inWay, action: 'delete' }] }, null, operations, signal)).commit;
      return patch(repo, client, { ...head, commit: base }, { files: rest }, null, operations, signal);
    },
  );
  for (const { path, after } of planned.changed) if (after[0]) repo.objects.place(after[0].oid, head.id, path, false);
  const origin = originOf(client, operations);
  // Where others' writes were seen meanwhile, it is asked what all of them make.
  if (repo.known(head.id) !== seen) return repo.look(head.id, signal, origin);
  return repo.set(head.id, { commit: shown.commit, tree: planned.tree, side: planned.side, conflicts: [] }, origin);
}

/** Makes one patch; when its answer is lost, notes what to look for. `whole`: the plan it fulfils alone. */
async function patch(
  repo: RestRepo,
  client: string,
  head: KnownChange,
  body: ChangePatch,
  whole: Plan | null,
  operations: readonly FilesOperation[],
  signal: AbortSignal,
): Promise<ShownChange> {
  if (whole !== null) repo.underWay.set(head.id, whole.tree);
  try {
    const shown = await repo.api.patchChange(head.id, { base_commit_oid: head.commit, ...body }, signal);
    repo.unsure.delete(head.id);
    return shown;
  } catch (error) {
    if (error instanceof MesaApiError && error.status < 500 && error.code !== undefined) throw error;
    const files = (whole?.changed ?? []).map(({ path, before, after }) => ({ path, before: keyOf(before), after: keyOf(after) }));
    const refused = new Set(whole?.results.filter((result) => !result.ok).map(({ seq }) => seq));
    const seqs = operations.map(({ seq }) => seq).filter((seq) => !refused.has(seq));
    const unsure: Unsure = { base: head.commit, seqs: new Set(seqs.map((seq) => `${client} ${seq}`)), files };
    repo.unsure.set(head.id, unsure);
    throw error;
  } finally {
    repo.underWay.delete(head.id);
  }
}

/**
 * Finds out whether a patch whose answer was lost was made. It is all or nothing, so one path that still holds what it replaced says no, and paths
 * that hold what it wrote say yes, though others may have been written over since. Where nothing tells, it is merged once more.
 */
async function alreadyMade(
  repo: RestRepo,
  client: string,
  head: KnownChange,
  operations: readonly FilesOperation[],
  signal: AbortSignal,
): Promise<{ head: KnownChange; results: OpResult[] } | null> {
  const unsure = repo.unsure.get(head.id);
  if (unsure === undefined) return null;
  const others = operations.every(({ seq }) => !unsure.seqs.has(`${client} ${seq}`));
  if (!others) repo.unsure.delete(head.id);
  const now = await repo.look(head.id, signal);
  if (others || now.commit === unsure.base || unsure.files.length === 0) return { head: now, results: [] };
  const { found } = await repo.versions.ask((pool) =>
    pool.lookup(
      [now.tree],
      null,
      unsure.files.map(({ path }) => path),
    ),
  );
  const holds = unsure.files.map((file, index) => ({ ...file, now: keyOf(found[index]?.terms ?? [null]) }));
  const made = holds.some((file) => file.now === file.after) && !holds.some((file) => file.now === file.before);
  if (!made) return { head: now, results: [] };
  const before = operations.findIndex(({ seq }) => !unsure.seqs.has(`${client} ${seq}`));
  const ours = before < 0 ? operations : operations.slice(0, before);
  const results = ours.map(({ seq, edits }): OpResult => {
    const paths = edits.map((edit) => (edit.type === 'rename' ? edit.to : edit.path));
    return { seq, ok: true, outcome: 'applied', paths, ...placeOf(now) };
  });
  return { head: now, results };
}

/** Results of operations that show here alone: empty directories. */
async function keptHere(repo: RestRepo, client: string, head: KnownChange, planned: Plan): Promise<OpResult[]> {
  const known = planned.side === head.side ? head : await repo.set(head.id, { ...head, side: planned.side }, originOf(client, planned.results));
  return resultsOf(known, planned);
}

function resultsOf(known: KnownChange, { results }: Plan): OpResult[] {
  return results.map((result): OpResult => (result.ok ? { ...result, ...placeOf(known) } : result));
}

function originOf(client: string, operations: readonly { seq: number }[]): Origin | null {
  const last = operations.at(-1);
  return last === undefined ? null : { client, seq: last.seq };
}

/** Where an operation's effect stands. */
export function placeOf({ id, commit, tree, side, seq }: KnownChange): {
  repoSeq: number;
  change: string;
  commit: string;
  trees: string[];
  side: string | null;
} {
  return { repoSeq: seq, change: id, commit, trees: [tree], side };
}

async function fileOf(repo: RestRepo, { path, after }: Changed): Promise<PatchedFile> {
  const [term] = after;
  if (term === null || term === undefined) return { path, action: 'delete' };
  return { path, ...(await contentOf(repo, after)), mode: term.mode === MODE.executable ? '100755' : '100644' };
}

async function contentOf(repo: RestRepo, [term]: Terms): Promise<{ content: string; encoding: 'base64' }> {
  const oid = term?.oid ?? '';
  const [blob] = await repo.objects.get([oid]);
  if (blob === undefined) throw new MissingObjectError([oid]);
  return { content: toBase64(blob.bytes), encoding: 'base64' };
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
  const first = files.filter(({ path }) => gone.has(path) && inWay(path));
  return [first, files.filter((file) => !first.includes(file))];
}

/** The path of a file that an API refused to put where it keeps an empty directory. */
function directoryInWay(error: unknown, files: readonly PatchedFile[]): string | null {
  if (!(error instanceof MesaApiError) || error.status !== 400) return null;
  const { error: said } = (error.body ?? {}) as { error?: { details?: { path?: unknown } } };
  return files.find((file) => !('action' in file) && file.path === said?.details?.path)?.path ?? null;
}

function keyOf(terms: Terms): string {
  return terms.map((term) => (term === null ? '' : `${term.mode.toString(8)} ${term.oid}`)).join();
}

/** A random wait that grows with the tries, so that writers who met do not meet again. */
function jitter(repo: RestRepo, attempt: number): number {
  const random = new Uint8Array(1);
  repo.env.random(random);
  return (FIRST_WAIT * 2 ** attempt * ((random[0] ?? 0) + 1)) / 256;
}
