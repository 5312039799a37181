import { VIRTUAL_ROOT_CHANGE_ID } from '../../src/base/ids.ts';
import { MesaApiError } from '../../src/rpc/api-error.ts';
import { equal, fails, ok, until } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';
import { inWorld, watch } from './world.ts';

/** Changes and bookmarks: what is looked at, where writes go. */
export function changesSuite(test: TestFunction, start: () => Promise<InProcess>): void {
  const run = inWorld(test, start);

  run('makes the first change of an empty repo at its first write', async ({ fs, root, mesa }) => {
    equal((await fs.change.current({ repo: 'app' })).changeId, VIRTUAL_ROOT_CHANGE_ID);
    equal(await fs.change.list({ repo: 'app' }), []);
    await fs.writeFile(`${root}/a`, 'x');
    const { changeId } = await fs.change.current({ repo: 'app' });
    ok(changeId !== VIRTUAL_ROOT_CHANGE_ID);
    equal((await mesa.bookmarks.get({ repo: 'app', bookmark: 'main' })).change_id, changeId);
  });

  run('writes into the bookmark’s change, whose id stays', async ({ fs, root }) => {
    await fs.writeFile(`${root}/a`, 'one');
    const before = await fs.change.current({ repo: 'app' });
    await fs.writeFile(`${root}/a`, 'two');
    const after = await fs.change.current({ repo: 'app' });
    equal(after.changeId, before.changeId);
    ok(after.commitOid !== before.commitOid);
  });

  run('leaves a change that something else shares, and takes the bookmark along', async ({ fs, root }) => {
    await fs.writeFile(`${root}/a`, 'one');
    const { changeId } = await fs.change.current({ repo: 'app' });
    await fs.bookmark.create({ repo: 'app', name: 'kept' });
    await fs.writeFile(`${root}/a`, 'two');
    const after = await fs.change.current({ repo: 'app' });
    ok(after.changeId !== changeId);
    equal(
      (await fs.change.list({ repo: 'app' })).map((change) => change.changeId),
      [after.changeId, changeId],
    );
    await fs.change.edit({ repo: 'app', bookmark: 'kept' });
    equal(await fs.readFile(`${root}/a`), 'one');
  });

  run('makes a new change and looks at it, leaving the bookmark', async ({ fs, root, mesa }) => {
    await fs.writeFile(`${root}/a`, 'one');
    const main = await fs.change.current({ repo: 'app' });
    const { changeOid } = await fs.change.new({ repo: 'app', bookmark: 'main', message: 'try' });
    equal((await fs.change.current({ repo: 'app' })).changeId, changeOid);
    equal(await fs.readFile(`${root}/a`), 'one');
    await fs.writeFile(`${root}/a`, 'tried');
    equal((await mesa.bookmarks.get({ repo: 'app', bookmark: 'main' })).change_id, main.changeId);
    equal((await mesa.changes.get({ repo: 'app', change_id: changeOid })).message, 'try');
    await using other = await mesa.fs.mount({ repos: [{ name: 'app', bookmark: 'main' }] });
    equal(await other.readFile(`${root}/a`), 'one');
    await fs.bookmark.move({ repo: 'app', name: 'main', changeId: changeOid });
    await until(async () => (await other.readFile(`${root}/a`)) === 'tried', 'the bookmark is followed');
  });

  run('follows a bookmark that has moved, though the change it left went on', async ({ fs, root, backend, mesa }) => {
    await fs.writeFile(`${root}/a`, 'one');
    const left = await fs.change.current({ repo: 'app' });
    const { changeOid } = await fs.change.new({ repo: 'app', bookmark: 'main' });
    await fs.writeFile(`${root}/a`, 'two');
    const released = Promise.withResolvers<null>();
    backend.intercept = (request) => (request.url.includes('/-/events') ? released.promise : null);
    await using other = await mesa.fs.mount({ repos: [{ name: 'app', bookmark: 'main' }] });
    equal(await other.readFile(`${root}/a`), 'one');
    await fs.bookmark.move({ repo: 'app', name: 'main', changeId: changeOid });
    // Its answer is newer than the move, which has not been heard of yet.
    await other.change.describe({ repo: 'app', changeId: left.changeId, message: 'left' });
    released.resolve(null);
    await until(async () => (await other.readFile(`${root}/a`)) === 'two', 'the bookmark is followed');
  });

  run('makes a new change on an empty repo', async ({ fs, root }) => {
    const { changeOid } = await fs.change.new({ repo: 'app', bookmark: 'main' });
    await fs.writeFile(`${root}/a`, 'x');
    equal((await fs.change.current({ repo: 'app' })).changeId, changeOid);
    equal(await fs.readFile(`${root}/a`), 'x');
  });

  run('edits the bookmark of an empty repo, as the guide does first', async ({ fs, root }) => {
    equal((await fs.change.edit({ repo: 'app', bookmark: 'main' })).changeOid, VIRTUAL_ROOT_CHANGE_ID);
    await fs.writeFile(`${root}/a`, 'x');
    equal(await fs.readFile(`${root}/a`), 'x');
  });

  run('goes back and forth between changes', async ({ fs, root }) => {
    await fs.writeFile(`${root}/a`, 'first');
    const first = (await fs.change.current({ repo: 'app' })).changeId;
    const second = (await fs.change.new({ repo: 'app', changeId: first })).changeOid;
    await fs.writeFile(`${root}/a`, 'second');
    const third = (await fs.change.new({ repo: 'app', changeId: second })).changeOid;
    equal(
      (await fs.change.list({ repo: 'app' })).map(({ changeId }) => changeId),
      [third, second, first],
    );
    equal((await fs.change.list({ repo: 'app', limit: 2 })).length, 2);
    equal((await fs.change.list({ repo: 'app', limit: 0 })).length, 3);
    equal(await fs.change.edit({ repo: 'app', changeId: first }), { changeOid: first });
    equal(await fs.readFile(`${root}/a`), 'first');
    equal(
      (await fs.change.list({ repo: 'app' })).map(({ changeId }) => changeId),
      [first],
    );
  });

  run('mounts at a change', async ({ fs, root, mesa }) => {
    await fs.writeFile(`${root}/a`, 'x');
    const { changeId } = await fs.change.current({ repo: 'app' });
    await using other = await mesa.fs.mount({ repos: [{ name: 'app', changeId }] });
    await other.writeFile(`${root}/a`, 'through the change');
    await until(async () => (await fs.readFile(`${root}/a`)) === 'through the change', 'both look at one change');
  });

  run('forks at the first write when asked', async ({ fs, root, mesa }) => {
    await fs.writeFile(`${root}/a`, 'x');
    const main = await fs.change.current({ repo: 'app' });
    await using fork = await mesa.fs.mount({ repos: [{ name: 'app', bookmark: 'main' }], writes: 'fork' });
    equal((await fork.change.current({ repo: 'app' })).changeId, main.changeId);
    await fork.writeFile(`${root}/a`, 'forked');
    const { changeId } = await fork.change.current({ repo: 'app' });
    ok(changeId !== main.changeId);
    await fork.writeFile(`${root}/b`, 'more');
    equal((await fork.change.current({ repo: 'app' })).changeId, changeId);
    equal((await mesa.bookmarks.get({ repo: 'app', bookmark: 'main' })).change_id, main.changeId);
    equal(await fs.readFile(`${root}/a`), 'x');
    await using beside = await mesa.fs.mount({ repos: [{ name: 'app', changeId }] });
    await beside.writeFile(`${root}/a`, 'from beside');
    await until(async () => (await fork.readFile(`${root}/a`)) === 'from beside', 'the fork hears of its own change');
  });

  run('does not write into the virtual root of a repo that has more', async ({ fs, root }) => {
    const change = { repo: 'app', changeId: VIRTUAL_ROOT_CHANGE_ID };
    await fs.change.edit(change);
    await fs.writeFile(`${root}/a`, 'x');
    const before = await fs.change.current({ repo: 'app' });
    await fails(fs.change.edit(change), { code: 'EINVAL', message: 'change.new' });
    equal([await fs.change.current({ repo: 'app' }), await fs.readFile(`${root}/a`)], [before, 'x']);
    await fs.change.new(change);
    equal(await fs.readdir(root), []);
  });

  run('goes back to where it forked when the first write cannot be made', async ({ fs, root, backend, mesa }) => {
    await fs.writeFile(`${root}/a`, 'x');
    const main = await fs.change.current({ repo: 'app' });
    await using fork = await mesa.fs.mount({ repos: [{ name: 'app', bookmark: 'main' }], writes: 'fork' });
    const expired = { error: { code: 'TOKEN_EXPIRED', message: 'It is over.' } };
    backend.intercept = (request): Response | null => (backend.isWrite(request) ? Response.json(expired, { status: 401 }) : null);
    await fails(fork.writeFile(`${root}/a`, 'forked'), { code: 'EACCES', message: 'TOKEN_EXPIRED' });
    backend.intercept = null;
    equal((await fork.change.current({ repo: 'app' })).changeId, main.changeId);
    equal(await fork.readFile(`${root}/a`), 'x');
  });

  run('makes, lists and moves bookmarks', async ({ fs, root }) => {
    await fs.writeFile(`${root}/a`, 'x');
    const { changeId } = await fs.change.current({ repo: 'app' });
    await fs.bookmark.create({ repo: 'app', name: 'session/1' });
    equal((await fs.bookmark.list({ repo: 'app' })).toSorted(), ['main', 'session/1']);
    await fails(fs.bookmark.create({ repo: 'app', name: 'session/1' }), { code: 'EEXIST' });
    const { changeOid } = await fs.change.new({ repo: 'app', bookmark: 'main' });
    await fs.bookmark.move({ repo: 'app', name: 'session/1', changeId: changeOid });
    await fs.bookmark.move({ repo: 'app', name: 'session/1', changeId });
    await fs.bookmark.move({ repo: 'app', name: 'session/1', changeId: changeOid, allowBackwards: false });
    const refused = await fs.bookmark.move({ repo: 'app', name: 'session/1', changeId, allowBackwards: false }).catch((error: unknown) => error);
    ok(refused instanceof MesaApiError && refused.status === 409, String(refused));
  });

  run('describes a change', async ({ fs, root, mesa }) => {
    await fs.writeFile(`${root}/a`, 'x');
    await fs.change.describe({ repo: 'app', message: 'what it is about' });
    const { changeId } = await fs.change.current({ repo: 'app' });
    equal((await mesa.changes.get({ repo: 'app', change_id: changeId })).message, 'what it is about');
    equal(await fs.readFile(`${root}/a`), 'x');
  });

  run('says so when there is no such thing', async ({ fs, mesa }) => {
    const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
      promise.then(
        () => null,
        (error: unknown) => (error instanceof MesaApiError ? error.code : error),
      );
    equal(await codeOf(mesa.fs.mount({ repos: ['none'] })), 'REPO_NOT_FOUND');
    const missing: unknown = await mesa.fs.mount({ repos: [{ name: 'app', bookmark: 'none' }] }).catch((error: unknown) => error);
    equal(String(missing), 'MesaApiError: BOOKMARK_NOT_FOUND: There is no bookmark "none" in app; create it first.');
    equal(await codeOf(fs.change.edit({ repo: 'app', bookmark: 'none' })), 'BOOKMARK_NOT_FOUND');
    equal(await codeOf(fs.change.edit({ repo: 'app', changeId: 'k'.repeat(32) })), 'CHANGE_NOT_FOUND');
    await fails(fs.change.current({ repo: 'none' }), { code: 'ENOENT' });
  });

  run('hears only of the change it looks at, and of a switch nothing', async (world) => {
    const { fs, root } = world;
    await fs.writeFile(`${root}/a`, 'x');
    const peer = await world.peer();
    const { events, next } = watch(peer);
    const aside = (await fs.change.new({ repo: 'app', bookmark: 'main' })).changeOid;
    await fs.writeFile(`${root}/b`, 'apart');
    await peer.change.edit({ repo: 'app', changeId: aside });
    equal(await peer.readFile(`${root}/b`), 'apart');
    await fs.writeFile(`${root}/c`, 'together');
    equal(await next(1), [{ path: `${root}/c`, recursive: false }]);
    equal(events, []);
  });
}
