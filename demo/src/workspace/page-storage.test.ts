import { expect, test } from 'vitest';
import { openPageStorage, type PageStorage } from './page-storage.ts';

const refused = (): never => {
  throw new Error('SecurityError: access is denied for this document');
};

test.each([
  ['refuses storage', refused],
  ['has no storage', () => null],
])('a page whose browser %s keeps its settings while it is open', (_name, open) => {
  const storage = openPageStorage(open);
  expect(storage.getItem('theme')).toBeNull();
  storage.setItem('theme', 'dark');
  expect(storage.getItem('theme')).toBe('dark');
});

test('the browser’s own storage is taken where it is there', () => {
  const own: PageStorage = { getItem: () => 'kept', setItem: () => undefined };
  expect(openPageStorage(() => own)).toBe(own);
});
