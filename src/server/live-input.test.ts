import { beforeEach, describe, expect, test } from 'vitest';
import { encodeEnd, encodeFrame, encodeFrames } from '../wire/frames.ts';
import type { Frame } from '../wire/frames.ts';
import { ApiError } from '../wire/errors.ts';
import { LIMITS } from '../wire/limits.ts';
import { operationFrame } from '../wire/operations.ts';
import type { WireEdit } from '../wire/operations.ts';
import { clientId, framesOf, TestBackend } from './test-support.ts';

const A = clientId('a');
const X = 'k'.repeat(32);
const UNKNOWN = 'f'.repeat(40);
let backend: TestBackend;
let repoId: string;

beforeEach(async () => {
  backend = await TestBackend.start();
  repoId = (await backend.repo()).id;
  await backend.op(A, { seq: 1, kind: 'files', target: { bookmark: 'main', newChange: X }, edits: [backend.write('d/a', 'one')] }, ['one']);
});

const blob = (text: string, oid?: string): Frame => {
  const bytes = new TextEncoder().encode(text);
  return { type: 'object', kind: 'blob', oid: oid ?? backend.core.hashObject('blob', bytes), bytes };
};
const header: Frame = { type: 'header', value: { client: A } };
const write = (path: string, text: string, seq = 2): Frame => operationFrame({ seq, kind: 'files', target: { change: X }, edits: [backend.write(path, text)] });
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A list in a list, 200,000 deep. */
function nested(before = '', after = ''): Uint8Array {
  return new TextEncoder().encode(before + '['.repeat(200_000) + ']'.repeat(200_000) + after);
}

describe('a batch is refused whole, and the store stays as it was:', () => {
  const bad: [name: string, body: () => Uint8Array, status: number, code: string][] = [
    ['an empty body', () => new Uint8Array(0), 400, 'BAD_FRAMING'],
    ['a body that is JSON', () => new TextEncoder().encode('{"client":1}'), 400, 'BAD_FRAMING'],
    ['a body cut off', () => encodeFrames([header, write('b', 'x'), blob('x')]).subarray(0, -1), 400, 'BAD_FRAMING'],
    ['a wrong count', () => join(encodeFrame(header), encodeFrame(write('b', 'x')), encodeEnd(5)), 400, 'BAD_FRAMING'],
    ['no header', () => join(encodeFrame(write('b', 'x')), encodeEnd(1)), 400, 'BAD_FRAMING'],
    ['a header without a client', () => encodeFrames([{ type: 'header', value: {} }, write('b', 'x')]), 400, 'INVALID_REQUEST'],
    ['no operation', () => encodeFrames([header]), 400, 'INVALID_REQUEST'],
    ['an operation that is no JSON', () => encodeFrames([header, { type: 'operation', payload: new Uint8Array([0xff]) }]), 400, 'BAD_FRAMING'],
    ['operations out of order', () => encodeFrames([header, write('b', 'x', 3), write('c', 'x', 2), blob('x')]), 400, 'INVALID_REQUEST'],
    ['the same number twice', () => encodeFrames([header, write('b', 'x', 2), write('c', 'x', 2), blob('x')]), 400, 'INVALID_REQUEST'],
    ['a number that is a list without end', () => encodeFrames([header, { type: 'operation', payload: nested('{"seq":', '}') }]), 400, 'INVALID_REQUEST'],
    ['a bad path after a good operation', () => encodeFrames([header, write('b', 'x', 2), write('../c', 'x', 3), blob('x')]), 400, 'INVALID_PATH'],
    ['a path in .git', () => encodeFrames([header, write('.git/config', 'x'), blob('x')]), 400, 'INVALID_PATH'],
    ['an absolute path', () => encodeFrames([header, write('/etc/x', 'x'), blob('x')]), 400, 'INVALID_PATH'],
    ['a path with NUL', () => encodeFrames([header, write('a\0b', 'x'), blob('x')]), 400, 'INVALID_PATH'],
    ['a blob nobody sent', () => encodeFrames([header, write('b', 'never')]), 400, 'MISSING_OBJECT'],
    [
      'a blob whose bytes were altered',
      () => encodeFrames([header, write('b', 'x'), blob('y', backend.core.hashObject('blob', new TextEncoder().encode('x')))]),
      400,
      'BAD_OBJECT',
    ],
    [
      'a tree that is malformed',
      () =>
        encodeFrames([
          header,
          write('b', 'x'),
          blob('x'),
          { type: 'object', kind: 'tree', oid: backend.core.hashObject('tree', new Uint8Array([1])), bytes: new Uint8Array([1]) },
        ]),
      400,
      'BAD_OBJECT',
    ],
    [
      'a commit',
      () => encodeFrames([header, write('b', 'x'), blob('x'), { type: 'object', kind: 'commit', oid: UNKNOWN, bytes: new Uint8Array([1]) }]),
      400,
      'BAD_FRAMING',
    ],
    [
      'a blob named as a directory',
      () =>
        encodeFrames([
          header,
          operationFrame({
            seq: 2,
            kind: 'files',
            target: { change: X },
            edits: [{ type: 'write', path: 'b', was: [null], entry: backend.file('one', 0o040000) }],
          }),
        ]),
      400,
      'BAD_OBJECT',
    ],
    [
      'too many operations',
      () => encodeFrames([header, ...Array.from({ length: LIMITS.maxOps + 1 }, (_, seq) => write('b', 'x', seq + 2))]),
      413,
      'PAYLOAD_TOO_LARGE',
    ],
  ];
  test.each(bad)('%s', async (_name, body, status, code) => {
    const before = await backend.storage.head(repoId, { bookmark: 'main' });
    const answer = await backend.json<{ error: { code: string; message: string } }>('POST', '/acme/app/-/ops', body());
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect(answer.body.error.message).toMatch(/^[A-Z].*\.$/s);
    expect(await backend.storage.head(repoId, { bookmark: 'main' })).toEqual(before);
    expect(await backend.storage.client(repoId, A)).toMatchObject({ highWater: 1 });
    expect(backend.logged).toEqual([]);
  });
});

