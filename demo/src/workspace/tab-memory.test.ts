import { expect, test } from 'vitest';
import { FakeFs } from '../testing/fake-fs.ts';
import { quietHost } from '../testing/quiet-host.ts';
import { Documents } from './documents.ts';
import { openPageStorage } from './page-storage.ts';
import { TabMemory } from './tab-memory.ts';

const place = { org: 'acme', repo: 'app', bookmark: 'main' };
const paths = ['a', 'b', 'c'].map((name) => `/acme/app/${name}.txt`) as [string, string, string];

function open(fs: FakeFs): Documents {
  return new Documents(quietHost(fs));
}

test('a reload finds the tabs in their order, and reads what is shown only', async () => {
  const storage = openPageStorage(() => null);
  const stored = (): FakeFs => new FakeFs(Object.fromEntries(paths.map((path) => [path, 'text\n'])));
  const before = open(stored());
  new TabMemory(storage, place).follow(before);
  const [first] = paths.map((path) => before.open(path));
  if (first) before.moveTo(first, 2);
  const shown = before.find(paths[1]);
  if (shown) before.show(shown);
  const order = [paths[1], paths[2], paths[0]];
  expect(before.list.value.map((document) => document.path.value)).toEqual(order);

  const read: string[] = [];
  const fs = stored();
  fs.beforeRead = (path) => Promise.resolve(void read.push(path));
  const after = open(fs);
  expect(new TabMemory(storage, place).restore(after)).toBe(paths[1]);
  expect(after.list.value.map((document) => document.path.value)).toEqual(order);
  expect(after.active.value).toBeNull();
  after.open(paths[0]);
  await expect.poll(() => after.active.value?.view.value.kind).toBe('text');
  expect(new Set(read)).toEqual(new Set([paths[0]]));
});

test('another bookmark has other tabs, and what is kept may be nonsense', () => {
  const documents = open(new FakeFs({}));
  for (const kept of ['{', 'null', '[]', '{"paths":[1,"/etc/passwd"],"active":"/etc/passwd"}']) {
    expect(new TabMemory({ getItem: () => kept, setItem: () => undefined }, place).restore(documents)).toBeNull();
  }
  expect(documents.list.value).toEqual([]);
});
