import { expect, test } from 'vitest';
import { formatRoom, parseRoom } from './events.ts';
import { bookmarkNameProblem, repoNameProblem } from './names.ts';

test.each(['main', 'feature/x', 'session/1234-abc', 'ünï', 'a.b', "it's"])('%s can name a bookmark', (name) => {
  expect(bookmarkNameProblem(name)).toBeNull();
});

test.each([
  '',
  'a b',
  'a..b',
  '/a',
  'a/',
  'a//b',
  '.a',
  'a/.b',
  'a.lock',
  'a/b.lock',
  '-a',
  '@',
  'a@{1}',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[',
  'a\\b',
  'a\nb',
  'a.',
  'x'.repeat(256),
  '\ud800',
])('%j cannot name a bookmark', (name) => {
  expect(bookmarkNameProblem(name)).toMatch(/^(a|no part of a) bookmark name /);
});

test.each(['app', 'my-repo.v2', '_x', 'A1'])('%s can name a repo', (name) => {
  expect(repoNameProblem(name)).toBeNull();
});

test.each(['', '-', '.', '..', 'repos', 'api-keys', 'webhook-targets', 'a b', 'a/b', 'é', 'x.git', 'x'.repeat(101)])('%j cannot name a repo', (name) => {
  expect(repoNameProblem(name)).not.toBeNull();
});

test('rooms are read as they are written', () => {
  for (const room of [
    { repo: 'app', change: 'k'.repeat(32) },
    { repo: 'app', bookmark: 'feature/x@y' },
  ])
    expect(parseRoom(formatRoom(room))).toEqual(room);
  for (const text of ['', 'app', 'app/', 'app@', '@main', '/x', 'app/main', `app/${'a'.repeat(32)}`]) expect(parseRoom(text)).toBeNull();
});
