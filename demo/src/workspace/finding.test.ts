import { describe, expect, test } from 'vitest';
import { FakeFs } from '../testing/fake-fs.ts';
import { FileIndex } from './file-index.ts';
import { fuzzyFilter } from './fuzzy.ts';

const find = (query: string, names: string[]): string[] => fuzzyFilter(names, query, (name) => name, 10).map((match) => match.item);

describe('fuzzy finding', () => {
  test('wants the letters in order', () => {
    expect(find('rdm', ['README.md', 'model.rs'])).toEqual(['README.md']);
  });

  test('prefers the file’s own name', () => {
    expect(find('read', ['src/reader/deep.ts', 'docs/README.md'])[0]).toBe('docs/README.md');
  });

  test('prefers starts of words and runs', () => {
    expect(find('cv', ['src/recover.ts', 'src/conflict-view.tsx'])[0]).toBe('src/conflict-view.tsx');
    expect(find('fuzzyFilter', ['fuzzyFilter.ts', 'f-u-z-z-y-filter.ts'])[0]).toBe('fuzzyFilter.ts');
  });

  test.each([
    ['pack', 'src/webpack-plugin.ts', [7, 8, 9, 10]],
    ['test', 'src/latest-version.ts', [6, 7, 8, 9]],
    ['bc', 'xabc_b', [2, 3]],
    ['aba', 'ba_ab', null],
  ])('a start of a word further on is no reason to miss the letters behind it: %s in %s', (query, name, at) => {
    expect(fuzzyFilter([name], query, (text) => text, 1)[0]?.at ?? null).toEqual(at);
  });

  test('says which letters matched', () => {
    expect(fuzzyFilter(['a/bc'], 'bc', (name) => name, 1)[0]?.at).toEqual([2, 3]);
  });

  test('no letters match everything, in the given order, up to the limit', () => {
    expect(find('', ['longer', 'b', 'c'])).toEqual(['longer', 'b', 'c']);
    expect(fuzzyFilter(['a', 'b', 'c'], '', (name) => name, 2)).toHaveLength(2);
  });
});

describe('the index of files', () => {
  test('walks all folders and says when it is done', async () => {
    const index = new FileIndex(new FakeFs({ '/acme/app/a': '', '/acme/app/src/b': '', '/acme/app/src/deep/c': '' }), '/acme/app');
    await index.walk();
    expect(index.paths.value).toEqual(['/acme/app/a', '/acme/app/src/b', '/acme/app/src/deep/c']);
    expect(index.progress.value).toEqual({ files: 3, folders: 3, unread: 0, state: 'done' });
  });

  test('counts the folders that can’t be read, and not those that are gone', async () => {
    const fs = new FakeFs({ '/acme/app/a': '', '/acme/app/src/b': '', '/acme/app/docs/c': '' });
    fs.beforeRead = (path) => {
      if (path.endsWith('/src')) return Promise.reject(new Error('offline'));
      return path.endsWith('/docs') ? Promise.reject(Object.assign(new Error('gone'), { code: 'ENOENT' })) : Promise.resolve();
    };
    const index = new FileIndex(fs, '/acme/app');
    await index.walk();
    expect(index.paths.value).toEqual(['/acme/app/a']);
    expect(index.progress.value.unread).toBe(1);
  });

  test('a second walk takes over from the first', async () => {
    const fs = new FakeFs({ '/acme/app/a': '' });
    const index = new FileIndex(fs, '/acme/app');
    const first = index.walk();
    await fs.writeFile('/acme/app/b', '');
    await Promise.all([first, index.walk()]);
    expect(index.paths.value).toEqual(['/acme/app/a', '/acme/app/b']);
  });
});
