import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeFs } from '../testing/fake-fs.ts';
import { quietWorkspace } from '../testing/quiet-workspace.ts';
import type { NoticeAction } from '../workspace/notices.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { FileVersion } from './history-source.ts';
import { restoreFile } from './restore.ts';

const path = '/acme/app/a.txt';
let fs: FakeFs;
let workspace: Workspace;

beforeEach(() => {
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  fs = new FakeFs({ [path]: 'one\ntwo\nthree\n' });
  workspace = quietWorkspace(fs);
});

afterEach(() => {
  workspace.dispose();
  vi.unstubAllGlobals();
});

const old = (text: string): FileVersion => ({ bytes: new TextEncoder().encode(text), kind: 'file', executable: false, conflicted: false });
const restore = (text: string): Promise<boolean> => restoreFile(workspace, path, old(text), '“then”');
const told = (): string[] => workspace.notices.list.value.map(({ message }) => message);
const undo = (): NoticeAction | undefined => workspace.notices.list.value.flatMap(({ actions }) => actions).find(({ label }) => label === 'Undo');

test('a file is written as it was, shown, and put back by Undo', async () => {
  expect(await restore('old\n')).toBe(true);
  expect(fs.text(path)).toBe('old\n');
  await expect.poll(() => workspace.documents.active.value?.buffer?.read()).toBe('old\n');
  undo()?.run();
  await expect.poll(() => fs.text(path)).toBe('one\ntwo\nthree\n');
  await expect.poll(() => workspace.documents.active.value?.buffer?.read()).toBe('one\ntwo\nthree\n');
});

test('what somebody else writes in between is kept', async () => {
  fs.beforeWrite = async () => {
    fs.beforeWrite = () => Promise.resolve();
    await fs.writeElsewhere(path, 'one\ntwo\nTHREE\n');
  };
  await restore('ONE\ntwo\nthree\n');
  expect(fs.text(path)).toBe('ONE\ntwo\nTHREE\n');
  undo()?.run();
  await expect.poll(() => fs.text(path)).toBe('one\ntwo\nTHREE\n');
});

test('unsaved text is among what Undo brings back', async () => {
  workspace.settings.live.value = false;
  const document = workspace.documents.open(path);
  await expect.poll(() => document.buffer?.read()).toBe('one\ntwo\nthree\n');
  document.replace('one\ntwo\nthree\n', 'typed\n');
  await restore('old\n');
  await expect.poll(() => document.buffer?.read()).toBe('old\n');
  undo()?.run();
  await expect.poll(() => fs.text(path)).toBe('typed\n');
});

test('a file that is gone is there again, and goes by Undo unless it was changed', async () => {
  await fs.rm(path);
  await restore('old\n');
  expect(fs.text(path)).toBe('old\n');
  undo()?.run();
  await expect.poll(() => fs.text(path)).toBeUndefined();
  await restore('old\n');
  await fs.writeElsewhere(path, 'more\n');
  undo()?.run();
  await expect.poll(told).toContain('“a.txt” was changed since, and stays');
  expect(fs.text(path)).toBe('more\n');
});

test('a file in conflict, or the same, is left as it is', async () => {
  await restore('one\ntwo\nthree\n');
  await fs.writeElsewhere(path, 'both\n', true);
  expect(await restore('old\n')).toBe(false);
  expect(fs.writes).toEqual([]);
  expect(told()).toEqual(['“a.txt” is still the same', '“a.txt” is in conflict now']);
});

test('it says so when it can’t be written', async () => {
  fs.beforeWrite = () => Promise.reject(new Error('odd'));
  expect(await restore('old\n')).toBe(false);
  expect(told()).toEqual(['“a.txt” couldn’t be restored']);
});
