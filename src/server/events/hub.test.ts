import { expect, test } from 'vitest';
import { memoryStorage } from '../storage/memory.ts';
import type { EventRecord } from '../storage/records.ts';
import { Hub, roomKey } from './hub.ts';

/** Asks, from the beginning, for what was missed in some repos that have ten events each of this many characters; answers the kinds of events. */
async function backlog(repos: number, length: number): Promise<string[]> {
  const storage = memoryStorage('epoch-1');
  const ids = Array.from({ length: repos }, (_, index) => `repo_${index}`);
  const events = Array.from({ length: 10 }, (_, index): EventRecord => ({ seq: index + 1, kind: 'change', subject: 'x', data: ' '.repeat(length) }));
  const nothing = { objects: [], changes: [], bookmarks: [], metadata: [], evolution: [], clients: [], operations: [] };
  for (const id of ids) {
    await storage.createRepo({ id, orgId: 'org_1', name: id, defaultBookmark: 'main', tags: {}, createdAt: 0 });
    await storage.commit({ repo: id, expectedSeq: 0, state: { seq: events.length, empty: false }, ...nothing, events });
  }
  const rooms = new Map(ids.map((id) => [id, new Set([roomKey('change', 'x')])]));
  const cursor = { epoch: 'epoch-1', seqs: new Map(ids.map((id) => [id, 0])) };
  const { backlog } = await new Hub(storage, 'epoch-1').subscribe(rooms, cursor);
  return backlog.map(({ event }) => event);
}

test('what a reader has missed is measured over all its repos', async () => {
  expect(await backlog(3, 100_000)).toHaveLength(30);
  expect(await backlog(1, 200_000)).toHaveLength(10);
  expect(await backlog(3, 200_000)).toEqual(['reset']);
});