test('an operation that edits one path again and again is refused', async () => {
  const edits = Array.from({ length: 101 }, (): WireEdit => backend.write('b', 'x'));
  const operation = operationFrame({ seq: 2, kind: 'files', target: { change: X }, edits });
  const answer = await backend.json('POST', '/acme/app/-/ops', encodeFrames([header, operation, blob('x')]));
  expect(answer).toMatchObject({ status: 200, body: { results: [{ seq: 2, ok: false, error: { code: 'INVALID_REQUEST', details: { path: 'b' } } }] } });
});

describe('a tree sent along', () => {
  test('that names what is nowhere is refused', async () => {
    const bytes = backend.core.encodeTree([{ name: 'f', oid: UNKNOWN, mode: 0o100644 }]);
    const oid = backend.core.hashObject('tree', bytes);
    const copy = operationFrame({
      seq: 2,
      kind: 'files',
      target: { change: X },
      edits: [{ type: 'write', path: 'e', was: [null], entry: [{ oid, mode: 0o040000 }] }],
    });
    const answer = await backend.json('POST', '/acme/app/-/ops', encodeFrames([header, copy, { type: 'object', kind: 'tree', oid, bytes }]));
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'MISSING_OBJECT', details: { oids: [UNKNOWN] } } } });
  });

  test('that nothing puts in has to be whole too: kept as a base, it could not be read', async () => {
    const bytes = backend.core.encodeTree([{ name: 'f', oid: UNKNOWN, mode: 0o100644 }]);
    const oid = backend.core.hashObject('tree', bytes);
    const edits: WireEdit[] = [{ type: 'write', path: 'd', was: [{ oid, mode: 0o040000 }], entry: [null] }];
    const operation = operationFrame({ seq: 2, kind: 'files', target: { change: X }, edits });
    const answer = await backend.json('POST', '/acme/app/-/ops', encodeFrames([header, operation, { type: 'object', kind: 'tree', oid, bytes }]));
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'MISSING_OBJECT', details: { oids: [UNKNOWN] } } } });
    expect(await backend.storage.objects(repoId, [oid])).toEqual([]);
  });

  test('that a later edit makes again is stored', async () => {
    const named = (entries: Record<string, string>): Frame & { type: 'object' } => {
      const bytes = backend.core.encodeTree(Object.entries(entries).map(([name, text]) => ({ name, oid: oidOf(text), mode: 0o100644 })));
      return { type: 'object', kind: 'tree', oid: backend.core.hashObject('tree', bytes), bytes };
    };
    const oidOf = (text: string): string => backend.core.hashObject('blob', new TextEncoder().encode(text));
    const term = (oid: string): { oid: string; mode: number } => ({ oid, mode: 0o040000 });
    const [seen, after] = [named({ f: 'B' }), named({ f: 'B2' })];
    const fill = operationFrame({ seq: 2, kind: 'files', target: { change: X }, edits: [backend.write('q/f', 'B2'), backend.write('q/g', 'B')] });
    expect((await backend.request('POST', '/acme/app/-/ops', encodeFrames([header, fill, blob('B'), blob('B2')]))).status).toBe(200);
    const edits: WireEdit[] = [{ type: 'write', path: 'q', was: [term(seen.oid)], entry: [term(after.oid)] }, backend.write('e/f', 'B')];
    const both = operationFrame({ seq: 3, kind: 'files', target: { change: X }, edits });
    expect((await backend.request('POST', '/acme/app/-/ops', encodeFrames([header, both, seen, after, blob('B')]))).status).toBe(200);
    expect((await backend.storage.objects(repoId, [seen.oid])).map(({ oid }) => oid)).toEqual([seen.oid]);
    expect(await backend.read('e/f')).toBe('B');
  });

  test.each([
    ['.git to NTFS', 'git~1', /"git~1": .*reserved/],
    ['.git to HFS+', '.git\u200c', /reserved/],
    ['longer than names may be', 'x'.repeat(256), /255 bytes/],
    ['not UTF-8', Uint8Array.of(0x66, 0xff), /UTF-8/],
    ['cut off in a character', Uint8Array.of(0xf0, 0x9f, 0x98), /UTF-8/],
  ])('with a name that is %s is refused: no path can have it', async (_name, name, message) => {
    const { oid: file } = backend.file('one')[0] ?? { oid: '' };
    const named = typeof name === 'string' ? new TextEncoder().encode(name) : name;
    const bytes = join(new TextEncoder().encode('100644 '), named, Uint8Array.of(0, ...Buffer.from(file, 'hex')));
    const oid = backend.core.hashObject('tree', bytes);
    const edits: WireEdit[] = [{ type: 'write', path: 'e', was: [null], entry: [{ oid, mode: 0o040000 }] }];
    const operation = operationFrame({ seq: 2, kind: 'files', target: { change: X }, edits });
    const answer = await backend.json('POST', '/acme/app/-/ops', encodeFrames([header, operation, { type: 'object', kind: 'tree', oid, bytes }]));
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'BAD_OBJECT', message: expect.stringMatching(message) as string, details: { oid } } } });
    expect(await backend.storage.objects(repoId, [oid])).toEqual([]);
  });

  test('with all it names is taken', async () => {
    const bytes = backend.core.encodeTree([{ name: 'f\ufffd', oid: backend.core.hashObject('blob', new TextEncoder().encode('new')), mode: 0o100644 }]);
    const oid = backend.core.hashObject('tree', bytes);
    const copy = operationFrame({
      seq: 2,
      kind: 'files',
      target: { change: X },
      edits: [{ type: 'write', path: 'e', was: [null], entry: [{ oid, mode: 0o040000 }] }],
    });
    expect(
      (await backend.request('POST', '/acme/app/-/ops', encodeFrames([header, copy, { type: 'object', kind: 'tree', oid, bytes }, blob('new')]))).status,
    ).toBe(200);
    expect(await backend.read('e/f\ufffd')).toBe('new');
  });
});

