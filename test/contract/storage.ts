import { EMPTY_TREE_OID, VIRTUAL_ROOT_CHANGE_ID } from '../../src/base/ids.ts';
import { ApiError } from '../../src/wire/errors.ts';
import type { RepoCommit, Storage } from '../../src/server/storage/interface.ts';
import { KEPT_EVENTS } from '../../src/server/storage/interface.ts';
import type { ChangeRecord, EventRecord, KeyRecord, OrgRecord, RepoRecord } from '../../src/server/storage/records.ts';
import type { TestFunction } from './assert.ts';
import { equal, ok } from './assert.ts';

const ORG: OrgRecord = { id: 'org_1', slug: 'acme', name: 'Acme', createdAt: 5 };
/** A repo to try a storage with. */
export const REPO: RepoRecord = { id: 'repo_1', orgId: 'org_1', name: 'app', defaultBookmark: 'main', tags: { env: 'prod' }, createdAt: 7 };
const PERSON = { name: 'Ann', email: 'ann@example.com', timestamp: 1_000, tzOffset: 60 };
/** The two changes of {@link fullCommit}, the second on the first. */
export const A: string = 'k'.repeat(32);
export const B: string = 'l'.repeat(32);

/** Holds a storage adapter to the guarantees of its interface. `open` gives a new, empty one. */
export function storageSuite(test: TestFunction, open: () => Promise<Storage>): void {
  const run = (name: string, body: (storage: Storage) => Promise<void>): void =>
    test(name, async () => {
      const storage = await open();
      try {
        await body(storage);
      } finally {
        await storage.close();
        await storage.close();
      }
    });
  catalogTests(run);
  repoTests(run);
  commitTests(run);
}

type Run = (name: string, body: (storage: Storage) => Promise<void>) => void;

