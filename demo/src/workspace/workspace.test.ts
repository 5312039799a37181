import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeFs } from '../testing/fake-fs.ts';
import { quietWorkspace } from '../testing/quiet-workspace.ts';
import { FileActions } from './file-actions.ts';
import { Ide } from './ide.ts';
import type { Workspace } from './workspace.ts';

const root = '/acme/app';
const offline = (): Promise<void> => Promise.reject(new Error('offline'));

let fs: FakeFs;
let workspace: Workspace;

beforeEach(() => {
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  fs = new FakeFs({ [`${root}/src/a.ts`]: 'a\n' });
  workspace = quietWorkspace(fs);
});

afterEach(() => {
  workspace.dispose();
  vi.unstubAllGlobals();
});

describe('a file that couldn’t be created', () => {
  const unread = Object.assign(new Error("EIO: i/o error, stat '/acme/app/src' (the server cannot be reached: offline)"), { code: 'EIO' });

  test('is told with the folder it was to be in, which is what is not here yet', async () => {
    fs.beforeWrite = () => Promise.reject(unread);
    const files = new FileActions(workspace);
    expect(await files.createFile(`${root}/src`, 'off.txt')).toBe(false);
    expect(workspace.notices.list.value).toMatchObject([
      { message: '“off.txt” couldn’t be created in “src”', detail: expect.stringContaining('what is in that folder is not yet on this device') },
    ]);
  });

  test('at the root is told without one', async () => {
    fs.beforeWrite = () => Promise.reject(unread);
    await new FileActions(workspace).createFile(root, 'off.txt');
    expect(workspace.notices.list.value).toMatchObject([{ message: '“off.txt” couldn’t be created' }]);
  });
});

describe('a document that couldn’t be looked at', () => {
  const path = `${root}/src/a.ts`;

  test('shows what is stored once the connection is back', async () => {
    const document = workspace.documents.open(path);
    await expect.poll(() => document.view.value.kind).toBe('text');
    fs.beforeRead = offline;
    await fs.writeElsewhere(path, 'b\n');
    await document.refresh();
    expect(document.buffer?.read()).toBe('a\n');
    fs.beforeRead = () => Promise.resolve();
    fs.tellSync('reconnecting');
    fs.tellSync('live');
    await expect.poll(() => document.buffer?.read()).toBe('b\n');
  });

  test('leaves what it says in sight while it is tried again', async () => {
    fs.beforeRead = offline;
    const document = workspace.documents.open(path);
    await expect.poll(() => document.view.value.kind).toBe('failed');
    const shown: string[] = [];
    const stop = document.view.subscribe(({ kind }) => void shown.push(kind));
    await document.retryLook();
    fs.beforeRead = () => Promise.resolve();
    await document.retryLook();
    stop();
    expect(shown).toEqual(['failed', 'failed', 'text']);
  });

  test('opens by itself once the connection is back', async () => {
    fs.beforeRead = offline;
    const document = workspace.documents.open(path);
    await expect.poll(() => document.view.value.kind).toBe('failed');
    fs.beforeRead = () => Promise.resolve();
    fs.tellSync('reconnecting');
    fs.tellSync('live');
    await expect.poll(() => document.buffer?.read()).toBe('a\n');
  });

  test('is known in full once a conflict’s sides can be read', async () => {
    const document = workspace.documents.open(path);
    await expect.poll(() => document.view.value.kind).toBe('text');
    fs.beforeReadConflict = offline;
    await fs.writeElsewhere(path, 'c\n', true);
    await expect.poll(() => document.conflicted.value).toBe(true);
    expect(document.conflict.value).toBeNull();
    fs.beforeReadConflict = () => Promise.resolve();
    fs.tellSync('reconnecting');
    fs.tellSync('live');
    await expect.poll(() => document.conflict.value?.sides.length).toBe(2);
  });

  test('says so when a person asked for the stored version', async () => {
    vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
    const document = workspace.documents.open(path);
    await expect.poll(() => document.view.value.kind).toBe('text');
    fs.beforeRead = offline;
    await new Ide(workspace).reload(document);
    expect(workspace.notices.list.value.map(({ message, detail }) => [message, detail])).toEqual([['The stored version couldn’t be read', 'offline']]);
  });
});

describe('a folder that couldn’t be read', () => {
  let stale: string[];

  beforeEach(async () => {
    stale = [];
    workspace.folders.onStale((folders) => void stale.push(...folders));
    fs.beforeRead = offline;
    await expect(workspace.folders.read(`${root}/src`)).rejects.toThrow('offline');
    expect(workspace.folders.failed(`${root}/src`)).toBe(true);
    expect(stale).toEqual([]);
  });

  test('is read again once the connection is back', async () => {
    fs.tellSync('reconnecting');
    fs.tellSync('live');
    expect(stale).toEqual([`${root}/src`]);
    fs.beforeRead = () => Promise.resolve();
    await workspace.folders.read(`${root}/src`);
    expect(workspace.folders.failed(`${root}/src`)).toBe(false);
    fs.tellSync('reconnecting');
    fs.tellSync('live');
    expect(stale).toHaveLength(1);
  });

  test('is read again when something in it changes, and with everything else', async () => {
    await fs.announce(`${root}/src/a.ts`);
    expect(stale).toEqual([`${root}/src`]);
    await workspace.refreshAll();
    expect(stale).toHaveLength(2);
  });
});

describe('the window', () => {
  beforeEach(() => {
    vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
    vi.stubGlobal('requestAnimationFrame', (then: () => void) => then());
  });

  test('shows the file tree where it is asked to show something in it', () => {
    const ide = new Ide(workspace);
    const revealed: string[] = [];
    ide.explorer = {
      focus: () => undefined,
      reveal: (path) => void revealed.push(path),
      startCreating: () => undefined,
      folder: () => root,
      foldAll: () => undefined,
    };
    ide.showSide('search');
    ide.showSidebar(false);
    ide.revealInTree(`${root}/src/a.ts`);
    expect([ide.side.value, ide.sideShown.value, revealed]).toEqual(['files', true, [`${root}/src/a.ts`]]);
  });

  test('shows a tab that could not be saved to be closed', async () => {
    workspace.settings.live.value = false;
    const document = workspace.documents.open(`${root}/src/a.ts`);
    await expect.poll(() => document.view.value.kind).toBe('text');
    document.buffer?.edit([{ from: 0, to: 0, insert: 'mine ' }]);
    const other = workspace.documents.open(`${root}/src/b.ts`);
    fs.beforeWrite = offline;
    const closed = new Ide(workspace).closeTab(document);
    workspace.notices.question.value?.answer('save');
    await closed;
    expect(workspace.documents.list.value).toEqual([document, other]);
    expect(workspace.documents.active.value).toBe(document);
    expect(document.saving.value.state).toBe('failed');
  });
});
