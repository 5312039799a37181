import { describe, expect, test } from 'vitest';
import { affectedFolders, ancestorsOf, conflictsWithin, toEntries } from './entries.ts';
import { TypeAhead } from './type-ahead.ts';

const file = (name: string) => ({ name, isFile: true, isDirectory: false, isSymbolicLink: false });
const folder = (name: string) => ({ name, isFile: false, isDirectory: true, isSymbolicLink: false });

describe('rows', () => {
  test('are folders first, then names, numbers by value', () => {
    const names = [file('b.md'), file('a10.md'), file('a2.md'), folder('src'), folder('Docs'), { ...file('link'), isFile: false, isSymbolicLink: true }];
    expect(toEntries('/acme/app', names).map((entry) => entry.name)).toEqual(['Docs', 'src', 'a2.md', 'a10.md', 'b.md', 'link']);
    expect(toEntries('/acme/app', names).at(-1)).toMatchObject({ kind: 'link', path: '/acme/app/link' });
  });

  const loaded = ['/acme/app', '/acme/app/src', '/acme/app/src/deep', '/acme/app/docs'];

  test.each([
    [{ path: '/acme/app/src/a.ts', recursive: false }, ['/acme/app/src']],
    [{ path: '/acme/app/src', recursive: true }, ['/acme/app', '/acme/app/src', '/acme/app/src/deep']],
    [{ path: '/acme/app', recursive: true }, loaded],
    [{ path: '/acme/app/other/x', recursive: false }, []],
  ])('an event %j is about the folders %j', (notice, folders) => {
    expect(affectedFolders(loaded, notice)).toEqual(folders);
  });

  test('a path’s folders are those below the root', () => {
    expect(ancestorsOf('/acme/app', '/acme/app/a/b/c.ts')).toEqual(['/acme/app/a', '/acme/app/a/b']);
    expect(ancestorsOf('/acme/app', '/acme/app/c.ts')).toEqual([]);
  });

  test('conflicts count for the folders above them', () => {
    const conflicts = ['/acme/app/src/a.ts', '/acme/app/src/deep/b.ts', '/acme/app/srcs'];
    expect(conflictsWithin(conflicts, '/acme/app/src')).toBe(2);
    expect(conflictsWithin(conflicts, '/acme/app/src/a.ts')).toBe(1);
  });
});

describe('type-ahead', () => {
  const names = ['assets', 'bin', 'build', 'README.md'];

  test('letters in quick succession are one word', () => {
    const typing = new TypeAhead();
    expect(typing.type('b', 0, names, 0)).toBe(1);
    expect(typing.type('u', 100, names, 1)).toBe(2);
    expect(typing.active(200)).toBe(true);
  });

  test('a pause starts a new word', () => {
    const typing = new TypeAhead();
    typing.type('b', 0, names, 0);
    expect(typing.active(2_000)).toBe(false);
    expect(typing.type('r', 2_000, names, 1)).toBe(3);
  });

  test('one letter again and again goes round', () => {
    const typing = new TypeAhead();
    expect(typing.type('b', 0, names, 1)).toBe(2);
    expect(typing.type('b', 100, names, 2)).toBe(1);
  });

  test('nothing found stays where it is', () => {
    expect(new TypeAhead().type('z', 0, names, 1)).toBe(-1);
  });
});