function catalogTests(run: Run): void {
  run('orgs are found by id and by slug, and a slug is taken once', async (storage) => {
    await storage.createOrg(ORG);
    equal(await storage.org('org_1'), ORG);
    equal(await storage.orgBySlug('acme'), ORG);
    equal(await storage.orgBySlug('other'), null);
    await refuses(storage.createOrg({ ...ORG, id: 'org_2' }), 'ALREADY_EXISTS');
    equal(await storage.org('org_2'), null);
  });

  run('keys are found by id and by hash, altered and listed page by page', async (storage) => {
    const key: KeyRecord = { ...newKey('key_1'), repoIds: ['repo_1'], tags: { team: 'x' }, expiresAt: 99 };
    await storage.createKey(key);
    await storage.createKey(newKey('key_2'));
    await storage.createKey({ ...newKey('key_3'), orgId: 'other' });
    equal(await storage.key('key_1'), key);
    equal((await storage.keyByHash('hash of key_2'))?.id, 'key_2');
    equal(await storage.keyByHash('hash of nothing'), null);
    equal((await storage.updateKey('key_1', { tags: { env: 'ci' } }))?.tags, { team: 'x', env: 'ci' });
    await storage.updateKey('key_1', { tags: { team: null, none: null }, revokedAt: 12 });
    const altered = { ...key, tags: { env: 'ci' }, revokedAt: 12, lastUsedAt: 13 };
    equal(await storage.updateKey('key_1', { lastUsedAt: 13 }), altered);
    equal(await storage.key('key_1'), altered);
    equal(await storage.updateKey('key_9', { tags: { a: 'b' } }), null);
    const ids = async (after: string | null, limit: number): Promise<string[]> => (await storage.listKeys('org_1', { after, limit })).map(({ id }) => id);
    equal(await ids(null, 10), ['key_1', 'key_2']);
    equal(await ids(null, 1), ['key_1']);
    equal(await ids('key_1', 10), ['key_2']);
  });

  run('a new repo has its default bookmark at the virtual root and the empty tree', async (storage) => {
    await storage.createRepo(REPO);
    equal(await storage.repo('repo_1'), REPO);
    equal(await storage.repoByName('org_1', 'app'), REPO);
    equal(await storage.repoByName('org_2', 'app'), null);
    equal(await storage.state('repo_1'), { seq: 0, empty: true });
    equal(await storage.bookmark('repo_1', 'main'), { name: 'main', change: VIRTUAL_ROOT_CHANGE_ID });
    equal(await storage.objectInfo('repo_1', [EMPTY_TREE_OID]), [{ oid: EMPTY_TREE_OID, kind: 'tree', size: 0 }]);
  });

  run('a repo’s name is taken once in its org', async (storage) => {
    await storage.createRepo(REPO);
    await refuses(storage.createRepo({ ...REPO, id: 'repo_2' }), 'ALREADY_EXISTS');
    equal(await storage.repo('repo_2'), null);
    await storage.createRepo({ ...REPO, id: 'repo_2', orgId: 'org_2' });
    await storage.createRepo({ ...REPO, id: 'repo_3', name: 'web' });
    await refuses(storage.updateRepo('repo_3', { name: 'app', tags: { a: 'b' } }), 'ALREADY_EXISTS');
    equal(await storage.repo('repo_3'), { ...REPO, id: 'repo_3', name: 'web' }, 'nothing of the refused update stands');
    await storage.updateRepo('repo_3', { name: 'web' });
    const altered = { ...REPO, id: 'repo_3', name: 'site', defaultBookmark: 'trunk', tags: { team: 'x' } };
    equal(await storage.updateRepo('repo_3', { name: 'site', defaultBookmark: 'trunk', tags: { env: null, team: 'x' } }), altered);
    equal(await storage.repo('repo_3'), altered);
    equal(await storage.updateRepo('repo_9', { tags: { a: 'b' } }), null);
  });

  run('tags are set on several repos, on all or on none', async (storage) => {
    await storage.createRepo(REPO);
    await storage.createRepo({ ...REPO, id: 'repo_2', name: 'web', tags: {} });
    const tags = async (): Promise<unknown[]> => [(await storage.repo('repo_1'))?.tags, (await storage.repo('repo_2'))?.tags];
    await storage.tagRepos(['repo_1', 'repo_2', 'repo_1'], { team: 'x' });
    equal(await tags(), [{ env: 'prod', team: 'x' }, { team: 'x' }]);
    await refuses(storage.tagRepos(['repo_1', 'nowhere', 'repo_2'], { team: null }), 'REPO_NOT_FOUND');
    equal(await tags(), [{ env: 'prod', team: 'x' }, { team: 'x' }]);
    await storage.tagRepos(['repo_2'], { team: null });
    equal(await tags(), [{ env: 'prod', team: 'x' }, {}]);
  });

  run('repos are counted and listed by name, page by page', async (storage) => {
    for (const name of ['c', 'a', 'b']) await storage.createRepo({ ...REPO, id: `id-${name}`, name });
    const names = async (after: string | null, limit: number): Promise<string[]> =>
      (await storage.listRepos('org_1', { after, limit })).map(({ name }) => name);
    equal(await names(null, 2), ['a', 'b']);
    equal(await names('b', 2), ['c']);
    equal(await storage.countRepos('org_1'), 3);
    equal(await storage.countRepos('org_2'), 0);
  });

  run('a deleted repo takes everything in it along, and a new one of its name starts empty', async (storage) => {
    await storage.createRepo(REPO);
    await storage.commit(fullCommit());
    await storage.deleteRepo('repo_1');
    equal(await storage.repo('repo_1'), null);
    equal(await storage.state('repo_1'), null);
    equal(await storage.head('repo_1', { bookmark: 'main' }), null);
    equal(await storage.objects('repo_1', [oid(1)]), []);
    await refuses(storage.commit({ ...emptyCommit(), expectedSeq: 2 }), 'REPO_NOT_FOUND');
    await storage.createRepo({ ...REPO, id: 'repo_2' });
    await refuses(storage.commit(emptyCommit()), 'REPO_NOT_FOUND');
    equal(await storage.changes('repo_2', [A]), []);
    equal(await storage.metadataUnder('repo_2', ''), []);
    equal(await storage.events('repo_2', 0, 10), { events: [], complete: true });
  });
}

