import { makeHashing } from '../../../src/core/hash.ts';
import { loadBenchCore } from '../core.ts';
import { ratioOf } from '../harness.ts';
import type { Bench, Case, Contender, Host } from '../harness.ts';
import { serverCases } from './server.ts';

const BATCH = '10,000 blobs of 4 KiB';
const BIG = '1 blob of 64 MiB';
const CROSSOVERS = [512, 1_024, 4_096, 16_384, 32_768, 65_536, 262_144, 1_048_576];

const OURS = 'mesafs';
const LANES = 'mesafs, its own lanes';

export const bench: Bench = {
  about: 'Git ids of blobs, as 40 hexadecimal digits. Every contender hashes the header git puts before a blob too.',
  runtimes: ['node', 'chromium'],
  async *cases(host) {
    const core = await loadBenchCore(host);
    const lanes = makeHashing();
    const peers = await loadPeers(host);
    const blobs = Array.from({ length: 10_000 }, (_, index) => filled(4_096, index));
    const big = filled(64 * 2 ** 20, 1);
    yield check(BATCH, 15, [
      { name: OURS, run: () => core.hashBlobs(blobs) },
      ...(host.runtime === 'node' ? [{ name: LANES, run: (): unknown => lanes.hashBlobs(blobs) }] : []),
      { name: 'subtle, awaited', run: () => each(blobs, peers.subtle) },
      { name: 'subtle, 64 in flight', run: () => inFlight(blobs, peers.subtle) },
      ...peers.atOnce.map(({ name, id, rounds }) => ({ name, run: () => blobs.map(id), ...(rounds === undefined ? {} : { rounds }) })),
    ]);
    yield check(BIG, 8, [
      { name: OURS, run: async () => [await core.hashBlob(big)] },
      { name: 'mesafs, in pieces', run: () => [inPieces(core, big)] },
      { name: 'subtle', run: async () => [await peers.subtle(big)] },
      ...peers.atOnce.map(({ name, id, rounds }) => ({ name, run: () => [id(big)], ...(rounds === undefined ? {} : { rounds }) })),
    ]);
    for (const size of CROSSOVERS) {
      const some = Array.from({ length: Math.max(4, Math.min(500, Math.round(2 ** 22 / size))) }, (_, index) => filled(size, index));
      yield check(crossover(size), 9, [
        { name: 'core, one by one', run: () => some.map((blob) => lanes.hashObject('blob', blob)) },
        { name: 'subtle, awaited', run: () => each(some, peers.subtle) },
        ...peers.atOnce.filter(({ name }) => name === 'node:crypto').map(({ name, id }) => ({ name, run: () => some.map(id) })),
      ]);
    }
    yield* serverCases(core, filled);
  },
  targets(results, runtime) {
    const batch = results.find(({ name }) => name === BATCH)?.timings.filter(({ name }) => !name.startsWith('mesafs')) ?? [];
    const best = batch.reduce((a, b) => (b.ratio < a.ratio ? b : a));
    const big = ratioOf(results, BIG, 'subtle');
    const least = runtime === 'node' ? 1 : 2;
    const peer = runtime === 'node' ? 'node:crypto' : `the best of the peers (${best.name})`;
    const ratio = runtime === 'node' ? ratioOf(results, BATCH, 'node:crypto') : best.ratio;
    return [
      // The same computation on both sides can't be told apart by less than a twentieth.
      {
        target: `hash, ${runtime}, ${BATCH}: ≥ ${least}× as fast as ${peer}, within a twentieth`,
        measured: `${ratio.toFixed(2)}×`,
        met: ratio >= least * 0.95,
      },
      { target: `hash, ${runtime}, ${BIG}: no slower than subtle, within a twentieth`, measured: `${big.toFixed(2)}×`, met: big >= 0.95 },
    ];
  },
};

const crossover = (size: number): string => `crossover: blobs of ${size.toLocaleString('en')} bytes`;

/** A case whose contenders have to come to the same ids, which is checked once before. */
function check(name: string, rounds: number, contenders: readonly Contender[]): Case {
  let expected: string | undefined;
  const checked = contenders.map((contender): Contender => {
    let seen = false;
    const run = async (): Promise<void> => {
      const ids = await contender.run();
      if (seen) return;
      const all = String(ids);
      expected ??= all;
      if (all !== expected) throw new Error(`${contender.name} gives other ids for ${name}`);
      seen = true;
    };
    return { ...contender, run };
  });
  return { name, rounds, contenders: checked };
}

type Id = (bytes: Uint8Array<ArrayBuffer>) => string;
type LaterId = (bytes: Uint8Array<ArrayBuffer>) => Promise<string>;

/** What a bench's peers are: one that answers later, and those that answer at once. */
async function loadPeers(host: Host): Promise<{ subtle: LaterId; atOnce: { name: string; id: Id; rounds?: number }[] }> {
  const [{ createSHA1 }, { sha1 }, { bytesToHex }] = await Promise.all([
    import('hash-wasm'),
    import('@noble/hashes/legacy.js'),
    import('@noble/hashes/utils.js'),
  ]);
  const hasher = await createSHA1();
  const header = (bytes: Uint8Array): string => `blob ${bytes.length}\0`;
  const encoder = new TextEncoder();
  const atOnce: { name: string; id: Id; rounds?: number }[] = [
    { name: 'hash-wasm', id: (bytes) => hasher.init().update(header(bytes)).update(bytes).digest('hex') },
    {
      name: '@noble/hashes',
      id: (bytes) =>
        bytesToHex(
          sha1
            .create()
            .update(encoder.encode(header(bytes)))
            .update(bytes)
            .digest(),
        ),
      rounds: 4,
    },
  ];
  if (host.runtime === 'node') {
    const { createHash } = await import('node:crypto');
    atOnce.push({ name: 'node:crypto', id: (bytes) => createHash('sha1').update(header(bytes)).update(bytes).digest('hex') });
  }
  const subtle: LaterId = async (bytes) => {
    const before = encoder.encode(header(bytes));
    const whole = new Uint8Array(before.length + bytes.length);
    whole.set(before);
    whole.set(bytes, before.length);
    return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-1', whole)));
  };
  return { subtle, atOnce };
}

async function each(blobs: readonly Uint8Array<ArrayBuffer>[], id: LaterId): Promise<string[]> {
  const ids: string[] = [];
  for (const blob of blobs) ids.push(await id(blob));
  return ids;
}

async function inFlight(blobs: readonly Uint8Array<ArrayBuffer>[], id: LaterId): Promise<string[]> {
  const ids: string[] = Array.from({ length: blobs.length });
  const queue = blobs.entries();
  const work = async (): Promise<void> => {
    for (const [index, blob] of queue) ids[index] = await id(blob);
  };
  await Promise.all(Array.from({ length: 64 }, work));
  return ids;
}

function inPieces(core: { blobHasher(size: number): { update(piece: Uint8Array): void; finish(): string } }, bytes: Uint8Array): string {
  const hasher = core.blobHasher(bytes.length);
  for (let at = 0; at < bytes.length; at += 2 ** 18) hasher.update(bytes.subarray(at, at + 2 ** 18));
  return hasher.finish();
}

/** Bytes that differ from blob to blob. */
function filled(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(length / 4);
  for (let at = 0; at < words.length; at += 1) words[at] = Math.imul(at + seed, 0x9e3779b1);
  return new Uint8Array(words.buffer);
}
