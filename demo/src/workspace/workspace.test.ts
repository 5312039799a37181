import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeFs } from '../testing/fake-fs.ts';
import { plainTools } from '../testing/plain-buffer.ts';
import { ChangeMemory } from './change-memory.ts';
import { Notices } from './notices.ts';
import { loadSettings } from './settings.ts';
import { Workspace } from './workspace.ts';

const root = '/acme/app';
const offline = (): Promise<void> => Promise.reject(new Error('offline'));

let fs: FakeFs;
let workspace: Workspace;

beforeEach(() => {
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  const storage = { getItem: () => null, setItem: () => undefined };
  const place = { org: 'acme', repo: 'app', bookmark: 'main' };
  fs = new FakeFs({ [`${root}/src/a.ts`]: 'a\n' });
  workspace = new Workspace({
    fs,
    place,
    notices: new Notices(),
    settings: loadSettings(storage),
    tools: () => Promise.resolve(plainTools),
    change: null,
    changeMemory: new ChangeMemory(storage, place),
    navigation: { href: () => 'http://localhost/', replace: () => undefined, go: () => undefined },
  });
});

afterEach(() => {
  workspace.dispose();
  vi.unstubAllGlobals();
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