function repoTests(run: Run): void {
  run('what is asked of a repo that is not there is not there', async (storage) => {
    equal(await storage.state('no'), null);
    equal(await storage.head('no', { change: A }), null);
    equal(await storage.changes('no', [A]), []);
    equal(await storage.children('no', A), []);
    equal(await storage.bookmark('no', 'main'), null);
    equal(await storage.bookmarksAt('no', A), []);
    equal(await storage.listBookmarks('no', { after: null, limit: 5 }), []);
    equal(await storage.evolution('no', A, 5), []);
    equal(await storage.objects('no', [oid(1)]), []);
    equal(await storage.client('no', 'c'), null);
    equal(await storage.operation('no', 'c', 1), null);
    equal(await storage.metadata('no', 'p'), null);
    equal(await storage.events('no', 0, 5), { events: [], complete: true });
  });

  run('objects are seen only through the repo they were put in, and never change', async (storage) => {
    await storage.createRepo(REPO);
    await storage.createRepo({ ...REPO, id: 'repo_2', name: 'other' });
    const bytes = new Uint8Array([0, 1, 255, 10]);
    await storage.putObjects('repo_1', [
      { oid: oid(1), kind: 'blob', bytes },
      { oid: oid(2), kind: 'blob', bytes: new Uint8Array(0) },
    ]);
    await storage.putObjects('repo_1', [{ oid: oid(1), kind: 'blob', bytes: new Uint8Array([9]) }]);
    equal(await storage.objects('repo_1', [oid(1), oid(1), oid(3)]), [{ oid: oid(1), kind: 'blob', bytes }]);
    equal(await storage.objects('repo_1', [oid(2)]), [{ oid: oid(2), kind: 'blob', bytes: new Uint8Array(0) }]);
    equal(await storage.objectInfo('repo_1', [oid(1)]), [{ oid: oid(1), kind: 'blob', size: 4 }]);
    equal(await storage.objects('repo_2', [oid(1)]), []);
    equal(await storage.objectInfo('repo_2', [oid(1)]), []);
  });

  run('bookmarks are listed by name, page by page, and by glob', async (storage) => {
    await storage.createRepo(REPO);
    const names = ['session/a1', 'session/a2', 'session/b1', 'x[y]z'];
    await storage.commit({ ...emptyCommit(), changes: [change(A)], bookmarks: names.map((name) => ({ name, change: A })) });
    const list = async (glob: string | undefined, after: string | null = null, limit = 10): Promise<string[]> =>
      (await storage.listBookmarks('repo_1', { after, limit, ...(glob === undefined ? {} : { glob }) })).map(({ name }) => name);
    equal(await list(undefined), ['main', ...names]);
    equal(await list('session/*'), ['session/a1', 'session/a2', 'session/b1']);
    equal(await list('session/?1'), ['session/a1', 'session/b1']);
    equal(await list('*a*1'), ['session/a1']);
    equal(await list('x[y]z'), ['x[y]z']);
    equal(await list('*', 'session/a1', 2), ['session/a2', 'session/b1']);
    equal((await storage.bookmarksAt('repo_1', A)).toSorted(), names);
    equal(await storage.bookmarksAt('repo_1', VIRTUAL_ROOT_CHANGE_ID), ['main']);
  });

  run('metadata is kept by path and found below a directory, not beside it', async (storage) => {
    await storage.createRepo(REPO);
    const paths = ['', 'a', 'a/b', 'a/b/c', 'a-b', 'ab', 'a/é'];
    await storage.commit({ ...emptyCommit(), metadata: paths.map((path) => ({ path, metadata: { at: path } })) });
    equal(await storage.metadata('repo_1', 'a'), { at: 'a' });
    equal(await storage.metadata('repo_1', ''), { at: '' });
    equal(await storage.metadata('repo_1', 'b'), null);
    const below = async (directory: string): Promise<string[]> => (await storage.metadataUnder('repo_1', directory)).map(({ path }) => path);
    equal(await below('a'), ['a/b', 'a/b/c', 'a/é']);
    equal(await below('a/b'), ['a/b/c']);
    equal(await below(''), ['a', 'a-b', 'a/b', 'a/b/c', 'a/é', 'ab']);
    await storage.commit({ ...emptyCommit(), metadata: [{ path: 'a/b', metadata: null }] });
    equal(await storage.metadata('repo_1', 'a/b'), null);
  });
}

