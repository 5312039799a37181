import { describe, expect, test } from 'vitest';
import { LIMITS } from './limits.ts';
import type { Operation } from './operations.ts';
import { operationFrame, parseOperation, parseOpsHeader } from './operations.ts';

const X = 'k'.repeat(32);
const ROOT = 'z'.repeat(32);
const OID = 'a'.repeat(40);
const entry = [{ oid: OID, mode: 0o100644 }];
const write = { type: 'write', path: 'a', was: [null], entry };
const files = (...edits: unknown[]): unknown => ({ seq: 1, kind: 'files', target: { change: X }, edits });
const parse = (value: unknown): Operation => parseOperation(new TextEncoder().encode(JSON.stringify(value)));

const good: Operation[] = [
  { seq: 1, kind: 'files', target: { change: X }, edits: [{ type: 'write', path: 'a/b', was: [null], entry, mtime: 5 }] },
  {
    seq: 2,
    kind: 'files',
    target: { bookmark: 'feature/x', newChange: X },
    edits: [{ type: 'rename', from: 'a', to: 'b', was: entry, toWas: [null] }],
    message: 'm',
  },
  {
    seq: 3,
    kind: 'files',
    target: { change: X },
    edits: [
      { type: 'mkdir', path: 'd' },
      { type: 'utimes', path: 'd', mtime: -1 },
    ],
  },
  { seq: 4, kind: 'files', target: { change: X }, edits: [{ type: 'metadata', path: '', set: { lang: 'en' }, delete: ['old'] }] },
  { seq: 5, kind: 'change.create', id: X, parents: [ROOT], message: '' },
  { seq: 6, kind: 'change.describe', change: X, message: 'm' },
  { seq: 7, kind: 'bookmark.create', name: 'main', change: ROOT },
  { seq: Number.MAX_SAFE_INTEGER, kind: 'bookmark.move', name: 'main', change: X, expected: ROOT },
];

test.each(good)('$kind ($seq) is read back from its frame', (operation) => {
  expect(parseOperation(operationFrame(operation).payload)).toEqual(operation);
});

describe('refuses with a sentence that names the value:', () => {
  const bad: [name: string, value: unknown, code: string, message: RegExp][] = [
    ['no object', [], 'INVALID_REQUEST', /Operation .* is not valid/],
    ['an unknown kind', { seq: 1, kind: 'files.delete' }, 'INVALID_REQUEST', /files\.delete/],
    ['an unknown member', { seq: 1, kind: 'change.describe', change: X, message: '', force: true }, 'INVALID_REQUEST', /force/],
    ['a fractional number', { seq: 1.5, kind: 'change.describe', change: X, message: '' }, 'INVALID_REQUEST', /whole number/],
    ['number 0', { seq: 0, kind: 'change.describe', change: X, message: '' }, 'INVALID_REQUEST', /starts at 1/],
    ['a change id of other letters', { seq: 1, kind: 'change.describe', change: 'main', message: '' }, 'INVALID_REQUEST', /"main" is not a change id/],
    ['a write to the virtual root', { seq: 1, kind: 'change.describe', change: ROOT, message: '' }, 'INVALID_REQUEST', /virtual root/],
    ['a bookmark name with a space', { seq: 1, kind: 'bookmark.create', name: 'a b', change: X }, 'INVALID_REQUEST', /"a b" cannot name a bookmark/],
    ['no edits', files(), 'INVALID_REQUEST', /at least one edit/],
    ['two targets', { seq: 1, kind: 'files', target: { change: X, bookmark: 'main' }, edits: [write] }, 'INVALID_REQUEST', /target/],
    [
      'more terms than a path has',
      files({ ...write, entry: Array(LIMITS.maxTerms + 2).fill(null) }),
      'INVALID_REQUEST',
      /1003 are too many; at most 1001 terms/,
    ],
    ['an even number of terms', files({ ...write, entry: [null, null] }), 'INVALID_REQUEST', /2 terms/],
    ['a mode git lacks', files({ ...write, entry: [{ oid: OID, mode: 0o100600 }] }), 'INVALID_REQUEST', /33152 is not a mode/],
    ['an oid in capitals', files({ ...write, entry: [{ oid: 'A'.repeat(40), mode: 0o100644 }] }), 'INVALID_REQUEST', /is not an object id/],
    ['a reserved metadata key', files({ type: 'metadata', path: 'a', set: { org: 'x' }, delete: [] }), 'INVALID_REQUEST', /read-only/],
    ['a fractional time', files({ type: 'utimes', path: 'a', mtime: 0.5 }), 'INVALID_REQUEST', /whole milliseconds/],
    [
      'a message too long',
      { seq: 1, kind: 'change.describe', change: X, message: 'm'.repeat(LIMITS.maxMessageLength + 1) },
      'INVALID_REQUEST',
      /at most 65536/,
    ],
    ...['../up', 'a/../b', './a', '/etc/passwd', 'a//b', 'a/', '.git/config', 'a/.GIT/x', 'nul\0l', '', 'lone\ud800'].map(
      (path): [string, unknown, string, RegExp] => [
        `the path ${JSON.stringify(path)}`,
        files({ ...write, path }),
        'INVALID_PATH',
        /^Operation 1 cannot write ".*": /,
      ],
    ),
    ['a rename to a bad path', files({ type: 'rename', from: 'a', to: '../a', was: entry, toWas: [null] }), 'INVALID_PATH', /"\.\.\/a"/],
    ['mkdir of the root', files({ type: 'mkdir', path: '' }), 'INVALID_PATH', /empty/],
  ];
  test.each(bad)('%s', (_name, value, code, message) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({ code, status: 400, message: expect.stringMatching(message) as string }) as Error);
  });

  test('what is no JSON', () => {
    expect(() => parseOperation(new TextEncoder().encode('{"seq":'))).toThrow(expect.objectContaining({ code: 'BAD_FRAMING' }) as Error);
  });
});

test('a header has a client id of 22 characters and nothing else', () => {
  expect(parseOpsHeader({ client: 'aZ09-_aZ09-_aZ09-_aZ09' })).toEqual({ client: 'aZ09-_aZ09-_aZ09-_aZ09' });
  for (const value of [{}, { client: 'short' }, { client: 'a'.repeat(22), extra: 1 }, { client: 5 }]) {
    expect(() => parseOpsHeader(value)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }) as Error);
  }
});
