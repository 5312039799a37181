import { ApiError } from '../../wire/errors.ts';
import type { Operation, OpResult } from '../../wire/operations.ts';
import type { ClientRecord } from '../storage/records.ts';
import type { Author, Draft } from './draft.ts';
import type { Sent } from './objects.ts';
import type { FilesOperation } from './operations.ts';
import { continuesEdit, runOperation, writeFiles, writtenTogether } from './operations.ts';
import { rebaseDescendants } from './rebase.ts';
import type { Workshop } from './versions.ts';

/** Operations of one client, in order, with what they brought along. */
export interface Batch {
  client: string;
  /** Other clients to be told about. */
  clients?: readonly string[];
  /** Each with the git blob id of its frame's payload. */
  operations: readonly { operation: Operation; hash: string }[];
  sent: Sent;
}

/** Operations looked through for one that is old enough. */
const LOOK_BACK = 100;

/** Refusals of the whole batch: nothing of it is to stand, since sending it again differently will do. */
const WHOLE: ReadonlySet<string> = new Set(['MISSING_OBJECT', 'BAD_OBJECT']);

/**
 * Carries out a batch on a draft. An operation that was answered before answers the same and does nothing; one that is refused answers so in its
 * place, and its refusal is remembered too: after a later operation it must not succeed.
 *
 * @throws ApiError FORBIDDEN when the client belongs to another key; MISSING_OBJECT, BAD_OBJECT
 */
export async function runBatch(shop: Workshop, draft: Draft, batch: Batch, by: Author): Promise<OpResult[]> {
  const client = await admit(shop, draft, batch.client, by);
  shop.objects.bring(batch.sent);
  const lacking = await shop.objects.lacked(shop.objects.namedBySent());
  if (lacking.length > 0) {
    const message = `A directory of this body names ${lacking[0]}, which was neither sent nor stored; send it in the same body or to -/objects first.`;
    throw new ApiError('MISSING_OBJECT', message, { oids: lacking });
  }
  const results: OpResult[] = [];
  const hashes = new Map(batch.operations.map(({ operation, hash }) => [operation.seq, hash]));
  const operations = batch.operations.map(({ operation }) => operation);
  const settle = (operation: Operation, result: OpResult): void => {
    client.highWater = operation.seq;
    draft.answered({ client: batch.client, seq: operation.seq, hash: hashes.get(operation.seq) ?? '', result: JSON.stringify(result) }, { ...client });
    results.push(result);
  };
  // Where a run could not be taken together, its operations are taken one by one up to here.
  let alone = 0;
  for (const [index, operation] of operations.entries()) {
    if (results.length > index) continue;
    if (operation.seq <= client.highWater) {
      results.push(await replay(draft, batch.client, operation.seq, hashes.get(operation.seq) ?? ''));
      continue;
    }
    if (!continuesEdit(draft, operation)) await rebaseDescendants(shop, draft, by);
    const from: Author = { ...by, origin: { client: batch.client, seq: operation.seq } };
    const run = index < alone ? [] : writtenTogether(operations, index);
    const together = await attemptTogether(shop, draft, run, from);
    for (const [offset, result] of together.entries()) settle(run[offset] ?? operation, result);
    if (together.length > 0) continue;
    alone = Math.max(alone, index + run.length);
    settle(operation, await attempt(shop, draft, operation, from));
  }
  await rebaseDescendants(shop, draft, by);
  return results;
}

/**
 * The last operation of each client that the state which some results name may include. Answers that are given again name an old state, and what was answered
 * since is not in it. Other people's clients are left out.
 */
export async function acceptedOf(
  shop: Workshop,
  draft: Draft,
  clients: readonly string[],
  results: readonly OpResult[],
  by: Author,
): Promise<Record<string, number>> {
  const accepted: Record<string, number> = {};
  const fresh = results.some((result) => result.ok && result.replayed !== true);
  const state = fresh ? Infinity : Math.max(0, ...results.map((result) => (result.ok ? result.repoSeq : 0)));
  for (const name of clients) {
    const client = await draft.client(name);
    // One that has sent nothing yet was asked about all the same.
    if (client === null) accepted[name] = 0;
    else if (client.principal === by.principal || (await shop.isOver(client.principal))) {
      const last = await lastUpTo(draft, client, state);
      // What is not said is asked for.
      if (last !== null) accepted[name] = last;
    }
  }
  return accepted;
}

/** The last operation of a client whose effect stands at `state` or before; `null` where that is too long ago to look for. */
async function lastUpTo(draft: Draft, { client, highWater }: ClientRecord, state: number): Promise<number | null> {
  if (state === Infinity) return highWater;
  for (let seq = highWater; state > 0 && seq > Math.max(0, highWater - LOOK_BACK); seq -= 1) {
    const known = await draft.operation(client, seq);
    const result = known === null ? null : (JSON.parse(known.result) as OpResult);
    if (result?.ok === true && result.repoSeq <= state) return seq;
  }
  return state > 0 && highWater > LOOK_BACK ? null : 0;
}

/** Carries out several operations as one edit. Answers nothing where that isn't to be had: they have to be taken one by one then. */
async function attemptTogether(shop: Workshop, draft: Draft, run: readonly FilesOperation[], by: Author): Promise<OpResult[]> {
  const last = run.at(-1);
  if (last === undefined || run.length < 2) return [];
  const step = draft.fork();
  const mark = shop.objects.mark();
  try {
    const results = await writeFiles(shop, step, run, { ...by, origin: by.origin && { ...by.origin, seq: last.seq } });
    draft.absorb(step);
    return results;
  } catch (error) {
    // One of them is refused: only carrying them out one by one tells which.
    shop.objects.drop(mark);
    if (error instanceof ApiError && error.status < 500) return [];
    throw error;
  }
}

async function admit(shop: Workshop, draft: Draft, name: string, by: Author): Promise<ClientRecord> {
  const client = await draft.client(name);
  if (client === null) return { client: name, principal: by.principal, highWater: 0 };
  // Where a key was replaced, its successor sends what is left.
  if (client.principal === by.principal || (await shop.isOver(client.principal))) return { ...client, principal: by.principal };
  throw new ApiError('FORBIDDEN', `The client ${name} belongs to another key; take a new client id for this one.`, { client: name });
}

async function attempt(shop: Workshop, draft: Draft, operation: Operation, by: Author): Promise<OpResult> {
  const step = draft.fork();
  const mark = shop.objects.mark();
  try {
    const result = await runOperation(shop, step, operation, by);
    draft.absorb(step);
    return result;
  } catch (error) {
    shop.objects.drop(mark);
    if (!(error instanceof ApiError) || error.status >= 500) throw error;
    if (WHOLE.has(error.code)) throw new ApiError(error.code, `Operation ${operation.seq}: ${error.message}`, { ...error.details, seq: operation.seq });
    return { seq: operation.seq, ok: false, ...error.toBody() };
  }
}

async function replay(draft: Draft, client: string, seq: number, hash: string): Promise<OpResult> {
  const known = await draft.operation(client, seq);
  if (known === null) {
    const message = `Operation ${seq} comes after a later one of the same client was answered; give it a new number.`;
    return { seq, ok: false, error: { code: 'OPERATION_MISMATCH', message } };
  }
  if (known.hash !== hash) {
    const message = `Operation ${seq} was sent before with other content (${known.hash}); a number is never used again.`;
    return { seq, ok: false, error: { code: 'OPERATION_MISMATCH', message, details: { hash: known.hash } } };
  }
  const result = JSON.parse(known.result) as OpResult;
  return result.ok ? { ...result, replayed: true } : result;
}