describe('a body of 200 MB', () => {
  const length = 200 * 1024 * 1024;

  const paths = ['/acme/app/-/ops', '/acme/app/-/objects', '/acme/app/-/open', '/acme/app/changes', '/acme/repos'];
  test.each(paths)('to %s is refused by what it says', async (path) => {
    let read = 0;
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array((read += 1) && 65_536)) }, { highWaterMark: 0 });
    const answer = await backend.handler(
      new Request(`http://test/v1${path}`, {
        method: 'POST',
        body,
        duplex: 'half',
        headers: { Authorization: `Bearer ${backend.adminKey}`, 'Content-Length': String(length) },
      } as RequestInit),
    );
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: { code: 'PAYLOAD_TOO_LARGE', message: expect.stringContaining('limit') as string } });
    expect(read).toBe(0);
  });

  test.each(paths)('to %s is refused by counting, and no longer read', async (path) => {
    let sent = 0;
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          sent += 1_048_576;
          controller.enqueue(new Uint8Array(1_048_576));
          if (sent >= length) controller.close();
        },
        cancel: () => void (cancelled = true),
      },
      { highWaterMark: 0 },
    );
    const answer = await backend.handler(
      new Request(`http://test/v1${path}`, { method: 'POST', body, duplex: 'half', headers: { Authorization: `Bearer ${backend.adminKey}` } } as RequestInit),
    );
    expect(answer.status).toBe(413);
    expect([cancelled, sent <= LIMITS.maxBodyBytes + 2 * 1_048_576]).toEqual([true, true]);
  });
});

