import { expect, test } from 'vitest';
import { describeError, isMissing } from './errors.ts';
import { formatSize, imageType, languageOf } from './file-kinds.ts';
import { extensionOf, joinPath, nameProblem, relativeTo } from './paths.ts';
import { shownText } from './shown-text.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_400, '1.4 KB'],
  [999_960, '1.0 MB'],
  [3_000_000, '3.0 MB'],
])('%d bytes are %s', (bytes, words) => {
  expect(formatSize(bytes)).toBe(words);
});

test('a name tells the language', () => {
  expect(languageOf('/a/main.rs').grammar).toBe('rust');
  expect(languageOf('/a/.gitignore').name).toBe('Plain text');
  expect(imageType('/a/Photo.JPG')).toBe('image/jpeg');
  expect(extensionOf('/a/.env')).toBe('');
});

test('paths join and shorten', () => {
  expect(joinPath('/acme/app', 'src/../a.ts')).toBe('/acme/app/a.ts');
  expect(relativeTo('/acme/app', '/acme/app/src/a.ts')).toBe('src/a.ts');
  expect(relativeTo('/acme/app', '/acme/other/a.ts')).toBe('/acme/other/a.ts');
});

test.each([
  ['', 'Type'],
  [' ', 'Type'],
  ['a/', 'slash at the end'],
  ['/abs.txt', 'slash at the beginning'],
  ['a//b', 'slashes'],
  ['..', 'the folder above'],
  ['../x', 'the folder above'],
  ['a/./b', 'this folder'],
  ['.git/config', 'reserved'],
  ['x'.repeat(256), '255'],
])('%j is no name for a file', (name, problem) => {
  expect(nameProblem(name)).toContain(problem);
});

test.each(['..a', 'a..', '...', 'src/new/file.ts', ' a'])('%j is a name for a file', (name) => {
  expect(nameProblem(name)).toBeNull();
});

test('a name can’t look like another one by turning its letters round', () => {
  expect(shownText('rtl-\u202egnp.txt')).toBe('rtl-‹U+202E›gnp.txt');
  expect(shownText('a\u200fb\u2066c')).toBe('a‹U+200F›b‹U+2066›c');
  expect(shownText('שלום é.txt')).toBe('שלום é.txt');
});

test('an error is told in a sentence, with what to do', () => {
  const error = Object.assign(new Error('REPO_NOT_FOUND: There is no repo "x"'), { code: 'REPO_NOT_FOUND' });
  expect(describeError(error)).toMatchObject({ message: 'There is no repo "x"', code: 'REPO_NOT_FOUND', remedy: expect.stringContaining('address') });
  expect(describeError('odd')).toEqual({ message: 'odd' });
  const unread = Object.assign(new Error("EIO: i/o error, stat '/a/b' (the server cannot be reached: Failed to fetch)"), { code: 'EIO' });
  expect(describeError(unread)).toMatchObject({ message: expect.stringContaining('not yet on this device'), details: unread.message, unreachable: true });
  const busy = Object.assign(new Error("EIO: i/o error, stat '/a/b' (UNAVAILABLE: Later)", { cause: Object.assign(new Error('Later'), { status: 503 }) }), {
    code: 'EIO',
  });
  expect(describeError(busy).unreachable).toBe(true);
  expect(describeError(Object.assign(new Error("EIO: i/o error, stat '/a/b' (odd)"), { code: 'EIO' })).unreachable).toBeUndefined();
  expect(describeError(new TypeError('Failed to fetch')).unreachable).toBe(true);
  expect(describeError(new TypeError('http://localhost/v1 cannot be reached (Failed to fetch); see that a server runs there')).unreachable).toBe(true);
  expect(isMissing(Object.assign(new Error('gone'), { code: 'ENOENT' }))).toBe(true);
});
