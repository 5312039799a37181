import { delay } from '../../base/env.ts';
import { EMPTY_TREE_OID, VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { MissingObjectError } from '../../core/resolve.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { OpResult, Target } from '../../wire/operations.ts';
import type { ShownChange } from './rest-api.ts';
import { originOf, sendPlan } from './rest-patch.ts';
import { plan } from './rest-plan.ts';
import type { FilesOperation, Plan } from './rest-plan.ts';
import type { KnownChange, RestRepo } from './rest-repo.ts';
import { nameOf, placeOf } from './rest-sent.ts';

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
  let head = await headOf(repo, target, signal);
  for (let attempt = 0; ; attempt += 1) {
    try {
      head = (await repo.sent.settle(repo, client, head.id, signal)) ?? head;
      const done = all.map(({ seq }) => repo.done.get(nameOf(client, seq))).filter((result) => result !== undefined);
      const known = new Set(done.map(({ seq }) => seq));
      const operations = all.filter(({ seq }) => !known.has(seq));
      if (operations.length === 0) return done;
      const planned = await plan(repo.versions, head, operations);
      // What is lacking may be of a version that another writer has replaced: that is no reason to do without it.
      if (planned.lacking && (await repo.look(head.id, signal)).commit !== head.commit) throw new MissingObjectError([head.tree]);
      if (planned.changed.length === 0) {
        const results = await keptHere(repo, client, head, planned, signal);
        if (results !== null) return [...done, ...results];
        if (attempt + 1 >= MAX_TRIES) throw new Error('Other writers were faster again and again');
        head = repo.known(head.id) ?? (await repo.look(head.id, signal));
        continue;
      }
      const writable = await writableHead(repo, target, head, operations[0]?.message ?? '', signal);
      const same = writable.tree === head.tree;
      head = writable;
      // Who made the change meanwhile, or wrote into it, comes first.
      if (!same) continue;
      checkConflicts(head, planned);
      const stands = await sendPlan({ repo, client, head, planned, signal });
      repo.sent.answered(client, head.id);
      repo.latest = stands.id;
      return [...done, ...resultsOf(stands, planned)];
    } catch (error) {
      const overtaken = error instanceof MesaApiError && error.status === 409;
      if (!overtaken && !(error instanceof MissingObjectError)) throw error;
      if (attempt + 1 >= MAX_TRIES) throw new Error('Other writers were faster again and again', { cause: error });
      const { commit, id } = head;
      if (overtaken || attempt > 0) await delay(repo.env.clock, jitter(repo, attempt), signal);
      head = await repo.look(id, signal);
      // Content that is gone from where it was has gone with another version; else it is lost.
      if (!overtaken && head.commit === commit) throw error;
    }
  }
}

/** The change an operation is laid on. */
async function headOf(repo: RestRepo, target: Target, signal: AbortSignal): Promise<KnownChange> {
  const id = 'change' in target ? repo.real(target.change) : await bookmarkOf(repo, target.bookmark, signal);
  return repo.known(id) ?? repo.look(id, signal);
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
  const moved = repo.env.clock.now();
  repo.bases.add(head.id);
  await adoptChild(repo, made, head, signal);
  repo.setBookmark(target.bookmark, made.id, moved);
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
  return known.tree === base.tree && side !== null ? repo.set(made.id, { ...known, side }, null, known.seq) : known;
}

/** @throws MesaApiError MERGE_CONFLICT when a change in conflict takes no such files */
function checkConflicts(head: KnownChange, { changed }: Plan): void {
  const [first] = head.conflicts;
  if (first === undefined) return;
  const settles = changed.every(({ path, after }) => head.conflicts.includes(path) && after[0]?.mode !== undefined);
  if (settles) return;
  const message = `The change is in conflict at ${first}; the REST API takes no other files until each conflict is written over`;
  throw MesaApiError.from(400, { error: { code: 'MERGE_CONFLICT', message, details: { conflict_paths: head.conflicts } } });
}

/** Results of operations that show here alone: empty directories. `null`: the change stands elsewhere meanwhile, which only asking tells. */
async function keptHere(repo: RestRepo, client: string, head: KnownChange, planned: Plan, signal: AbortSignal): Promise<OpResult[] | null> {
  if (planned.side === head.side) return resultsOf(head, planned);
  const { answer: now, asked } = await repo.ask(
    async () => repo.look(head.id, signal),
    ({ commit }) => commit === head.commit,
  );
  if (now.commit !== head.commit || now.side !== head.side) return null;
  return resultsOf(await repo.set(head.id, { ...now, side: planned.side }, originOf(client, planned.results), asked), planned);
}

function resultsOf(known: KnownChange, { results }: Plan): OpResult[] {
  return results.map((result): OpResult => (result.ok ? { ...result, ...placeOf(known) } : result));
}

/** A random wait that grows with the tries, so that writers who met do not meet again. */
function jitter(repo: RestRepo, attempt: number): number {
  const random = new Uint8Array(1);
  repo.env.random(random);
  return (FIRST_WAIT * 2 ** attempt * ((random[0] ?? 0) + 1)) / 256;
}
