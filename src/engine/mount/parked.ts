import { FsError } from '../../base/errors.ts';
import { newChangeId, VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import type { ParkedOperation } from '../../rpc/types.ts';
import type { OperationBody } from '../../wire/operations.ts';
import type { Parked } from '../sync/backlog.ts';
import { restorePending } from '../sync/pending.ts';
import { answeredSoon } from './answered-soon.ts';
import { checkMessage } from './arguments.ts';
import { writable } from './changes.ts';
import type { Checkout } from './checkout.ts';
import type { Context } from './context.ts';
import { absolute } from './namespace.ts';

/** The operations that the server refused for good after their writers had been told that they are safe. */
export async function parkedList(context: Context): Promise<ParkedOperation[]> {
  return context.namespace.checkouts.flatMap((checkout) => checkout.backlog.parked.map((parked) => describe(checkout, parked)));
}

/**
 * Makes a new change out of parked edits, on top of the change looked at, without looking at it. What the server refuses there too is parked once more.
 *
 * @throws FsError ENOENT (nothing of that is parked), EROFS; MesaApiError what they are refused with again, where the server can be asked now
 */
export async function parkedSave(context: Context, args: { repo: string; ids?: string[]; message?: string }): Promise<{ changeOid: string }> {
  checkMessage(args.message, 'sync.saveParked');
  let id = newChangeId((bytes) => context.env.random(bytes));
  await context.mutate(async () => {
    const checkout = writable(context, args.repo, 'sync.saveParked');
    const chosen = checkout.backlog.parked.filter((parked) => args.ids?.includes(idOf(parked)) ?? true);
    const edits = chosen.map((parked) => ({ parked, operation: restorePending(parked.operation) })).filter(({ operation }) => operation.body.kind === 'files');
    if (edits.length === 0) throw new FsError('ENOENT', 'sync.saveParked', args.repo, { hint: 'no refused edits of this repo are kept' });
    // Asked for twice, it is done once.
    const release = checkout.backlog.claim(edits.map(({ parked }) => parked));
    const save = async (): Promise<{ accepted: Promise<unknown> }> => {
      const { change } = checkout.head;
      const parents = change === VIRTUAL_ROOT_CHANGE_ID ? [] : [change];
      const made = await checkout.operate({ kind: 'change.create', id, parents, message: args.message ?? 'Edits that were refused elsewhere' });
      // A plain REST API gives changes ids of its own.
      id = made?.change ?? id;
      const written = edits.map(({ parked, operation }) => {
        const { acknowledged, answered } = checkout.backlog.write(retarget(operation.body, id), operation.blobs, id);
        // Only once it is as safe as before.
        const kept = acknowledged.then(() => checkout.backlog.unpark(parked.client, parked.operation.seq));
        return kept.then(() => answeredSoon(context, checkout, answered));
      });
      void Promise.allSettled(written).then(release);
      return { accepted: Promise.all(written) };
    };
    return save().catch((error: unknown) => {
      release();
      throw error;
    });
  });
  return { changeOid: id };
}

/** Lets parked operations go. Unknown ids are ignored. */
export async function parkedDiscard(context: Context, { ids }: { ids: string[] }): Promise<void> {
  for (const { backlog } of context.namespace.checkouts) {
    for (const parked of backlog.parked) if (ids.includes(idOf(parked))) backlog.unpark(parked.client, parked.operation.seq);
  }
}

function retarget(body: OperationBody, change: string): OperationBody {
  return body.kind === 'files' ? { ...body, target: { change } } : body;
}

function describe(checkout: Checkout, parked: Parked): ParkedOperation {
  const { body } = restorePending(parked.operation);
  const edits = body.kind === 'files' ? body.edits : [];
  const paths = new Set(edits.flatMap((edit) => (edit.type === 'rename' ? [edit.from, edit.to] : [edit.path])));
  const { code, message, at } = parked.refusal;
  return { id: idOf(parked), repo: checkout.spec.name, kind: body.kind, paths: [...paths].map((path) => absolute(checkout, path)), code, message, at };
}

function idOf({ client, operation }: Parked): string {
  return `${client}:${operation.seq}`;
}
