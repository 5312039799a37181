import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeFs } from '../testing/fake-fs.ts';
import { quietWorkspace } from '../testing/quiet-workspace.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { bringBackAll } from './bring-back.ts';
import type { FileChange, FileVersion, Version } from './history-source.ts';

const version: Version = { id: 'k', commit: '', message: '', author: '', at: 0, parents: ['before'], conflicted: false, empty: false };
const deleted = (path: string): FileChange => ({ path, from: null, status: 'deleted' });
let fs: FakeFs;
let workspace: Workspace;

beforeEach(() => {
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  fs = new FakeFs({ '/acme/app/here': 'newer' });
  workspace = quietWorkspace(fs);
});
afterEach(() => {
  workspace.dispose();
  vi.unstubAllGlobals();
});

test('all that a version deleted comes back as it was before, but what is there again', async () => {
  const read = (path: string, change: string): Promise<FileVersion> =>
    Promise.resolve({
      bytes: new TextEncoder().encode(`${path} in ${change}`),
      kind: path === 'link' ? 'symlink' : 'file',
      executable: false,
      conflicted: false,
    });
  vi.spyOn(workspace.history.source, 'read').mockImplementation(read);
  let done = 0;
  await bringBackAll(workspace, version, ['d/a', 'd/b', 'here', 'link'].map(deleted), (count) => (done = count));
  expect(done).toBe(4);
  expect([...fs.files].map(([path, { text }]) => [path, text])).toEqual([
    ['/acme/app/here', 'newer'],
    ['/acme/app/d/a', 'd/a in before'],
    ['/acme/app/d/b', 'd/b in before'],
  ]);
  expect(workspace.notices.list.value).toMatchObject([
    { message: '2 files brought back', detail: 'There again by now, and left as they are: 1. Links, or in conflict then: 1.' },
  ]);
  vi.restoreAllMocks();
});

test('what can’t be read is told of, and what was brought back until then stays', async () => {
  vi.spyOn(workspace.history.source, 'read').mockRejectedValue(new Error('odd'));
  await bringBackAll(workspace, version, [deleted('a'), deleted('here')], () => undefined);
  expect(workspace.notices.list.value).toMatchObject([{ tone: 'error', message: 'Not all files could be brought back', detail: 'odd' }]);
  vi.restoreAllMocks();
});
