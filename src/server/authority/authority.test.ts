import { expect, test } from 'vitest';
import { ApiError } from '../../wire/errors.ts';
import type { Operation } from '../../wire/operations.ts';
import { memoryStorage } from '../storage/memory.ts';
import { clientId, SseReader, TestBackend } from '../test-support.ts';

const X = 'k'.repeat(32);

function write(backend: TestBackend, seq: number, path: string): Operation {
  return { seq, kind: 'files', target: { bookmark: 'main', newChange: X }, edits: [backend.write(path, 'x')] };
}

test('writes that wait are stored together, each with its own version', async () => {
  const storage = memoryStorage('epoch-1');
  const commits: number[] = [];
  const commit = storage.commit.bind(storage);
  storage.commit = (batch) => {
    commits.push(batch.operations.length);
    return commit(batch);
  };
  const backend = await TestBackend.start({ storage, gather: () => new Promise((resolve) => setImmediate(resolve)) });
  await backend.repo();
  const clients = Array.from({ length: 40 }, (_, index) => clientId(String.fromCharCode(65 + (index % 26))).slice(2) + String(index).padStart(2, '0'));
  const results = await Promise.all(clients.map((client, index) => backend.op(client, write(backend, 1, `f${index}`), ['x'])));
  expect(new Set(results.map(({ commit: oid }) => oid)).size).toBe(40);
  expect(commits.reduce((sum, count) => sum + count, 0)).toBe(40);
  expect(commits.length).toBeLessThan(10);
  expect((await backend.json('GET', '/acme/app/content?depth=1')).body).toMatchObject({ child_count: 40 });
});

test('a commit that fails fails its writes, tells nobody, and leaves the next one free', async () => {
  const storage = memoryStorage('epoch-1');
  const commit = storage.commit.bind(storage);
  const backend = await TestBackend.start({ storage });
  await backend.repo();
  await backend.op(clientId('a'), write(backend, 1, 'a'), ['x']);
  const events = new SseReader(await backend.request('GET', `/acme/-/events?room=app/${X}`));
  await events.next();
  storage.commit = () => Promise.reject(new Error('the disk is full'));
  await expect(backend.op(clientId('a'), write(backend, 2, 'b'), ['x'])).rejects.toMatchObject({ status: 500, code: 'INTERNAL_ERROR' });
  storage.commit = commit;
  const again = await backend.op(clientId('a'), write(backend, 2, 'b'), ['x']);
  expect(again).not.toHaveProperty('replayed');
  expect(await events.next()).toMatchObject({ data: { commit: again.commit, repoSeq: again.repoSeq } });
  expect(await backend.read('b')).toBe('x');
  await events.close();
});

test('a repo that somebody else wrote to is looked at anew', async () => {
  const storage = memoryStorage('epoch-1');
  const backend = await TestBackend.start({ storage });
  const other = await TestBackend.start({ storage });
  await backend.repo();
  const { adminKey: key } = backend;
  await backend.op(clientId('a'), write(backend, 1, 'a'), ['x']);
  await other.op(clientId('b'), write(other, 1, 'b'), ['x'], { key });
  await backend.op(clientId('a'), write(backend, 2, 'c'), ['x']);
  expect((await backend.json('GET', '/acme/app/content')).body).toMatchObject({ child_count: 3 });
});

test('a repo that somebody else keeps writing to is for another time', async () => {
  const storage = memoryStorage('epoch-1');
  const backend = await TestBackend.start({ storage });
  await backend.repo();
  const commit = storage.commit.bind(storage);
  let tries = 0;
  storage.commit = () => {
    tries += 1;
    return Promise.reject(new ApiError('LOCK_CONFLICT', 'The repo was written to by another process; try again.'));
  };
  await expect(backend.op(clientId('a'), write(backend, 1, 'a'), ['x'])).rejects.toMatchObject({ status: 503, code: 'UNAVAILABLE' });
  expect(tries).toBe(4);
  storage.commit = commit;
  await backend.op(clientId('a'), write(backend, 1, 'a'), ['x']);
  expect(await backend.read('a')).toBe('x');
});

test('more repos than are kept at hand are written to in turn', async () => {
  const backend = await TestBackend.start();
  const repos = Array.from({ length: 70 }, (_, index) => `repo-${index}`);
  for (const repo of repos) await backend.repo(repo);
  for (const [seq, path] of [
    [1, 'a'],
    [2, 'b'],
  ] as const)
    for (const repo of repos) await backend.op(clientId('a'), write(backend, seq, path), ['x'], { repo });
  expect((await backend.json('GET', '/acme/repo-0/content')).body).toMatchObject({ child_count: 2 });
  expect(backend.logged).toEqual([]);
});
