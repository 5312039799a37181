import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { VIRTUAL_ROOT_CHANGE_ID } from '../../src/base/ids.ts';
import type { Backend } from '../../worker/cli/backend.ts';
import { openBackend } from '../../worker/cli/backend.ts';
import { findUnreached } from '../../worker/cli/unreached.ts';
import { mesafs } from './run.ts';

let folder: string;
let backend: Backend;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mesafs-export-'));
  backend = await openBackend({ data: join(folder, 'store') }, 'begin');
  await call('POST', '/repos', { name: 'app' });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function call(method: string, path: string, body?: unknown): Promise<{ id: string }> {
  const headers = { Authorization: `Bearer ${backend.key}`, 'Content-Type': 'application/json' };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await backend.fetch(new Request(`${backend.apiUrl}/acme${path}`, init));
  expect(response.ok, `${method} ${path}`).toBe(true);
  return (await response.json()) as { id: string };
}

/** Makes a change on another, of one file or of none. Answers its id. */
async function change(base: string, content: string | null): Promise<string> {
  const files = [{ path: 'plan.md', content: Buffer.from(content ?? '').toString('base64'), encoding: 'base64' }];
  const written = content === null ? {} : { message: content, author: { name: 'Ann', email: 'ann@example.com' }, files };
  return (await call('POST', '/app/changes', { base_change_id: base, ...written })).id;
}

/** Exports, and answers what is said to be left out. */
async function leftOut(): Promise<string[]> {
  await backend.close();
  const { code, err } = await mesafs(folder, 'export', 'app', 'out', '--data', 'store');
  expect(code).toBe(0);
  return err.split('\n').filter((line) => line.includes('left out'));
}

test('changes that no bookmark reaches are counted, and those named that a bookmark would bring', async () => {
  const main = await change(VIRTUAL_ROOT_CHANGE_ID, 'main');
  const line = await change(await change(main, 'on it'), 'and on that');
  const deleted = await change(main, 'was a branch');
  await call('POST', '/app/bookmarks', { name: 'branch', change_id: deleted });
  await call('DELETE', '/app/bookmarks/branch');
  const apart = await change(VIRTUAL_ROOT_CHANGE_ID, 'apart');
  const onto = await change(apart, 'on apart');
  await call('POST', '/app/bookmarks', { name: 'kept', change_id: onto });
  await change(main, null);
  const alone = await change(VIRTUAL_ROOT_CHANGE_ID, 'alone');
  expect(await leftOut()).toEqual([`  left out 4 changes that no bookmark reaches; to export them, put a bookmark at ${alone}, ${deleted}, ${line}`]);
  const exported = execFileSync('git', ['log', '--all', '--format=%s'], { cwd: join(folder, 'out'), encoding: 'utf8' });
  expect(exported.trim().split('\n').toSorted()).toEqual(['apart', 'main', 'on apart']);
});

test('of many changes that no bookmark reaches ten are named', async () => {
  const main = await change(VIRTUAL_ROOT_CHANGE_ID, 'main');
  const others: string[] = [];
  for (let count = 0; count < 12; count += 1) others.unshift(await change(main, `other ${count}`));
  expect(await leftOut()).toEqual([
    `  left out 12 changes that no bookmark reaches; to export them, put a bookmark at ${others.slice(0, 10).join(', ')}, and 2 more`,
  ]);
});

test('an export of all there is leaves nothing out', async () => {
  await change(await change(VIRTUAL_ROOT_CHANGE_ID, 'main'), null);
  expect(await leftOut()).toEqual([]);
});

test('what stands on a bookmarked change is found without the events that told of it', async () => {
  const main = await change(VIRTUAL_ROOT_CHANGE_ID, 'main');
  const last = await change(await change(main, 'on it'), 'and on that');
  const { storage } = backend;
  if (storage === null) throw new Error('it is in this process');
  vi.spyOn(storage, 'events').mockResolvedValue({ events: [], complete: false });
  expect(await findUnreached(storage, 'acme', 'app')).toEqual({ count: 2, tips: [last] });
  await backend.close();
});
