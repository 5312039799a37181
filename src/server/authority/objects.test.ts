import { beforeEach, expect, test } from 'vitest';
import type { Operation } from '../../wire/operations.ts';
import { clientId, TestBackend } from '../test-support.ts';
import { RepoObjects } from './objects.ts';

// What a write brings along is kept when the write is accepted, and let go of when it is not.

const [A, B] = [clientId('a'), clientId('b')];
const X = 'k'.repeat(32);
let backend: TestBackend;
let repo: string;
let seq: number;

beforeEach(async () => {
  backend = await TestBackend.start();
  repo = (await backend.repo()).id;
  seq = 0;
});

type Files = Extract<Operation, { kind: 'files' }>;
const files = (...edits: Files['edits']): Files => ({ seq: ++seq, kind: 'files', target: { change: X }, edits });
const oidOf = (text: string): string => backend.core.hashObject('blob', new TextEncoder().encode(text));

/** Makes the change X on main with one file. */
async function begin(content: string): Promise<void> {
  const edits = [backend.write('a', content)];
  await backend.op(A, { seq: ++seq, kind: 'files', target: { bookmark: 'main', newChange: X }, edits }, [content]);
}

test('a request that is refused leaves nothing behind, now or with the next one that is accepted', async () => {
  await begin('1\n');
  const wrong = [
    { path: 'b', content: btoa('refused\n') },
    { path: 'c', content: 'no base64' },
  ];
  expect((await backend.request('PATCH', `/acme/app/changes/${X}`, { files: wrong })).status).toBe(400);
  expect((await backend.request('PATCH', `/acme/app/changes/${X}`, { files: [{ path: 'b', content: btoa('accepted\n') }] })).status).toBe(200);
  expect((await backend.storage.objectInfo(repo, [oidOf('refused\n'), oidOf('accepted\n')])).map(({ oid }) => oid)).toEqual([oidOf('accepted\n')]);
});

test('what was read for a write that was refused is stored when it comes about in another way', async () => {
  await begin('1\n2\n3\n4\n5\n');
  const [left, both, right] = ['one\n2\n3\n4\n5\n', 'one\n2\n3\n4\nfive\n', '1\n2\n3\n4\nfive\n'];
  await backend.op(A, files(backend.write('a', left, '1\n2\n3\n4\n5\n')), [left]);
  const sides = Array.from({ length: 501 }, (_, side) => `${side}\n`);
  const full = sides.flatMap((side, index) => (index === 0 ? backend.file(side) : [...backend.file(left), ...backend.file(side)]));
  await backend.op(A, files({ type: 'write', path: 'full', was: [null], entry: full }), sides);
  // It has lost a race, so its content is looked into; what it is refused for is another file.
  const lost = [backend.write('a', both, '1\n2\n3\n4\n5\n'), backend.write('full', 'one more\n', left)];
  const { results } = await backend.ops(B, [files(...lost)], [both, 'one more\n']);
  expect(results).toMatchObject([{ ok: false }]);
  expect(await backend.op(A, files(backend.write('a', right, '1\n2\n3\n4\n5\n')), [right])).toMatchObject({ outcome: 'merged' });
  expect(await backend.read('a')).toBe(both);
});

test('what is kept since a mark is let go of, and nothing else', async () => {
  const objects = new RepoObjects(backend.core, backend.storage, repo);
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  objects.addBlob(bytes('before'));
  const mark = objects.mark();
  objects.addBlob(bytes('before'));
  objects.addBlob(bytes('since'));
  objects.drop(mark);
  expect(objects.pending().map(({ oid }) => oid)).toEqual([oidOf('before')]);
  objects.drop(0);
  expect(objects.pending()).toEqual([]);
  objects.close();
});