describe('objects', () => {
  test('are read one by one, each under its id', async () => {
    const oid = backend.core.hashObject('blob', new TextEncoder().encode('one'));
    const response = await backend.request('GET', `/acme/app/-/objects/${oid}`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/vnd.mesafs.blob',
      etag: `"${oid}"`,
      'cache-control': expect.stringContaining('immutable') as string,
    });
    expect(await response.text()).toBe('one');
    expect((await backend.request('GET', `/acme/app/-/objects/${oid}`, undefined, { headers: { 'If-None-Match': `"${oid}"` } })).status).toBe(304);
  });

  test('are not seen through another repo', async () => {
    await backend.repo('web');
    const oid = backend.core.hashObject('blob', new TextEncoder().encode('one'));
    expect(await backend.json('GET', `/acme/web/-/objects/${oid}`)).toMatchObject({ status: 404, body: { error: { code: 'OBJECT_NOT_FOUND' } } });
    expect(await framesOf(await backend.request('POST', '/acme/web/-/objects/batch', { oids: [oid] }))).toEqual([
      { type: 'header', value: { missing: [oid] } },
    ]);
    await expect(
      backend.op(A, { seq: 1, kind: 'files', target: { bookmark: 'main', newChange: X }, edits: [backend.write('a', 'one')] }, [], { repo: 'web' }),
    ).rejects.toMatchObject({ code: 'MISSING_OBJECT' });
  });

  test('are read many at once; those unknown are named', async () => {
    const oid = backend.core.hashObject('blob', new TextEncoder().encode('one'));
    const frames = await framesOf(await backend.request('POST', '/acme/app/-/objects/batch', { oids: [oid, UNKNOWN, oid] }));
    expect(frames).toMatchObject([
      { type: 'header', value: { missing: [UNKNOWN] } },
      { type: 'object', kind: 'blob', oid },
    ]);
  });

  test('large ones are read a few at a time, however many are asked for', async () => {
    const contents = Array.from({ length: 6 }, (_, index) => String(index).repeat(1_000_000));
    await backend.request('POST', '/acme/app/-/objects', encodeFrames([{ type: 'header', value: {} }, ...contents.map((text) => blob(text))]));
    const oids = contents.map((text) => backend.core.hashObject('blob', new TextEncoder().encode(text)));
    const read: number[] = [];
    const { objects } = backend.storage;
    backend.storage.objects = (repo, wanted) => {
      read.push(wanted.length);
      return objects.call(backend.storage, repo, wanted);
    };
    const frames = await framesOf(await backend.request('POST', '/acme/app/-/objects/batch', { oids: [...oids, ...oids] }));
    expect(frames.flatMap((frame) => (frame.type === 'object' ? frame.oid : []))).toEqual(oids);
    expect(read).toEqual([2, 2, 2]);
  });

  test('are sent ahead of the operations that name them', async () => {
    expect(await backend.json('POST', '/acme/app/-/objects', encodeFrames([{ type: 'header', value: {} }, blob('ahead')]))).toEqual({
      status: 200,
      body: { stored: 1 },
    });
    await backend.op(A, { seq: 2, kind: 'files', target: { change: X }, edits: [backend.write('b', 'ahead')] });
    expect(await backend.read('b')).toBe('ahead');
  });

  test('that are corrupt, or no blobs, are not stored, nor those sent with them', async () => {
    const good = blob('good');
    const tree: Frame = { type: 'object', kind: 'tree', oid: '4b825dc642cb6eb9a060e54bf8d69288fbee4904', bytes: new Uint8Array(0) };
    for (const [frame, code] of [
      [blob('x', UNKNOWN), 'BAD_OBJECT'],
      [tree, 'BAD_FRAMING'],
    ] as const) {
      expect(await backend.json('POST', '/acme/app/-/objects', encodeFrames([{ type: 'header', value: {} }, good, frame]))).toMatchObject({
        status: 400,
        body: { error: { code } },
      });
      expect(await backend.storage.objectInfo(repoId, [good.type === 'object' ? good.oid : ''])).toEqual([]);
    }
  });

  test.each(['x', 'F'.repeat(40), '1'])('%s is no object id', async (oid) => {
    expect(await backend.json('GET', `/acme/app/-/objects/${oid}`)).toMatchObject({ status: 400 });
    expect(await backend.json('POST', '/acme/app/-/objects/batch', { oids: [oid] })).toMatchObject({ status: 400 });
    expect(await backend.json('GET', `/acme/app/-/trees/${oid}`)).toMatchObject({ status: 400 });
  });
});

