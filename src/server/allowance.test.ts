import { beforeEach, describe, expect, test } from 'vitest';
import type { WireTerms } from '../wire/operations.ts';
import { Allowance } from './allowance.ts';
import { clientId, TestBackend } from './test-support.ts';

// What one small body puts at many paths is told of at all of them, and gone into as far as an answer may.

const [X, Y, ROOT] = ['k'.repeat(32), 'l'.repeat(32), 'z'.repeat(32)];
const MIB = 1024 * 1024;
let backend: TestBackend;
let seq: number;

interface Entry {
  path: string;
  omitted_reason: string | null;
  hunks: object[] | null;
}

beforeEach(async () => {
  backend = await TestBackend.start();
  await backend.repo();
  seq = 0;
  for (const id of [X, Y]) await backend.op(clientId('b'), { seq: ++seq, kind: 'change.create', id, parents: [ROOT], message: '' });
});

/** As much text of a letter as is looked into, in long lines. */
function long(letter: string): Uint8Array {
  return new TextEncoder().encode(`${letter.repeat(1023)}\n`.repeat(1024));
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `f${String(index).padStart(3, '0')}`);

/** Writes the same at several paths of a change. */
async function put(paths: string[], entry: WireTerms, blobs: (string | Uint8Array)[], change = X): Promise<void> {
  const edits = paths.map((path) => ({ type: 'write' as const, path, was: [null], entry }));
  await backend.op(clientId('b'), { seq: ++seq, kind: 'files', target: { change }, edits }, blobs);
}

const diff = async (): Promise<{ entries: Entry[]; conflicted_entries: Entry[] }> =>
  (await backend.json<{ entries: Entry[]; conflicted_entries: Entry[] }>('GET', `/acme/app/diff?base_change_id=${ROOT}&head_change_id=${X}`)).body;

test('what is refused leaves room for what is less', () => {
  const allowance = new Allowance();
  expect(allowance.takes([MIB, MIB])).toBe(true);
  expect(allowance.takes([MIB + 1])).toBe(false);
  expect(allowance.takes(Array.from({ length: 7 }, () => MIB))).toBe(false);
  expect(allowance.takes(Array.from({ length: 6 }, () => MIB))).toBe(true);
  expect(allowance.takes([1])).toBe(false);
  expect(allowance.takes([])).toBe(true);
});

describe('a diff', () => {
  test('compares so much text, and tells of the other files without', async () => {
    await put(names(20), backend.file(long('a')), [long('a')]);
    const { entries } = await diff();
    expect(entries).toHaveLength(20);
    expect(entries.map(({ omitted_reason }) => omitted_reason)).toEqual([...Array(7).fill(null), ...Array(13).fill('file_limit')]);
    expect(entries[7]).toMatchObject({ size_bytes: MIB, hunks: null });
  });

  test('does not tell of a million lines one by one, but of the file after them', async () => {
    const lines = new Uint8Array(MIB).fill(10);
    await put(['lines'], backend.file(lines), [lines]);
    await put(['small'], backend.file('one\n'), ['one\n']);
    const { entries } = await diff();
    expect(entries).toMatchObject([
      { path: 'lines', omitted_reason: 'too_large', hunks: null },
      { path: 'small', omitted_reason: null, hunks: [{ new_lines: 1 }] },
    ]);
  });

  test('takes so many bytes of conflicts apart, and tells of the others without', async () => {
    await put(names(10), [...backend.file(long('a')), null, ...backend.file(long('b'))], [long('a'), long('b')]);
    const reasons = (await diff()).conflicted_entries.map(({ omitted_reason }) => omitted_reason);
    expect(reasons).toEqual([...Array(3).fill(null), ...Array(7).fill('too_large')]);
  });

  test('does not tell of thousands of conflicts in one file one by one', async () => {
    const texts = ['a', 'o', 'b'].map((letter) => Array.from({ length: 5_000 }, (_, line) => `${letter}${line}\n${line}\n`).join('')) as [
      string,
      string,
      string,
    ];
    const [a, o, b] = texts;
    await put(['many'], [...backend.file(a), ...backend.file(o), ...backend.file(b)], texts);
    expect((await diff()).conflicted_entries).toMatchObject([{ path: 'many', size_bytes: a.length, omitted_reason: 'too_large', hunks: [] }]);
  });
});

test('a merge that is refused describes so many bytes of conflicts', async () => {
  const paths = names(10);
  for (const [change, letter] of [[X, 'a'] as const, [Y, 'b'] as const]) {
    await put(paths, backend.file(long(letter)), [long(letter)], change);
    await backend.request('POST', '/acme/app/bookmarks', { name: letter, change_id: change });
  }
  const { status, body } = await backend.json<{ error: { details: { conflict_paths: string[]; conflicts: Entry[] } } }>('POST', '/acme/app/bookmarks/merge', {
    target: 'a',
    source: 'b',
  });
  expect(status).toBe(409);
  const { conflict_paths, conflicts } = body.error.details;
  expect(conflict_paths).toEqual(paths);
  expect(conflicts.map(({ omitted_reason }) => omitted_reason)).toEqual([...Array(3).fill(null), ...Array(7).fill('too_large')]);
});

describe('a listing', () => {
  interface Row {
    path: string;
    sha: string;
    size: number;
    is_conflicted?: true;
  }
  const list = async (): Promise<Row[]> => (await backend.json<{ entries: Row[] }>('GET', `/acme/app/content?change_id=${X}`)).body.entries;

  test('renders so many conflicts; of those beyond it tells the first side that is there', async () => {
    await put(names(310), [null, ...backend.file('base'), ...backend.file('one\n')], ['base', 'one\n']);
    const rows = await list();
    const text = new TextEncoder().encode(await backend.read('f000', X));
    expect(rows).toHaveLength(310);
    expect(rows[299]).toMatchObject({ sha: backend.core.hashObject('blob', text), size: text.length, is_conflicted: true });
    expect(rows[300]).toMatchObject({ sha: backend.file('base')[0]?.oid, size: 4, mode: '100644', is_conflicted: true });
  });

  test('renders so many bytes of them', async () => {
    await put(names(10), [...backend.file(long('a')), null, ...backend.file(long('b'))], [long('a'), long('b')]);
    const sizes = (await list()).map(({ size }) => size);
    expect(sizes.slice(0, 4).every((size) => size > 2 * MIB)).toBe(true);
    expect(sizes.slice(4)).toEqual(Array(6).fill(MIB));
  });
});
