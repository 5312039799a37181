import { systemEnv } from '../../../src/base/env.ts';
import { loadChecked } from '../../../src/core/checked.ts';
import type { CheckedSha1 } from '../../../src/core/checked.ts';
import type { Core } from '../../../src/core/load.ts';
import { bootstrapOrg } from '../../../src/server/bootstrap.ts';
import { createHandler } from '../../../src/server/handler.ts';
import { memoryStorage } from '../../../src/server/storage/memory.ts';
import { encodeFrames, FRAMES_TYPE } from '../../../src/wire/frames.ts';
import { operationFrame } from '../../../src/wire/operations.ts';
import type { Case } from '../harness.ts';

/** Sizes of blobs, and how many operations one round makes. */
const SIZES: readonly [name: string, bytes: number, operations: number][] = [
  ['4 KiB', 4_096, 100],
  ['64 KiB', 65_536, 40],
  ['16 MiB', 2 ** 24, 1],
];
const BYTES = 2 ** 24;
const CHANGE = 'k'.repeat(32);

/** What it costs a server to tell attacks on SHA-1: on the ids alone, and on the whole of an accepted operation. */
export async function* serverCases(core: Core, filled: (length: number, seed: number) => Uint8Array<ArrayBuffer>): AsyncGenerator<Case> {
  const checked = await loadChecked();
  for (const [name, size] of SIZES) {
    const blobs = Array.from({ length: BYTES / size }, (_, index) => filled(size, index));
    yield {
      name: `server: ids of 16 MiB in blobs of ${name}`,
      rounds: 9,
      contenders: [
        { name: 'attacks told', run: () => blobs.map((blob) => checked(`blob ${blob.length}\0`, blob).oid) },
        { name: 'attacks not told', run: () => core.hashBlobs(blobs) },
      ],
      facts: () => ({ MB: BYTES / 1e6 }),
    };
  }
  for (const [name, size, operations] of SIZES) {
    const contents: [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>] = [filled(size, 1), filled(size, 2)];
    const trusting: CheckedSha1 = (header, bytes) => ({
      oid: core.hashObject(header.startsWith('tree') ? 'tree' : header.startsWith('commit') ? 'commit' : 'blob', bytes),
      attacked: false,
    });
    yield {
      name: `server: accepted operations with a blob of ${name}, in memory`,
      rounds: 9,
      contenders: [
        { name: 'attacks told', run: await writer(core, checked, contents, operations) },
        { name: 'attacks not told', run: await writer(core, trusting, contents, operations) },
      ],
      facts: () => ({ operations }),
    };
  }
}

/** Makes a server whose file, one of a hundred in its directory, is given one content after the other, each by an operation of its own. */
async function writer(core: Core, checked: CheckedSha1, contents: readonly Uint8Array<ArrayBuffer>[], operations: number): Promise<() => Promise<void>> {
  const env = systemEnv();
  const storage = memoryStorage('epoch');
  const { adminKey } = await bootstrapOrg(storage, env, 'acme');
  const handler = await createHandler({ core, storage, env, checked });
  const send = async (path: string, body: Uint8Array | string): Promise<void> => {
    const type = typeof body === 'string' ? 'application/json' : FRAMES_TYPE;
    const init = { method: 'POST', headers: { Authorization: `Bearer ${adminKey ?? ''}`, 'Content-Type': type }, body: body as BodyInit };
    const response = await handler(new Request(`http://bench.test/v1/acme/${path}`, init));
    if (!response.ok) throw new Error(await response.text());
  };
  await send('repos', '{"name":"app"}');
  const blobs = contents.map((bytes) => ({ type: 'object' as const, kind: 'blob' as const, oid: core.hashObject('blob', bytes), bytes }));
  let seq = 0;
  const write = async (paths: string[], was: number | null, now: number): Promise<void> => {
    const terms = (which: number | null): { oid: string; mode: number }[] | [null] =>
      which === null ? [null] : [{ oid: blobs[which % 2]?.oid ?? '', mode: 0o100644 }];
    const edits = paths.map((path) => ({ type: 'write' as const, path, was: terms(was), entry: terms(now), mtime: now }));
    const target = was === null ? { bookmark: 'main', newChange: CHANGE } : { change: CHANGE };
    const blob = blobs[now % 2];
    if (blob === undefined) throw new Error('there are two contents');
    const operation = operationFrame({ seq: (seq += 1), kind: 'files', target, edits });
    await send('app/-/ops', encodeFrames([{ type: 'header', value: { client: 'a'.repeat(22) } }, operation, blob]));
  };
  await write(
    Array.from({ length: 100 }, (_, index) => `src/lib/file-${index}`),
    null,
    0,
  );
  let count = 0;
  return async () => {
    for (let made = 0; made < operations; made += 1) {
      await write(['src/lib/file-50'], count, count + 1);
      count += 1;
    }
  };
}