describe('trees', () => {
  test('are listed down to a depth, with the sizes of the blobs they name', async () => {
    await backend.op(A, { seq: 2, kind: 'files', target: { change: X }, edits: [backend.write('d/e/f', 'deep'), backend.write('top', 'x')] }, ['deep', 'x']);
    const root = (await backend.storage.head(repoId, { change: X }))?.change?.trees[0] ?? '';
    const one = await framesOf(await backend.request('GET', `/acme/app/-/trees/${root}`));
    expect(one).toMatchObject([
      { type: 'header', value: { truncated: false } },
      { type: 'object', kind: 'tree', oid: root },
      { type: 'sizes', sizes: [{ size: 1 }] },
    ]);
    const all = await framesOf(await backend.request('GET', `/acme/app/-/trees/${root}?depth=10`));
    expect(all.filter(({ type }) => type === 'object')).toHaveLength(3);
    const sizes = all.at(-1);
    expect(sizes?.type === 'sizes' && sizes.sizes.map(({ size }) => size).toSorted((a, b) => a - b)).toEqual([1, 3, 4]);
  });

  test.each(['depth=0', 'depth=11', 'depth=x'])('%s is refused', async (query) => {
    expect((await backend.request('GET', `/acme/app/-/trees/4b825dc642cb6eb9a060e54bf8d69288fbee4904?${query}`)).status).toBe(400);
  });

  test('unknown, or no trees, are answered 404', async () => {
    const one = backend.core.hashObject('blob', new TextEncoder().encode('one'));
    for (const oid of [UNKNOWN, one])
      expect(await backend.json('GET', `/acme/app/-/trees/${oid}`)).toMatchObject({ status: 404, body: { error: { code: 'OBJECT_NOT_FOUND' } } });
  });
});

