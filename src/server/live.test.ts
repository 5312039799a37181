import { beforeEach, expect, test } from 'vitest';
import { VIRTUAL_ROOT_CHANGE_ID, ZERO_OID, EMPTY_TREE_OID } from '../base/ids.ts';
import { clientId, framesOf, SseReader, TestBackend } from './test-support.ts';

const A = clientId('a');
const B = clientId('b');
const X = 'k'.repeat(32);
const Y = 'l'.repeat(32);
let backend: TestBackend;

beforeEach(async () => {
  backend = await TestBackend.start();
  await backend.repo();
});

test('an empty repo opens at the virtual root', async () => {
  const [header, ...objects] = await framesOf(await backend.request('POST', '/acme/app/-/open', { paths: [] }));
  expect(header).toMatchObject({
    type: 'header',
    value: { org: 'acme', repo: 'app', bookmark: 'main', change: VIRTUAL_ROOT_CHANGE_ID, commit: ZERO_OID, trees: [EMPTY_TREE_OID], side: null, repoSeq: 0 },
  });
  expect(objects).toMatchObject([{ type: 'object', kind: 'tree', oid: EMPTY_TREE_OID }]);
});

test('the first write names the bookmark and is read back', async () => {
  const result = await backend.op(A, { seq: 1, kind: 'files', target: { bookmark: 'main', newChange: X }, edits: [backend.write('a/b.txt', 'hello')] }, [
    'hello',
  ]);
  expect(result).toMatchObject({ outcome: 'applied', change: X, paths: ['a/b.txt'] });
  const frames = await framesOf(await backend.request('POST', '/acme/app/-/open', { paths: ['a/b.txt'] }));
  expect(frames[0]).toMatchObject({ value: { change: X, commit: result.commit, trees: result.trees, side: result.side } });
  const blob = frames.find((frame) => frame.type === 'object' && frame.kind === 'blob' && new TextDecoder().decode(frame.bytes) === 'hello');
  expect(blob).toBeDefined();
});

test('a second first-writer joins the change of the first', async () => {
  await backend.op(A, { seq: 1, kind: 'files', target: { bookmark: 'main', newChange: X }, edits: [backend.write('a', '1')] }, ['1']);
  const second = await backend.op(B, { seq: 1, kind: 'files', target: { bookmark: 'main', newChange: Y }, edits: [backend.write('b', '2')] }, ['2']);
  expect(second).toMatchObject({ change: X, outcome: 'applied' });
});

test('a change event reaches the room after the write', async () => {
  const { change } = await backend.op(A, { seq: 1, kind: 'files', target: { bookmark: 'main', newChange: X }, edits: [backend.write('a', '1')] }, ['1']);
  const events = new SseReader(await backend.request('GET', `/acme/-/events?room=app/${change}`));
  expect(await events.next()).toMatchObject({ event: 'ready' });
  const result = await backend.op(B, { seq: 1, kind: 'files', target: { change }, edits: [backend.write('a', '2', '1')] }, ['2']);
  expect(await events.next()).toMatchObject({
    event: 'change',
    data: {
      repo: 'app',
      change,
      commit: result.commit,
      trees: result.trees,
      repoSeq: result.repoSeq,
      origin: { client: B, seq: 1 },
      paths: [{ path: 'a', recursive: false }],
    },
  });
});
