import { beforeEach, expect, test } from 'vitest';
import { FakeFs } from '../testing/fake-fs.ts';
import { quietHost } from '../testing/quiet-host.ts';
import { Documents } from './documents.ts';

let fs: FakeFs;
let documents: Documents;

beforeEach(() => {
  fs = new FakeFs({ '/acme/app/a.txt': 'a\n', '/acme/app/src/b.txt': 'b\n', '/acme/app/src/c.txt': 'c\n' });
  documents = new Documents(quietHost(fs));
});

const paths = (): string[] => documents.list.value.map((document) => document.path.value);

test('a file opens once, behind the tab that is shown', () => {
  const first = documents.open('/acme/app/a.txt');
  documents.open('/acme/app/src/b.txt');
  documents.show(first);
  documents.open('/acme/app/src/c.txt');
  expect(documents.open('/acme/app/a.txt')).toBe(first);
  expect(paths()).toEqual(['/acme/app/a.txt', '/acme/app/src/c.txt', '/acme/app/src/b.txt']);
  expect(documents.active.value).toBe(first);
});

test('closing shows what was shown before', () => {
  const first = documents.open('/acme/app/a.txt');
  const second = documents.open('/acme/app/src/b.txt');
  const third = documents.open('/acme/app/src/c.txt');
  documents.show(first);
  documents.show(third);
  documents.close(third);
  expect(documents.active.value).toBe(first);
  documents.close(first);
  expect(documents.active.value).toBe(second);
  documents.close(second);
  expect(documents.active.value).toBeNull();
});

test('tabs move, and stay at the ends', () => {
  const first = documents.open('/acme/app/a.txt');
  documents.open('/acme/app/src/b.txt');
  const third = documents.open('/acme/app/src/c.txt');
  documents.moveTo(first, documents.list.value.indexOf(third));
  expect(paths()).toEqual(['/acme/app/src/b.txt', '/acme/app/src/c.txt', '/acme/app/a.txt']);
  documents.show(third);
  documents.move(-1);
  documents.move(-1);
  expect(paths()).toEqual(['/acme/app/src/c.txt', '/acme/app/src/b.txt', '/acme/app/a.txt']);
  for (let time = 0; time < 4; time += 1) documents.move(1);
  expect(paths()).toEqual(['/acme/app/src/b.txt', '/acme/app/a.txt', '/acme/app/src/c.txt']);
  expect(documents.active.value).toBe(third);
});

test('a comparison takes the place of a document, until one is shown or it is closed', () => {
  const first = documents.open('/acme/app/a.txt');
  const version = { id: 'k', commit: 'a', message: '', author: 'Ann', at: 0, parents: [], conflicted: false, empty: false };
  const comparison = { version, file: { path: 'a.txt', from: null, status: 'modified' } } as const;
  documents.compare(comparison);
  expect([documents.comparison.value, documents.active.value]).toEqual([comparison, null]);
  documents.closeComparison();
  expect([documents.comparison.value, documents.active.value]).toEqual([null, first]);
  documents.compare(comparison);
  documents.step(1);
  expect([documents.comparison.value, documents.active.value]).toEqual([null, first]);
  documents.compare(comparison);
  documents.open('/acme/app/a.txt');
  expect([documents.comparison.value, documents.active.value]).toEqual([null, first]);
});

test('documents follow the rename of a folder above them', () => {
  documents.open('/acme/app/a.txt');
  documents.open('/acme/app/src/b.txt');
  documents.rename('/acme/app/src', '/acme/app/lib');
  expect(paths()).toEqual(['/acme/app/a.txt', '/acme/app/lib/b.txt']);
});

test('a recursive event reaches everything below it, a plain one its path only', async () => {
  const b = documents.open('/acme/app/src/b.txt');
  const c = documents.open('/acme/app/src/c.txt');
  await Promise.all([b.load(), c.load()]);
  await fs.writeFile('/acme/app/src/b.txt', 'B\n');
  await fs.writeFile('/acme/app/src/c.txt', 'C\n');
  await documents.refresh({ path: '/acme/app/src/b.txt', recursive: false });
  expect([b.buffer?.read(), c.buffer?.read()]).toEqual(['B\n', 'c\n']);
  await documents.refresh({ path: '/acme/app/src', recursive: true });
  expect(c.buffer?.read()).toBe('C\n');
});

test('the tabs go round', () => {
  const first = documents.open('/acme/app/a.txt');
  const second = documents.open('/acme/app/src/b.txt');
  documents.step(1);
  expect(documents.active.value).toBe(first);
  documents.step(-1);
  expect(documents.active.value).toBe(second);
});