describe('open', () => {
  const open = (body: object): Promise<Response> => backend.request('POST', '/acme/app/-/open', body);

  test('sends what the paths need, each object once and none that is known', async () => {
    const frames = await framesOf(await open({ change: X, paths: ['d/a', 'd', 'missing/x', 'd/a/x'] }));
    const kinds = frames.map((frame) => (frame.type === 'object' ? frame.kind : frame.type));
    const oids = frames.flatMap((frame) => (frame.type === 'object' ? frame.oid : []));
    expect(kinds.filter((kind) => kind === 'tree').length).toBeGreaterThanOrEqual(2);
    expect(new Set(oids).size).toBe(oids.length);
    expect(frames[0]).toMatchObject({ value: { change: X, bookmark: null } });
    expect(await framesOf(await open({ change: X, paths: ['d/a'], known: oids }))).toHaveLength(1);
  });

  test('of a large directory again and again does not list it each time', async () => {
    const edits = Array.from({ length: 20_000 }, (_, index) => backend.write(`large/file ${index}`, 'one'));
    await backend.op(A, { seq: 2, kind: 'files', target: { change: X }, edits }, ['one']);
    const frames = await framesOf(await open({ change: X, paths: Array.from({ length: 1_000 }, () => 'large') }));
    expect(frames.filter((frame) => frame.type === 'object' && frame.kind === 'tree' && frame.bytes.length > 500_000)).not.toEqual([]);
  }, 15_000);

  test('leaves out blobs over 1 MiB', async () => {
    const big = 'x'.repeat(LIMITS.openBlobBytes + 1);
    await backend.op(A, { seq: 2, kind: 'files', target: { change: X }, edits: [backend.write('big', big)] }, [big]);
    const frames = await framesOf(await open({ paths: ['big', 'd/a'] }));
    const blobs = frames.flatMap((frame) => (frame.type === 'object' && frame.kind === 'blob' ? frame.bytes.length : []));
    expect(blobs).toContain(3);
    expect(Math.max(...blobs)).toBeLessThanOrEqual(LIMITS.openBlobBytes);
  });

  test.each([
    [{ paths: ['../x'] }, 400, 'INVALID_PATH'],
    [{ paths: 'x' }, 400, 'INVALID_REQUEST'],
    [{}, 400, 'INVALID_REQUEST'],
    [{ paths: [], change: 'main' }, 400, 'INVALID_REQUEST'],
    [{ paths: [], change: 'm'.repeat(32) }, 404, 'CHANGE_NOT_FOUND'],
    [{ paths: [], bookmark: 'nowhere' }, 404, 'BOOKMARK_NOT_FOUND'],
    [{ paths: [], known: ['x'] }, 400, 'INVALID_REQUEST'],
  ])('%j is answered %i %s', async (body, status, code) => {
    const response = await open(body);
    expect({ status: response.status, body: await response.json() }).toMatchObject({ status, body: { error: { code } } });
  });
});

