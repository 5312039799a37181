import { ApiError } from '../../wire/errors.ts';
import type { Operation, OpResult } from '../../wire/operations.ts';
import type { ClientRecord } from '../storage/records.ts';
import type { Author, Draft } from './draft.ts';
import type { Sent } from './objects.ts';
import { continuesEdit, runOperation } from './operations.ts';
import { rebaseDescendants } from './rebase.ts';
import type { Workshop } from './versions.ts';

/** Operations of one client, in order, with what they brought along. */
export interface Batch {
  client: string;
  /** Each with the git blob id of its frame's payload. */
  operations: readonly { operation: Operation; hash: string }[];
  sent: Sent;
}

/** Refusals of the whole batch: nothing of it is to stand, since sending it again differently will do. */
const WHOLE: ReadonlySet<string> = new Set(['MISSING_OBJECT', 'BAD_OBJECT']);

/**
 * Carries out a batch on a draft. An operation that was answered before answers the same and does nothing; one that is refused answers so in its
 * place, and its refusal is remembered too: after a later operation it must not succeed.
 *
 * @throws ApiError FORBIDDEN when the client belongs to another key; MISSING_OBJECT, BAD_OBJECT
 */
export async function runBatch(shop: Workshop, draft: Draft, batch: Batch, by: Author): Promise<OpResult[]> {
  const client = await admit(draft, batch.client, by);
  shop.objects.bring(batch.sent);
  const results: OpResult[] = [];
  for (const { operation, hash } of batch.operations) {
    if (operation.seq <= client.highWater) {
      results.push(await replay(draft, batch.client, operation.seq, hash));
      continue;
    }
    if (!continuesEdit(draft, operation)) await rebaseDescendants(shop, draft, by);
    const result = await attempt(shop, draft, operation, { ...by, origin: { client: batch.client, seq: operation.seq } });
    client.highWater = operation.seq;
    draft.answered({ client: batch.client, seq: operation.seq, hash, result: JSON.stringify(result) }, { ...client });
    results.push(result);
  }
  await rebaseDescendants(shop, draft, by);
  return results;
}

async function admit(draft: Draft, name: string, by: Author): Promise<ClientRecord> {
  const client = await draft.client(name);
  if (client === null) return { client: name, principal: by.principal, highWater: 0 };
  if (client.principal === by.principal) return { ...client };
  throw new ApiError('FORBIDDEN', `The client ${name} belongs to another key; take a new client id for this one.`, { client: name });
}

async function attempt(shop: Workshop, draft: Draft, operation: Operation, by: Author): Promise<OpResult> {
  const step = draft.fork();
  try {
    const result = await runOperation(shop, step, operation, by);
    draft.absorb(step);
    return result;
  } catch (error) {
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
