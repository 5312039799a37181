import { FsError } from '../../base/errors.ts';
import { newChangeId, VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { ChangeInfo, RevisionArgs } from '../../rpc/types.ts';
import type { Head } from '../../wire/events.ts';
import type { OperationBody } from '../../wire/operations.ts';
import { isTransient } from '../sync/backoff.ts';
import type { Accepted } from '../sync/pending.ts';
import { checkChange, checkMessage } from './arguments.ts';
import type { Checkout } from './checkout.ts';
import { certainChange } from './certain.ts';
import type { Context } from './context.ts';
import { creationOn } from './creation.ts';
import type { Noted } from './heads.ts';

/** Why the virtual root can be neither described nor closed. */
const EMPTY = 'the repo is empty; write a file first';

/** Changes listed when no limit is given. */
const LIST_LIMIT = 50;

/** Makes an empty change on a revision and looks at it from now on. @throws MesaApiError when there is no such revision */
export function changeNew(context: Context, args: RevisionArgs & { message?: string }): Promise<{ changeOid: string }> {
  return context.exclusive(async () => {
    checkMessage(args.message, 'change.new');
    const checkout = writable(context, args.repo, 'change.new');
    const base = await standing(checkout, args);
    const id = newChangeId((bytes) => context.env.random(bytes));
    const made = await checkout.operate(creationOn(checkout, id, base, args.message ?? ''));
    await checkout.switchTo(made === null ? await checkout.revisions.unmade(id, base) : headOf(base.head, made, null), null, base);
    // A plain REST API gives changes ids of its own.
    return { changeOid: made?.change ?? id };
  });
}

/** Looks at an existing change from now on, and writes into it. @throws FsError EINVAL for the virtual root of a repo that has other changes */
export function changeEdit(context: Context, args: RevisionArgs): Promise<{ changeOid: string }> {
  return context.exclusive(async () => {
    const checkout = context.namespace.repo(args.repo, 'change.edit');
    const found = await standing(checkout, args);
    const { head } = found;
    // The virtual root can't be written: the bookmark stays followed until its first write makes a change.
    const root = head.change === VIRTUAL_ROOT_CHANGE_ID ? (head.bookmark ?? head.defaultBookmark) : null;
    if (root !== null && (await standing(checkout, { repo: args.repo, bookmark: root })).head.change !== VIRTUAL_ROOT_CHANGE_ID) {
      throw new FsError('EINVAL', 'change.edit', args.repo, { hint: 'nothing can be written into the virtual root; use change.new on it' });
    }
    await checkout.switchTo({ ...head, bookmark: root }, root, found);
    return { changeOid: head.change };
  });
}

/**
 * Closes the change of the bookmark that is followed and goes on in an empty one on top of it, to which the bookmark is moved. `message` describes the
 * one that is closed; without it that keeps its own.
 *
 * @throws FsError EINVAL when no bookmark is followed, or the repo is empty; MesaApiError STALE_BASE when someone else moved it: try again
 */
export function changeCheckpoint(context: Context, args: { repo: string; message?: string }): Promise<{ savedChangeOid: string; activeChangeOid: string }> {
  return context.exclusive(async () => {
    checkMessage(args.message, 'change.checkpoint');
    const checkout = writable(context, args.repo, 'change.checkpoint');
    const saved = await certainChange(checkout, context.env.clock, 'change.checkpoint', { ofOthers: true });
    if (saved === VIRTUAL_ROOT_CHANGE_ID) throw new FsError('EINVAL', 'change.checkpoint', args.repo, { hint: EMPTY });
    const { bookmark } = checkout;
    if (bookmark === null) throw new FsError('EINVAL', 'change.checkpoint', args.repo, { hint: 'mount the repo at a bookmark, or use change.new' });
    const id = newChangeId((bytes) => context.env.random(bytes));
    const base = await checkout.standing();
    const bodies: OperationBody[] = [
      { kind: 'change.create', id, parents: [saved], message: '' },
      { kind: 'bookmark.move', name: bookmark, change: id, expected: saved },
    ];
    const { message } = args;
    // All go together: a writer who comes between them would take the bookmark elsewhere.
    const described = message === undefined ? null : checkout.operate({ kind: 'change.describe', change: saved, message, bookmark });
    described?.catch(() => undefined);
    const [made = null, moved = null] = await allOf(bodies.map((body) => checkout.operate(body)));
    const head = made === null ? await checkout.revisions.unmade(id, { ...base, holds: {} }, bookmark) : headOf(base.head, made, bookmark);
    await checkout.goOn(head, bookmark, moved?.repoSeq ?? base.bookmarkAt ?? 0);
    await described;
    return { savedChangeOid: saved, activeChangeOid: made?.change ?? id };
  });
}

/** The changes reachable from the one looked at, most recent first; a limit of 0 lists all. */
export async function changeList(context: Context, args: { repo: string; limit?: number }): Promise<ChangeInfo[]> {
  const checkout = context.namespace.repo(args.repo, 'change.list');
  await context.settled();
  await checkout.settled();
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

/** The change looked at. Its commit is `''` while the server has not made it. */
export async function changeCurrent(context: Context, args: { repo: string }): Promise<ChangeInfo> {
  const checkout = context.namespace.repo(args.repo, 'change.current');
  await context.settled();
  await checkout.settled();
  return { changeId: checkout.head.change, commitOid: checkout.head.commit };
}

/** Says what a change is about; the one looked at when none is named. */
export async function changeDescribe(context: Context, args: { repo: string; message: string; changeId?: string }): Promise<void> {
  checkMessage(args.message ?? null, 'change.describe');
  if (args.changeId !== undefined) checkChange(args.changeId, 'change.describe');
  await context.mutate(async () => {
    const checkout = writable(context, args.repo, 'change.describe');
    const change = args.changeId ?? (await certainChange(checkout, context.env.clock, 'change.describe'));
    if (change === VIRTUAL_ROOT_CHANGE_ID) throw new FsError('EINVAL', 'change.describe', args.repo, { hint: EMPTY });
    return { accepted: checkout.operate({ kind: 'change.describe', change, message: args.message }) };
  });
}

/** Where a revision stands: as the server says, else as far as this device knows. @throws MesaApiError UNAVAILABLE when neither is to be had */
export async function standing(checkout: Checkout, { bookmark, changeId }: RevisionArgs): Promise<Noted> {
  let cause: unknown = null;
  if (await checkout.settled()) {
    try {
      return await checkout.revisions.resolve({ ...(bookmark === undefined ? {} : { bookmark }), ...(changeId === undefined ? {} : { changeId }) });
    } catch (error) {
      if (!isTransient(error)) throw error;
      cause = error;
    }
  }
  const known = await checkout.revisions.known({ bookmark, change: changeId });
  if (known !== null) return known;
  const what = changeId ?? bookmark ?? 'the default bookmark';
  throw new MesaApiError(`The server cannot be reached, and this device does not know where ${what} stands`, { status: 0, code: 'UNAVAILABLE', cause });
}

/** Waits for all, and fails as the first that fails does: those after it fail because of it. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

function headOf(base: Head, { change, commit, trees, side, repoSeq }: Accepted, bookmark: string | null): Head {
  return { ...base, bookmark, change, commit, trees, side, repoSeq };
}

/** @throws FsError EROFS, ENOENT */
export function writable(context: Context, repo: string, syscall: string): Checkout {
  const checkout = context.namespace.repo(repo, syscall);
  if (checkout.spec.readOnly) throw new FsError('EROFS', syscall, repo);
  return checkout;
}
