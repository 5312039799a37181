import { describe, expect, test } from 'vitest';
import { loadNodeCore } from '../runtime/node-core.ts';
import type { StoredObject } from '../core/resolve.ts';
import type { Author } from './authority/draft.ts';
import { Draft } from './authority/draft.ts';
import { strongest } from './authority/edits.ts';
import { RepoObjects } from './authority/objects.ts';
import { CommittedView } from './authority/view.ts';
import { memoryStorage } from './storage/memory.ts';
import type { ChangeRecord, EventRecord, RepoRecord } from './storage/records.ts';

// More than can be passed to a function as its arguments: what is large takes long, and fails no more than what is small.
const MANY = 200_000;
const REPO: RepoRecord = { id: 'repo_1', orgId: 'org_1', name: 'app', defaultBookmark: 'main', tags: {}, createdAt: 0 };

describe('as much as one request may hold is taken:', () => {
  test('edits with their outcomes', () => {
    const results = Array.from({ length: MANY }, (_, index) => ({ outcome: index === 5 ? ('merged' as const) : ('applied' as const), paths: [] }));
    expect(strongest(results)).toBe('merged');
    expect(strongest([])).toBe('unchanged');
  });

  test('paths of a change that is edited twice', () => {
    const person = { name: 'a', email: 'a', timestamp: 0, tzOffset: 0 };
    const by: Author = { principal: 'key_1', person, origin: null, now: 0 };
    const draft = new Draft(new CommittedView(memoryStorage('epoch-1'), REPO, { seq: 0, empty: true }));
    const version = { id: 'k'.repeat(32), commit: '', trees: [], side: null, parents: [], message: '', author: person, committer: person };
    const before: ChangeRecord = { ...version, seq: 1, createdSeq: 1, createdAt: 0, updatedAt: 0 };
    const paths = Array.from({ length: MANY }, (_, index) => ({ path: String(index), recursive: false }));
    draft.putChange(version, before, by, []);
    draft.putChange(version, before, by, paths);
    expect(draft.edited.get(version.id)?.paths).toHaveLength(MANY);
  });

  test('objects the core asks for', async () => {
    const storage = memoryStorage('epoch-1');
    const bytes = new Uint8Array(0);
    // Spread like hashes: multiplied by a large odd number.
    const oids = Array.from({ length: MANY }, (_, index) => (Math.imul(index, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0').repeat(5));
    storage.objects = async (_repo, asked) => asked.map((oid): StoredObject => ({ oid, kind: 'blob', bytes }));
    const objects = new RepoObjects(await loadNodeCore(), storage, REPO.id);
    let asked = false;
    expect(await objects.ask(() => (asked ? { done: true } : ((asked = true), { missing: oids })))).toEqual({ done: true });
    objects.close();
  });

  test('events of one commit to memory', async () => {
    const storage = memoryStorage('epoch-1');
    await storage.createRepo(REPO);
    const events = Array.from({ length: MANY }, (_, index): EventRecord => ({ seq: index + 1, kind: 'change', subject: 'x', data: '' }));
    const nothing = { objects: [], changes: [], bookmarks: [], metadata: [], evolution: [], clients: [], operations: [] };
    await storage.commit({ repo: REPO.id, expectedSeq: 0, state: { seq: MANY, empty: false }, ...nothing, events });
    expect((await storage.events(REPO.id, MANY - 1, 10)).events).toMatchObject([{ seq: MANY }]);
  });
});