function commitTests(run: Run): void {
  run('a commit is read back in every part', async (storage) => {
    await storage.createRepo(REPO);
    const commit = fullCommit();
    await storage.commit(commit);
    equal(await storage.state('repo_1'), { seq: 2, empty: false });
    equal(await storage.objects('repo_1', [oid(1)]), [commit.objects[0]]);
    equal(await storage.changes('repo_1', [A, B, A, 'm'.repeat(32)]), [change(A), change(B, [A], 2)]);
    equal(await storage.children('repo_1', A), [B]);
    equal(await storage.children('repo_1', B), []);
    equal(await storage.bookmark('repo_1', 'main'), { name: 'main', change: B });
    equal(await storage.evolution('repo_1', A, 10), [commit.evolution[0]]);
    equal(await storage.client('repo_1', 'client'), commit.clients[0]);
    equal(await storage.operation('repo_1', 'client', 1), commit.operations[0]);
    equal(await storage.operation('repo_1', 'client', 2), null);
    equal(await storage.metadata('repo_1', 'a'), { lang: 'en' });
    equal(await storage.events('repo_1', 0, 10), { events: commit.events, complete: true });
  });

  run('a head is the bookmark and its change of one moment', async (storage) => {
    await storage.createRepo(REPO);
    equal(await storage.head('repo_1', { bookmark: 'main' }), { seq: 0, bookmark: { name: 'main', change: VIRTUAL_ROOT_CHANGE_ID }, change: null });
    await storage.commit(fullCommit());
    equal(await storage.head('repo_1', { bookmark: 'main' }), { seq: 2, bookmark: { name: 'main', change: B }, change: change(B, [A], 2) });
    equal(await storage.head('repo_1', { bookmark: 'no' }), { seq: 2, bookmark: null, change: null });
    equal(await storage.head('repo_1', { change: A }), { seq: 2, bookmark: null, change: change(A) });
  });

  run('a change that is made and written again in one commit is the child of its parents', async (storage) => {
    await storage.createRepo(REPO);
    const commit = fullCommit();
    const twice = { ...change(B, [A], 2), seq: 3 };
    await storage.commit({ ...commit, changes: commit.changes.map((one) => (one.id === B ? twice : one)), state: { ...commit.state, seq: 3 } });
    equal(await storage.changes('repo_1', [B]), [twice]);
    equal(await storage.children('repo_1', A), [B]);
  });

  run('a change that is written again has its newest version, and its evolution all of them', async (storage) => {
    await storage.createRepo(REPO);
    await storage.commit(fullCommit());
    const again = { ...change(A), commit: oid(9), trees: [oid(5), oid(6), oid(7)], side: null, message: 'again', seq: 3 };
    const step = { change: A, seq: 3, commit: oid(9), side: null, principal: 'key_2', origin: null, at: 30 };
    await storage.commit({ ...emptyCommit(), expectedSeq: 2, state: { seq: 3, empty: false }, changes: [again], evolution: [step] });
    equal(await storage.changes('repo_1', [A]), [again]);
    equal(await storage.children('repo_1', A), [B]);
    equal(await storage.evolution('repo_1', A, 10), [step, fullCommit().evolution[0]]);
    equal(await storage.evolution('repo_1', A, 1), [step]);
  });

  run('bookmarks move and go', async (storage) => {
    await storage.createRepo(REPO);
    await storage.commit(fullCommit());
    const state = { seq: 2, empty: false };
    await storage.commit({
      ...emptyCommit(),
      expectedSeq: 2,
      state,
      bookmarks: [
        { name: 'main', change: A },
        { name: 'side', change: A },
      ],
    });
    equal((await storage.bookmarksAt('repo_1', A)).toSorted(), ['main', 'side']);
    equal(await storage.bookmarksAt('repo_1', B), []);
    await storage.commit({ ...emptyCommit(), expectedSeq: 2, state, bookmarks: [{ name: 'side', change: null }] });
    equal(await storage.bookmark('repo_1', 'side'), null);
  });

  run('a commit that expects another state does nothing at all', async (storage) => {
    await storage.createRepo(REPO);
    await storage.commit(fullCommit());
    const other = {
      ...fullCommit(),
      objects: [{ oid: oid(8), kind: 'blob' as const, bytes: new Uint8Array([8]) }],
      metadata: [{ path: 'z', metadata: { a: 'b' } }],
    };
    await refuses(storage.commit(other), 'LOCK_CONFLICT');
    equal(await storage.objects('repo_1', [oid(8)]), []);
    equal(await storage.metadata('repo_1', 'z'), null);
    equal(await storage.state('repo_1'), { seq: 2, empty: false });
  });

  run('what is handed in or out is not shared', async (storage) => {
    await storage.createRepo(REPO);
    const commit = fullCommit();
    await storage.commit(commit);
    commit.changes[0]?.trees.push(oid(4));
    const [read] = await storage.changes('repo_1', [A]);
    read?.parents.push(B);
    const tags = (await storage.repo('repo_1'))?.tags;
    if (tags !== undefined) tags['env'] = 'changed';
    equal(await storage.changes('repo_1', [A]), [change(A)]);
    equal(await storage.repo('repo_1'), REPO);
  });

  run('events are paged, and it is told when old ones are gone', async (storage) => {
    await storage.createRepo(REPO);
    const total = KEPT_EVENTS * 3;
    for (let seq = 0; seq < total; seq += 512) {
      const events = Array.from({ length: 512 }, (_, index): EventRecord => event(seq + index + 1));
      await storage.commit({ ...emptyCommit(), expectedSeq: seq, state: { seq: seq + 512, empty: true }, events });
    }
    equal(await storage.events('repo_1', total - 3, 2), { events: [event(total - 2), event(total - 1)], complete: true });
    equal(await storage.events('repo_1', total, 2), { events: [], complete: true });
    equal((await storage.events('repo_1', total - KEPT_EVENTS, 1)).complete, true, 'as many as promised are kept');
    equal((await storage.events('repo_1', 0, 1)).complete, false);
  });

  run('the epoch is one name', async (storage) => {
    const epoch = await storage.epoch();
    ok(epoch.length > 0, 'it is not empty');
    equal(await storage.epoch(), epoch);
  });
}

