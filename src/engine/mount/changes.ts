import { FsError } from '../../base/errors.ts';
import { newChangeId, VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { ChangeInfo, RevisionArgs } from '../../rpc/types.ts';
import type { Checkout } from './checkout.ts';
import type { Context } from './context.ts';

/** Changes listed when no limit is given. */
const LIST_LIMIT = 50;

/** Makes an empty change on a revision and looks at it from now on. @throws MesaApiError when there is no such revision */
export function changeNew(context: Context, args: RevisionArgs & { message?: string }): Promise<{ changeOid: string }> {
  return context.exclusive(async () => {
    const checkout = writable(context, args.repo, 'change.new');
    await settle(checkout);
    const base = await checkout.resolve(args);
    const id = newChangeId((bytes) => context.env.random(bytes));
    const { commit, trees, side, repoSeq } = await checkout.operate({ kind: 'change.create', id, parents: [base.change], message: args.message ?? '' });
    await checkout.switchTo({ ...base, bookmark: null, change: id, commit, trees, side, repoSeq }, null);
    return { changeOid: id };
  });
}

/** Looks at an existing change from now on, and writes into it. */
export function changeEdit(context: Context, args: RevisionArgs): Promise<{ changeOid: string }> {
  return context.exclusive(async () => {
    const checkout = context.namespace.repo(args.repo, 'change.edit');
    await settle(checkout);
    const head = await checkout.resolve(args);
    // The virtual root can't be written: the bookmark stays followed until its first write makes a change.
    const root = head.change === VIRTUAL_ROOT_CHANGE_ID ? head.bookmark : null;
    await checkout.switchTo({ ...head, bookmark: root }, root);
    return { changeOid: head.change };
  });
}

/** The changes reachable from the one looked at, most recent first; a limit of 0 lists all. */
export async function changeList(context: Context, args: { repo: string; limit?: number }): Promise<ChangeInfo[]> {
  const checkout = context.namespace.repo(args.repo, 'change.list');
  await context.settled();
  await settle(checkout);
  const limit = args.limit ?? LIST_LIMIT;
  if (!Number.isInteger(limit) || limit < 0) throw new FsError('EINVAL', 'change.list', args.repo, { hint: `limit is a whole number, not ${limit}` });
  if (checkout.head.change === VIRTUAL_ROOT_CHANGE_ID) return [];
  const found: ChangeInfo[] = [];
  for (let cursor: string | null = null; ;) {
    const page = await checkout.remote.changes(checkout.head.change, cursor);
    for (const { id, commit } of page.changes) found.push({ changeId: id, commitOid: commit });
    if (limit > 0 && found.length >= limit) return found.slice(0, limit);
    if (page.next === null) return found;
    cursor = page.next;
  }
}

/** The change looked at. */
export async function changeCurrent(context: Context, args: { repo: string }): Promise<ChangeInfo> {
  const checkout = context.namespace.repo(args.repo, 'change.current');
  await context.settled();
  await settle(checkout);
  return { changeId: checkout.head.change, commitOid: checkout.head.commit };
}

/** Says what a change is about; the one looked at when none is named. */
export async function changeDescribe(context: Context, args: { repo: string; message: string; changeId?: string }): Promise<void> {
  await context.mutate(async () => {
    const checkout = writable(context, args.repo, 'change.describe');
    await settle(checkout);
    const change = args.changeId ?? checkout.head.change;
    if (change === VIRTUAL_ROOT_CHANGE_ID) throw new FsError('EINVAL', 'change.describe', args.repo, { hint: 'the repo is empty; write a file first' });
    return { accepted: checkout.operate({ kind: 'change.describe', change, message: args.message }) };
  });
}

/** Waits until what was written is accepted: a change can only be left whole. */
async function settle(checkout: Checkout): Promise<void> {
  if (await checkout.settled()) return;
  throw new MesaApiError('There are writes the server has not accepted yet, and it cannot be reached now', { status: 0, code: 'UNAVAILABLE' });
}

/** @throws FsError EROFS, ENOENT */
export function writable(context: Context, repo: string, syscall: string): Checkout {
  const checkout = context.namespace.repo(repo, syscall);
  if (checkout.spec.readOnly) throw new FsError('EROFS', syscall, repo);
  return checkout;
}
