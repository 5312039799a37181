import { FsError } from '../../base/errors.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import { answeredSoon } from './answered-soon.ts';
import { checkBookmark, checkChange } from './arguments.ts';
import { certainChange } from './certain.ts';
import { standing, writable } from './changes.ts';
import type { Context } from './context.ts';

/** Makes a bookmark at the change looked at, without following it. @throws FsError EEXIST, EINVAL (no name for a bookmark) */
export async function bookmarkCreate(context: Context, args: { repo: string; name: string }): Promise<void> {
  checkBookmark(args.name, 'bookmark.create');
  try {
    await context.mutate(async () => {
      const checkout = writable(context, args.repo, 'bookmark.create');
      const change = await certainChange(checkout, context.env.clock, 'bookmark.create');
      return { accepted: checkout.operate({ kind: 'bookmark.create', name: args.name, change }) };
    });
  } catch (error) {
    if (error instanceof MesaApiError && error.code === 'ALREADY_EXISTS') throw new FsError('EEXIST', 'bookmark.create', args.name, { cause: error });
    throw error;
  }
}

/** Points a bookmark at a change. `allowBackwards: false` refuses to point it at one that is not ahead of where it stands. */
export async function bookmarkMove(context: Context, args: { repo: string; name: string; changeId: string; allowBackwards?: boolean }): Promise<void> {
  checkBookmark(args.name, 'bookmark.move');
  checkChange(args.changeId, 'bookmark.move');
  const isFollowed = writable(context, args.repo, 'bookmark.move').bookmark === args.name;
  if (isFollowed) return moveFollowed(context, args);
  await context.mutate(async () => {
    const checkout = writable(context, args.repo, 'bookmark.move');
    await checkout.settled();
    if (args.allowBackwards === false) return { accepted: checkout.remote.moveBookmarkForward(args.name, args.changeId) };
    return { accepted: checkout.operate({ kind: 'bookmark.move', name: args.name, change: args.changeId }) };
  });
}

/** The same for the bookmark that is followed: goes along, before anything else is written. @throws MesaApiError UNAVAILABLE where it is not known what is there */
function moveFollowed(
  context: Context,
  { repo, name, changeId, allowBackwards }: { repo: string; name: string; changeId: string; allowBackwards?: boolean },
): Promise<void> {
  return context.exclusive(async () => {
    const checkout = writable(context, repo, 'bookmark.move');
    const isDone = await checkout.settled();
    const base = await checkout.standing();
    if (allowBackwards === false) {
      await checkout.remote.moveBookmarkForward(name, changeId);
      await answeredSoon(context, checkout, checkout.reopened());
      if (checkout.head.change !== base.head.change) checkout.races.clear();
      return;
    }
    const known = isDone ? null : await standing(checkout, { repo, changeId });
    const moved = await checkout.operate({ kind: 'bookmark.move', name, change: changeId });
    if (moved !== null || checkout.bookmark !== name) return;
    const there = known ?? (await checkout.revisions.known({ change: changeId }));
    if (there === null) return;
    await checkout.goOn({ ...there.head, bookmark: name }, name, base.bookmarkAt ?? 0, there.head.change !== base.head.change);
  });
}

/** The names of a repo's bookmarks. */
export async function bookmarkList(context: Context, args: { repo: string }): Promise<string[]> {
  const checkout = context.namespace.repo(args.repo, 'bookmark.list');
  await context.settled();
  return checkout.remote.bookmarks();
}
