import { beforeEach, describe, expect, test } from 'vitest';
import type { WorkspaceFs } from '../workspace/client.ts';
import { FakeFs } from '../testing/fake-fs.ts';
import { History, pageSize } from './history.ts';
import type { FileChanges, HistorySource, Version } from './history-source.ts';

/** The changes of the mount, the newest first: an id and the commit it is at. */
let stored: Version[];
/** What the bookmark's pages hold; the mount may stand on more. */
let paged: Version[];
let asked: string[];
let fails: Error | null;
let history: History;

const versionAt = (index: number, commit = 'a'): Version => ({
  id: `change ${index}`,
  commit,
  message: `message ${index}`,
  author: 'Ann',
  at: index,
  parents: [],
  conflicted: false,
  empty: false,
});

const say = async <T>(what: string, answer: () => T): Promise<T> => {
  asked.push(what);
  await Promise.resolve();
  if (fails) throw fails;
  return answer();
};

const source: HistorySource = {
  page: (cursor) =>
    say(`page ${cursor ?? 'one'}`, () => {
      const from = Number(cursor ?? 0);
      return { versions: paged.slice(from, from + 30), next: from + 30 < paged.length ? String(from + 30) : null };
    }),
  version: (id) => say(id, () => stored.find((version) => version.id === id) ?? versionAt(-1)),
  files: ({ id, commit }) => say(`files of ${id}`, (): FileChanges => ({ files: [{ path: commit, from: null, status: 'modified' }], truncated: false })),
  read: () => Promise.resolve(null),
};

beforeEach(() => {
  stored = Array.from({ length: 3 }, (_, index) => versionAt(3 - index));
  paged = stored;
  asked = [];
  fails = null;
  const change: WorkspaceFs['change'] = {
    ...new FakeFs().change,
    current: () => Promise.resolve({ changeId: stored[0]?.id ?? 'root', commitOid: stored[0]?.commit ?? '' }),
    list: ({ limit }) => say('list', () => stored.slice(0, limit).map(({ id, commit }) => ({ changeId: id, commitOid: commit }))),
  };
  history = new History({ change }, 'app', source);
});

const titles = (): string[] | undefined => history.versions.value?.map(({ message }) => message);

describe('the list', () => {
  test('is read once as long as the head stays', async () => {
    await history.look();
    await history.look();
    expect(titles()).toEqual(['message 3', 'message 2', 'message 1']);
    expect(asked).toEqual(['list', 'change 3', 'change 2', 'change 1']);
  });

  test('asks again about what changed only, when the head has moved', async () => {
    await history.look();
    asked = [];
    stored = [versionAt(4), { ...versionAt(3, 'b'), message: 'saved' }, ...stored.slice(1)];
    await history.look();
    expect(titles()).toEqual(['message 4', 'saved', 'message 2', 'message 1']);
    expect(asked).toEqual(['list', 'change 4', 'change 3']);
  });

  test('leaves out what nothing was written into, but the present one', async () => {
    const nothing = (index: number): Version => ({ ...versionAt(index), message: '', empty: true });
    stored = [nothing(9), nothing(8), { ...versionAt(7), message: '' }, { ...versionAt(6), empty: true }, { ...nothing(5), parents: ['a', 'b'] }, versionAt(4)];
    await history.look();
    expect(history.versions.value?.map(({ id }) => id)).toEqual(['change 9', 'change 7', 'change 6', 'change 5', 'change 4']);
  });

  test('leaves out what nothing was written into where it is read by pages, which don’t say so', async () => {
    stored = Array.from({ length: 20 }, (_, index) => versionAt(20 - index));
    paged = stored.map((version) => (version.id === 'change 10' ? { ...version, message: '' } : version));
    stored = paged.map((version) => ({ ...version, empty: version.id === 'change 10' }));
    await history.look();
    expect(asked).toContain('page one');
    expect(history.versions.value).toHaveLength(19);
  });

  test('of many is read by pages of the bookmark, and what stands on top of that one by one', async () => {
    paged = Array.from({ length: 80 }, (_, index) => versionAt(80 - index));
    stored = [versionAt(99), ...paged];
    await history.refresh();
    expect(history.versions.value).toHaveLength(pageSize);
    expect(history.more.value).toBe(true);
    expect(asked).toEqual(['list', 'change 99', 'page one', 'page 30']);
    await history.showMore();
    expect(history.versions.value).toHaveLength(81);
    expect(history.more.value).toBe(false);
  });

  test('of a change that stands elsewhere is read one by one', async () => {
    stored = Array.from({ length: 9 }, (_, index) => versionAt(200 - index));
    paged = Array.from({ length: 500 }, (_, index) => versionAt(index));
    paged = paged.filter(({ id }) => !stored.some((version) => version.id === id));
    await history.refresh();
    expect(history.versions.value).toHaveLength(9);
    expect(asked.filter((what) => what.startsWith('page'))).toHaveLength(2);
  });

  test('of an empty repository is empty', async () => {
    stored = [];
    await history.look();
    expect(history.versions.value).toEqual([]);
  });

  test('stays when it can’t be read again, and says why until it can', async () => {
    await history.look();
    fails = new TypeError('Failed to fetch');
    stored = [versionAt(4), ...stored];
    await history.look();
    expect(titles()).toHaveLength(3);
    expect(history.problem.value).toMatchObject({ unreachable: true });
    fails = null;
    await history.look();
    expect(titles()).toHaveLength(4);
    expect(history.problem.value).toBeNull();
  });
});

describe('a version', () => {
  beforeEach(() => history.look());

  test('is unfolded into its files, one at a time, and folded again', async () => {
    await history.toggle('change 3');
    expect(history.listing.value).toMatchObject({ state: 'ready', files: [{ path: 'a' }] });
    await history.toggle('change 2');
    expect(history.unfolded.value).toBe('change 2');
    await history.toggle('change 2');
    expect(history.unfolded.value).toBeNull();
  });

  test('has its files listed anew when it changed, and only then', async () => {
    await history.toggle('change 3');
    stored = [versionAt(3, 'b'), ...stored.slice(1)];
    await history.look();
    expect(history.listing.value).toMatchObject({ files: [{ path: 'b' }] });
    await history.refresh();
    expect(asked.filter((what) => what === 'files of change 3')).toHaveLength(2);
  });

  test('says why its files can’t be listed, and lists them when asked again', async () => {
    fails = new Error('odd');
    await history.toggle('change 3');
    expect(history.listing.value).toMatchObject({ state: 'failed', problem: { message: 'odd' } });
    fails = null;
    await history.list();
    expect(history.listing.value.state).toBe('ready');
  });
});