describe('every answer', () => {
  test('lets any origin read it', async () => {
    for (const path of ['/whoami', '/acme/app/-/capabilities', '/acme/nowhere', '/nothing/at/all/here']) {
      expect((await backend.request('GET', path)).headers.get('access-control-allow-origin')).toBe('*');
    }
    const preflight = await backend.handler(
      new Request('http://test/v1/acme/app/-/ops', {
        method: 'OPTIONS',
        headers: { Origin: 'https://ide.example', 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization,content-type' },
      }),
    );
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-max-age': '86400',
      'access-control-allow-headers': expect.stringMatching(/Authorization.*Content-Type.*Accept.*Last-Event-ID.*X-Mesa-User-Agent/) as string,
      'access-control-allow-methods': expect.stringMatching(/PATCH/) as string,
    });
    expect((await backend.request('GET', '/whoami')).headers.get('access-control-expose-headers')).toContain('ETag');
  });

  test('to what is not there says so', async () => {
    expect(await backend.json('GET', '/acme/app/nothing')).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
    expect(await backend.json('GET', '/acme/nowhere/content')).toMatchObject({ status: 404, body: { error: { code: 'REPO_NOT_FOUND' } } });
    expect(await backend.json('PUT', '/acme/app')).toMatchObject({ status: 404 });
  });

  test('to broken JSON says so', async () => {
    const response = await backend.request('POST', '/acme/repos', new TextEncoder().encode('{"name":'));
    expect({ status: response.status, body: await response.json() }).toMatchObject({ status: 400, body: { error: { code: 'INVALID_REQUEST' } } });
  });

  test.each([
    ['as a list', () => nested()],
    ['in a member', () => nested('{"name":', '}')],
    ['in a tag', () => nested('{"tags":{"a":', '}}')],
  ])('to JSON nested without end, %s, says so', async (_name, body) => {
    const response = await backend.request('POST', '/acme/repos', body());
    expect({ status: response.status, body: await response.json() }).toMatchObject({ status: 400, body: { error: { code: 'INVALID_REQUEST' } } });
  });

  test.each(['__proto__', 'constructor'])('to a tag or metadata named %s says that it would get lost', async (name) => {
    const tags = new TextEncoder().encode(`{"name":"new","tags":{"${name}":"x"}}`);
    expect((await backend.request('POST', '/acme/repos', tags)).status).toBe(400);
    const set = JSON.parse(`{"${name}":"x"}`) as Record<string, string>;
    const edit: WireEdit = { type: 'metadata', path: 'a', set, delete: [] };
    const batch = encodeFrames([header, operationFrame({ seq: 2, kind: 'files', target: { change: X }, edits: [edit] })]);
    const answer = await backend.json('POST', '/acme/app/-/ops', batch);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'INVALID_REQUEST', message: expect.stringContaining(name) as string } } });
  });

  test('to a body that breaks off is the fault of who sent it', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new TypeError('the other end is gone')) });
    const init = { method: 'POST', headers: { Authorization: `Bearer ${backend.adminKey}` }, body, duplex: 'half' } as RequestInit;
    const response = await backend.handler(new Request('http://test/v1/acme/app/-/ops', init));
    expect({ status: response.status, body: await response.json() }).toMatchObject({ status: 400, body: { error: { code: 'BAD_FRAMING' } } });
    expect(backend.logged).toEqual([]);
  });

  test('while the server shuts down says when to come again', async () => {
    await backend.op(A, { seq: 2, kind: 'files', target: { change: X }, edits: [backend.write('b', 'x')] }, ['x']);
    const writing = backend.op(A, { seq: 3, kind: 'files', target: { change: X }, edits: [backend.write('c', 'x')] }, ['x']);
    await Promise.all([writing, backend.handler.close()]).catch(() => undefined);
    const late = await backend.request('POST', '/acme/app/changes', { base_change_id: X });
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1']);
  });

  test('is to be had while nothing can be written, but for writes: those are told when to come again, and the log hears of it', async () => {
    const full = (): Promise<never> => Promise.reject(new ApiError('UNAVAILABLE', 'The disk is full.', undefined, new Error('SQLITE_FULL')));
    Object.assign(backend.storage, { updateKey: full, commit: full });
    backend.clock.advance(120_000);
    expect(await backend.read('d/a')).toBe('one');
    const late = await backend.request('POST', '/acme/app/changes', { base_change_id: X });
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1']);
    expect(backend.logged).toEqual([expect.objectContaining({ message: 'The disk is full.' })]);
  });

  test('to a failure nobody expected carries a trace id and nothing of its inside', async () => {
    backend.storage.orgBySlug = undefined as never;
    backend.storage.repoByName = () => Promise.reject(new Error('a secret of the inside'));
    const { status, body } = await backend.json<{ error: { code: string; trace_id: string } }>('GET', '/acme/app');
    expect({ status, body }).toMatchObject({ status: 500, body: { error: { code: 'INTERNAL_ERROR', trace_id: expect.stringMatching(/^trace_/) as string } } });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(backend.logged).toHaveLength(1);
  });
});

test('capabilities tell the limits and the epoch', async () => {
  expect((await backend.json('GET', '/acme/app/-/capabilities')).body).toEqual({
    version: 1,
    live: true,
    epoch: 'epoch-1',
    limits: { maxBodyBytes: 67_108_864, maxBlobBytes: 33_554_432, maxOps: 1000, maxFrameBytes: 33_554_452, openBlobBytes: 1_048_576 },
  });
});
