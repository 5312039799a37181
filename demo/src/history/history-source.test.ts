import { expect, test } from 'vitest';
import { historySource, type HistoryClient } from './history-source.ts';

const place = { org: 'acme', repo: 'app', bookmark: 'main' };

/** A client that answers one call, and tells what it was asked. */
function client(answer: (args: unknown) => unknown): HistoryClient {
  const call = (args: unknown): Promise<never> => Promise.resolve().then(() => answer(args) as never);
  return { changes: { list: call, get: call }, diffs: { get: call }, content: { get: call } };
}

const version = { id: 'k'.repeat(32), commit: '', message: '', author: '', at: 0, parents: ['l'.repeat(32), 'm'.repeat(32)], conflicted: false, empty: false };

test('files are told against the first parent, by path, those in conflict among them', async () => {
  let asked: unknown;
  const source = historySource(
    client((args) => {
      asked = args;
      return {
        entries: [
          { path: 'c', old_path: 'a', status: 'renamed' },
          { path: 'a', old_path: null, status: 'deleted' },
        ],
        conflicted_entries: [{ path: 'b' }],
        truncated: true,
      };
    }),
    place,
  );
  expect(await source.files(version)).toEqual({
    files: [
      { path: 'a', from: null, status: 'deleted' },
      { path: 'b', from: null, status: 'conflicted' },
      { path: 'c', from: 'a', status: 'renamed' },
    ],
    truncated: true,
  });
  expect(asked).toEqual({ org: 'acme', repo: 'app', base_change_id: 'l'.repeat(32), head_change_id: version.id });
});

test('a file is read with its bytes; what is no file is not there', async () => {
  const file = { type: 'file', mode: '100755', content: btoa('\0é'), is_conflicted: true };
  expect(
    await historySource(
      client(() => file),
      place,
    ).read('a', version.id),
  ).toEqual({
    bytes: Uint8Array.of(0, 0xe9),
    kind: 'file',
    executable: true,
    conflicted: true,
  });
  expect(
    await historySource(
      client(() => ({ type: 'dir' })),
      place,
    ).read('a', version.id),
  ).toBeNull();
  const refused = (status: number) =>
    client(() => {
      throw Object.assign(new Error('refused'), { status });
    });
  expect(await historySource(refused(404), place).read('a', version.id)).toBeNull();
  await expect(historySource(refused(500), place).read('a', version.id)).rejects.toThrow('refused');
});
