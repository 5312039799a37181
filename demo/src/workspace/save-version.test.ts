import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeFs } from '../testing/fake-fs.ts';
import { quietWorkspace } from '../testing/quiet-workspace.ts';
import type { Workspace } from './workspace.ts';

const path = '/acme/app/a.txt';
let fs: FakeFs;
let calls: unknown[];
let fails: Error | null;
let workspace: Workspace | undefined;

beforeEach(() => {
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  fs = new FakeFs({ [path]: 'a\n' });
  calls = [];
  fails = null;
  const called = <T>(answer: T, ...call: unknown[]): Promise<T> => {
    calls.push(call);
    return fails ? Promise.reject(fails) : Promise.resolve(answer);
  };
  fs.change.checkpoint = (args) => called({ savedChangeOid: '', activeChangeOid: '' }, 'checkpoint', args, fs.text(path));
  fs.change.describe = (args) => called(undefined, 'describe', args);
});

afterEach(() => {
  workspace?.dispose();
  vi.unstubAllGlobals();
});

test('at a bookmark the change is closed with all that was typed', async () => {
  workspace = quietWorkspace(fs);
  const document = workspace.documents.open(path);
  await expect.poll(() => document.buffer?.read()).toBe('a\n');
  document.replace('a\n', 'b\n');
  expect(await workspace.changes.saveVersion('done')).toBe(true);
  expect(calls).toEqual([['checkpoint', { repo: 'app', message: 'done' }, 'b\n']]);
});

test('a change of one’s own is described, and called so from then on', async () => {
  workspace = quietWorkspace(fs, 'k'.repeat(32));
  expect(workspace.changes.title).toBe('kkkkkkkk');
  await workspace.changes.saveVersion('my change');
  expect(calls).toEqual([['describe', { repo: 'app', message: 'my change' }]]);
  expect(workspace.changes.title).toBe('my change');
});

test('somebody who was faster is told of, and it is tried again', async () => {
  workspace = quietWorkspace(fs);
  fails = Object.assign(new Error('STALE_BASE: main is at another change'), { code: 'STALE_BASE' });
  expect(await workspace.changes.saveVersion('done')).toBe(false);
  const [notice] = workspace.notices.list.value;
  expect(notice).toMatchObject({ message: 'Somebody else was faster', detail: 'main moved on meanwhile. Your edits are safe; try again.' });
  fails = null;
  notice?.actions[0]?.run();
  await expect.poll(() => workspace?.notices.list.value.map(({ message }) => message)).toContain('Version saved');
});

test('without the server it says when it can be done, and drops that once it was', async () => {
  workspace = quietWorkspace(fs);
  const { notices, changes } = workspace;
  fails = new Error(
    'UNAVAILABLE: change.checkpoint has to wait: the server has not said yet which change the last writes went into, and it cannot be reached now',
  );
  expect(await changes.saveVersion('done')).toBe(false);
  const [notice] = notices.list.value;
  expect(notice).toMatchObject({
    message: 'The version couldn’t be saved',
    detail: expect.stringMatching(/^Versions can be saved once the server can be reached again/) as string,
  });
  expect(notice?.details).toMatch(/^change.checkpoint has to wait/);
  fails = null;
  expect(await changes.saveVersion('done')).toBe(true);
  expect(notices.list.value.map(({ message }) => message)).toEqual(['Version saved']);
});
