import type { CheckedSha1 } from '../../src/core/checked.ts';
import { CROSSOVER } from '../../src/core/hash.ts';
import type { Core } from '../../src/core/load.ts';
import { concatBytes } from '../../src/wire/bytes.ts';
import type { ErrorBody } from '../../src/wire/errors.ts';
import { encodeFrames, FRAMES_TYPE } from '../../src/wire/frames.ts';
import type { Frame } from '../../src/wire/frames.ts';
import { operationFrame } from '../../src/wire/operations.ts';
import { equal, ok } from './assert.ts';
import type { TestFunction } from './assert.ts';
import { SHAMBLES, SHATTERED } from './collisions.ts';
import { blob, reference } from './hashing.ts';
import { InProcess, noBash } from './in-process.ts';
import { openWorld } from './world.ts';
import type { World } from './world.ts';

const [FIRST] = SHATTERED;

/** SHA-1 that tells attacks, and a server that refuses what it tells of. */
export function checkedSuite(test: TestFunction, load: () => Promise<{ core: Core; checked: CheckedSha1 }>): void {
  test('attacks on SHA-1: both of two inputs that collide are told, and their digest is the one that collides', async () => {
    const { checked } = await load();
    const digest = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
      Array.from(new Uint8Array(await crypto.subtle.digest('SHA-1', bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');
    for (const [one, other] of [SHATTERED, SHAMBLES]) {
      ok(
        one.some((byte, at) => byte !== other[at]),
        'they are not the same',
      );
      const oid = await digest(one);
      equal(await digest(other), oid);
      equal(
        [checked('', one), checked('', other)],
        [oid, oid].map((same) => ({ oid: same, attacked: true })),
      );
      // Wherever it is in what is hashed, as long as nothing before it changes.
      equal(checked('', concatBytes([one, blob(300_000)])).attacked, true);
      equal(checked('', one.subarray(0, 192)).attacked, false, 'the attack is not there yet');
      equal(checked('', concatBytes([blob(64), one])).attacked, false, 'it is none after other bytes');
    }
  });

  test('attacks on SHA-1: ids of blobs of every length are those of the platform', async () => {
    const { checked } = await load();
    const edges = [262_135, 262_144, 262_145, 700_001, CROSSOVER.subtle];
    for (const length of [...Array.from({ length: 140 }, (_, index) => index), ...edges]) {
      equal(checked(`blob ${length}\0`, blob(length)), { oid: await reference(blob(length)), attacked: false }, `${length} bytes`);
    }
  });

  const open = async (checked: CheckedSha1, core: Core): Promise<World> => openWorld(() => InProcess.start(core, noBash, null, true, { checked }));

  test('attacks on SHA-1: files that collide as files are blobs of their own, and are taken', async () => {
    const { core, checked } = await load();
    const world = await open(checked, core);
    try {
      const files = [...SHATTERED, ...SHAMBLES];
      for (const [index, bytes] of files.entries()) await world.fs.writeFile(world.at(`f${index}`), bytes);
      const peer = await world.peer();
      for (const [index, bytes] of files.entries()) equal(await peer.readFileBuffer(world.at(`f${index}`)), bytes);
      const versions = await Promise.all(files.map(async (_, index) => (await peer.stat(world.at(`f${index}`))).version));
      equal(new Set(versions).size, files.length);
    } finally {
      await world.close();
    }
  });

  // Nobody has made objects of git that collide. Here the server hashes as git does and looks for attacks where the public ones are: without the header.
  const withoutHeader =
    (checked: CheckedSha1): CheckedSha1 =>
    (header, bytes) => ({ oid: checked(header, bytes).oid, attacked: checked('', bytes).attacked });

  test('attacks on SHA-1: a server takes none in, whichever way it comes', async () => {
    const { core, checked } = await load();
    const world = await open(withoutHeader(checked), core);
    try {
      const { backend, mesa } = world;
      await world.fs.writeFile(world.at('good'), 'good');
      const main = (await mesa.bookmarks.get({ repo: 'app', bookmark: 'main' })).change_id;
      const oid = core.hashObject('blob', FIRST);
      const base64 = btoa(String.fromCharCode(...FIRST));
      const files = [{ path: 'bad', content: base64 }];
      const author = { name: 'Test', email: 'test@example.com' };
      const header: Frame = { type: 'header', value: { client: 'a'.repeat(22) } };
      const object: Frame = { type: 'object', kind: 'blob', oid, bytes: FIRST };
      const edit = { type: 'write' as const, path: 'bad', was: [null], entry: [{ oid, mode: 0o100644 }], mtime: 0 };
      const operation = operationFrame({ seq: 1, kind: 'files', target: { change: main }, edits: [edit] });
      const ways: [what: string, method: string, path: string, body: Uint8Array<ArrayBuffer> | object][] = [
        ['objects, as an import sends them', 'POST', '-/objects', encodeFrames([header, object])],
        ['operations', 'POST', '-/ops', encodeFrames([header, operation, object])],
        ['a new change', 'POST', 'changes', { base_change_id: main, message: 'bad', author, files }],
        ['a patch', 'PATCH', `changes/${main}`, { files }],
        ['a resolution', 'PATCH', `changes/${main}`, { resolutions: [{ path: 'both', content: base64 }] }],
      ];
      for (const [what, method, path, body] of ways) {
        const { status, body: answer } = await send(backend, method, path, body);
        const { code, message, details } = (answer as ErrorBody).error;
        equal({ status, code, details }, { status: 400, code: 'BAD_OBJECT', details: { oid, attack: true } }, what);
        ok(
          message.includes(oid) && message.includes('SHA-1') && message.includes('archive'),
          `${what}: it does not name the object and what to do: ${message}`,
        );
      }
      equal((await send(backend, 'GET', `-/objects/${oid}`)).status, 404, 'nothing was kept of it');
      equal(await world.fs.readFile(world.at('good')), 'good');
    } finally {
      await world.close();
    }
  });

  test('attacks on SHA-1: a mount tells who wrote one, and its other writes go on', async () => {
    const { core, checked } = await load();
    const world = await open(withoutHeader(checked), core);
    try {
      const { fs } = world;
      const writes = [fs.writeFile(world.at('one'), '1'), fs.writeFile(world.at('bad'), FIRST), fs.writeFile(world.at('two'), '2')];
      const [one, bad, two] = await Promise.allSettled(writes);
      equal([one?.status, bad?.status, two?.status], ['fulfilled', 'rejected', 'fulfilled']);
      const reason: unknown = bad?.status === 'rejected' ? bad.reason : null;
      ok(reason instanceof Error && reason.message.includes('SHA-1') && reason.message.includes('archive'), `it says ${String(reason)}`);
      const peer = await world.peer();
      equal((await peer.readdir(world.root)).toSorted(), ['one', 'two']);
      equal(await fs.exists(world.at('bad')), false);
    } finally {
      await world.close();
    }
  });

  test('attacks on SHA-1: what the server makes of harmless bytes is looked at too', async () => {
    const { core, checked } = await load();
    const attack = 'A\nb\nc\nd\nE\n';
    const world = await open((header, bytes) => ({ oid: checked(header, bytes).oid, attacked: new TextDecoder().decode(bytes) === attack }), core);
    try {
      const { fs, backend, mesa } = world;
      const encoder = new TextEncoder();
      const termsOf = (text: string): { oid: string; mode: number }[] => [{ oid: core.hashObject('blob', encoder.encode(text)), mode: 0o100644 }];
      await fs.writeFile(world.at('f'), 'a\nb\nc\nd\ne\n');
      const main = (await mesa.bookmarks.get({ repo: 'app', bookmark: 'main' })).change_id;
      const write = async (client: string, text: string): Promise<{ status: number; body: unknown }> => {
        const edit = { type: 'write' as const, path: 'f', was: termsOf('a\nb\nc\nd\ne\n'), entry: termsOf(text), mtime: 0 };
        const object: Frame = { type: 'object', kind: 'blob', oid: termsOf(text)[0]?.oid ?? '', bytes: encoder.encode(text) };
        const operation = operationFrame({ seq: 1, kind: 'files', target: { change: main }, edits: [edit] });
        return send(backend, 'POST', '-/ops', encodeFrames([{ type: 'header', value: { client: client.repeat(22) } }, operation, object]));
      };
      equal((await write('a', 'A\nb\nc\nd\ne\n')).status, 200);
      for (let round = 0; round < 2; round += 1) {
        const merged = await write('b', 'a\nb\nc\nd\nE\n');
        equal({ status: merged.status, code: (merged.body as ErrorBody).error.code }, { status: 400, code: 'BAD_OBJECT' });
        equal((await send(backend, 'GET', `-/objects/${termsOf(attack)[0]?.oid ?? ''}`)).status, 404, 'nothing was kept of it');
      }
      // The repo goes on, with what was next to it too.
      equal((await write('c', 'a\nb\nc\nD\nE\n')).status, 200);
      equal(await (await world.peer()).readFile(world.at('f')), 'A\nb\nc\nD\nE\n');
    } finally {
      await world.close();
    }
  });
}

async function send(backend: InProcess, method: string, path: string, body?: Uint8Array<ArrayBuffer> | object): Promise<{ status: number; body: unknown }> {
  const isBytes = body instanceof Uint8Array;
  const response = await backend.fetch(
    new Request(`http://backend.test/v1/acme/app/${path}`, {
      method,
      headers: { Authorization: `Bearer ${backend.adminKey}`, ...(body === undefined ? {} : { 'Content-Type': isBytes ? FRAMES_TYPE : 'application/json' }) },
      body: body === undefined ? null : isBytes ? body : JSON.stringify(body),
    }),
  );
  const text = await response.text();
  return { status: response.status, body: response.headers.get('Content-Type')?.includes('json') === true ? JSON.parse(text) : text };
}
