import { ChangeMemory } from '../workspace/change-memory.ts';
import { Notices } from '../workspace/notices.ts';
import { loadSettings } from '../workspace/settings.ts';
import { Workspace } from '../workspace/workspace.ts';
import type { FakeFs } from './fake-fs.ts';
import { noHistory } from './no-history.ts';
import { plainTools } from './plain-buffer.ts';

/** The workspace of `acme/app` at main, or in a change of its own. The page's `addEventListener` must be there. */
export function quietWorkspace(fs: FakeFs, change: string | null = null): Workspace {
  const storage = new Map<string, string>();
  const kept = { getItem: (key: string) => storage.get(key) ?? null, setItem: (key: string, value: string) => void storage.set(key, value) };
  const place = { org: 'acme', repo: 'app', bookmark: 'main' };
  return new Workspace({
    fs,
    place,
    notices: new Notices(),
    settings: loadSettings(kept),
    tools: () => Promise.resolve(plainTools),
    change,
    changeMemory: new ChangeMemory(kept, place),
    history: noHistory,
    navigation: { href: () => 'http://localhost/', replace: () => undefined, go: () => undefined },
  });
}
