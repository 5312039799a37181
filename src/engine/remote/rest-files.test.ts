import { expect, test } from 'vitest';
import type { Target } from '../../wire/operations.ts';
import { writeFiles } from './rest-files.ts';
import type { FilesOperation } from './rest-plan.ts';
import { BEGIN, CHANGE, restBench, shownAt, turns } from './test-support.ts';

const [OTHER, MADE] = ['l'.repeat(32), 'm'.repeat(32)];
const never = new AbortController().signal;

const mkdir: FilesOperation = { seq: 1, kind: 'files', target: { change: CHANGE }, edits: [{ type: 'mkdir', path: 'made', mtime: 5 }] };

test('a directory that is made while others write on and on is left to the next try', async () => {
  let count = 0;
  const { repo, clock } = await restBench(({ path }) => {
    if (!path.startsWith('/changes')) return undefined;
    clock.advance(50);
    count += 1;
    if (count > 100) throw new TypeError('asked without end');
    return shownAt(count.toString(16).padStart(40, '0'));
  });
  await repo.look(CHANGE);
  await expect(writeFiles(repo, 'client', mkdir.target, [mkdir], never)).rejects.toThrow('again and again');
  expect(count).toBeLessThan(20);
});

test('a directory that is made is of no later time than what it is made in', async () => {
  let gate: Promise<void> | null = null;
  const { repo, clock, asked } = await restBench(async ({ path }) => {
    if (path.startsWith('/bookmarks')) return { name: 'main', change_id: OTHER };
    if (!path.startsWith('/changes')) return undefined;
    await gate;
    return shownAt('a'.repeat(40));
  });
  await repo.look(CHANGE);
  clock.advance(1_000);
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  const writing = writeFiles(repo, 'client', mkdir.target, [mkdir], never);
  await turns();
  clock.advance(100);
  // A bookmark is found elsewhere while it is asked where the change stands.
  await repo.lookBookmark('main');
  clock.advance(100);
  resolve();
  const [result] = await writing;
  const last = asked.filter(({ path }) => path.startsWith('/changes')).at(-1)?.at ?? 0;
  expect(result).toMatchObject({ ok: true });
  expect(result?.ok === true ? result.repoSeq - BEGIN : 0).toBeLessThanOrEqual(last + 2);
});

test('a bookmark that is moved to a change made for a write stands there as of when it was moved', async () => {
  let stands = CHANGE;
  let movedAt = 0;
  const { repo, clock } = await restBench(({ method, path, body }) => {
    clock.advance(100);
    if (method === 'POST') return shownAt('c'.repeat(40), MADE);
    if (path === '/bookmarks') return { bookmarks: [stands, CHANGE].map((id, index) => ({ name: ['main', 'other'][index], change_id: id })) };
    if (path === '/bookmarks/main') {
      if (method !== 'GET') [stands, movedAt] = [(body as { change_id: string }).change_id, clock.now()];
      return { name: 'main', change_id: stands };
    }
    if (!path.startsWith('/changes')) return undefined;
    if (method === 'PATCH') return shownAt('d'.repeat(40), MADE);
    return path.includes(MADE) ? shownAt('c'.repeat(40), MADE) : shownAt('a'.repeat(40));
  });
  await repo.look(CHANGE);
  const oid = repo.versions.blob(new TextEncoder().encode('x'));
  const target: Target = { bookmark: 'main', newChange: OTHER };
  const write: FilesOperation = {
    seq: 1,
    kind: 'files',
    target,
    edits: [{ type: 'write', path: 'f', was: [null], entry: [{ oid, mode: 0o100644 }], mtime: 5 }],
  };
  await writeFiles(repo, 'client', target, [write], never);
  expect(stands).toBe(MADE);
  expect(repo.bookmarks.get('main')?.seq).toBeLessThanOrEqual(movedAt + 2);
});