function newKey(id: string): KeyRecord {
  const never = { expiresAt: null, revokedAt: null, lastUsedAt: null };
  return { id, orgId: 'org_1', name: null, hash: `hash of ${id}`, scopes: ['read', 'write'], repoIds: null, tags: {}, createdAt: 3, ...never };
}

function oid(digit: number): string {
  return String(digit).repeat(40);
}

function change(id: string, parents: string[] = [], seq = 1): ChangeRecord {
  const people = { author: PERSON, committer: { ...PERSON, timestamp: 2_000 } };
  return {
    id,
    commit: oid(seq),
    trees: [oid(3)],
    side: oid(4),
    parents,
    message: `made at ${seq}\n`,
    ...people,
    createdSeq: seq,
    seq,
    createdAt: 10,
    updatedAt: 20,
  };
}

function event(seq: number): EventRecord {
  return { seq, kind: 'change', subject: A, data: `{"n":${seq}}` };
}

function emptyCommit(): RepoCommit {
  const none = { objects: [], changes: [], bookmarks: [], metadata: [], evolution: [], clients: [], operations: [], events: [] };
  return { repo: 'repo_1', expectedSeq: 0, state: { seq: 0, empty: true }, ...none };
}

/** A commit with something of each kind. */
export function fullCommit(): RepoCommit {
  return {
    repo: 'repo_1',
    expectedSeq: 0,
    state: { seq: 2, empty: false },
    objects: [{ oid: oid(1), kind: 'commit', bytes: new Uint8Array([1, 2, 3]) }],
    changes: [change(A), change(B, [A], 2)],
    bookmarks: [{ name: 'main', change: B }],
    metadata: [{ path: 'a', metadata: { lang: 'en' } }],
    evolution: [{ change: A, seq: 1, commit: oid(1), side: oid(4), principal: 'key_1', origin: { client: 'client', seq: 1 }, at: 20 }],
    clients: [{ client: 'client', principal: 'key_1', highWater: 1 }],
    operations: [{ client: 'client', seq: 1, hash: oid(7), result: '{"ok":true}' }],
    events: [event(1), { seq: 2, kind: 'bookmark', subject: 'main', data: '{}' }],
  };
}

async function refuses(promise: Promise<unknown>, code: string): Promise<void> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  ok(error instanceof ApiError, `expected ${code}, but nothing was refused`);
  equal(error.code, code);
}
