import type { MesaFileSystem } from '../../../src/client/file-system.ts';
import type { Bench, Contender } from '../harness.ts';
import { medianOf, ratioOf } from '../harness.ts';
import type { Task } from '../journal/bench.worker.ts';
import { askStore } from '../journal/ask.ts';
import { Tab } from './tab.ts';
import type { Server } from './tab.ts';

const COUNT = 1_000;
const BYTES = 300;
const ONE = '1,000 durable writes of 300 bytes, one by one';
const FLIGHT = '1,000 durable writes of 300 bytes, in flight';
const WARM = 'reading these 1,000 again, one by one';
const COLD = 'reading these 1,000 one by one in a worker that has just begun';
const COLD_FLIGHT = 'the same, in flight';

const MOUNT = 'mount';
/** Others, with the stores behind them and how many rounds they are given. */
const RAW_OPFS = 'a file in OPFS, flushed';
const RAW_IDB = 'idb-keyval, strict';
const LIGHTNING = 'lightning-fs, flushed';
const ZENFS = 'ZenFS on IndexedDB';
const STORES: Record<string, { store: string; rounds?: number }> = {
  [RAW_OPFS]: { store: 'raw opfs' },
  [RAW_IDB]: { store: 'idb-keyval' },
  [LIGHTNING]: { store: 'lightning-fs', rounds: 3 },
  [ZENFS]: { store: 'zenfs', rounds: 2 },
};

export const bench: Bench = {
  about:
    'A mount in a page, whose engine is in a worker and which sends to a backend over HTTP meanwhile: a write counts when the journal has it. What the others do is timed inside a worker, without a way from a page to it. lightning-fs and ZenFS cannot wait for the disk.',
  runtimes: ['chromium'],
  async *cases(host) {
    const server = await host.serve();
    const worker = new Worker(new URL('../journal/bench.worker.ts', import.meta.url), { type: 'module' });
    const others = (work: Task['work'], names: string[]): Contender[] =>
      names.map((name) => {
        const { store = name, rounds } = STORES[name] ?? {};
        return { name, run: () => askStore(worker, { store, work, count: COUNT }), ...(rounds === undefined ? {} : { rounds }) };
      });
    const writes = (work: (fs: MesaFileSystem) => Promise<unknown>): Contender => ({ name: MOUNT, run: () => inNewRepo(server, work) });
    yield { name: ONE, rounds: 5, contenders: [writes(oneByOne), ...others('one by one', [RAW_OPFS, RAW_IDB, LIGHTNING, ZENFS])] };
    yield { name: FLIGHT, rounds: 5, contenders: [writes(inFlight), ...others('in flight', [RAW_IDB])] };

    const readers = [RAW_IDB, LIGHTNING, ZENFS];
    const warm = new Tab(server);
    await warm.mesa.repos.create({ name: 'reads' });
    const fs = await warm.mount('reads');
    await inFlight(fs);
    await fs.sync.flush();
    yield { name: WARM, rounds: 5, contenders: [{ name: MOUNT, run: () => readAll(fs) }, ...others('read', readers)] };
    await warm.close();
    yield { name: COLD, rounds: 5, contenders: [{ name: MOUNT, run: () => inNewTab(server, readAll) }, ...others('read', readers)] };
    yield { name: COLD_FLIGHT, rounds: 5, contenders: [{ name: MOUNT, run: () => inNewTab(server, readAtOnce) }] };
    worker.terminate();
  },
  targets(results) {
    const lightning = ratioOf(results, ONE, LIGHTNING);
    const raw = 1 / ratioOf(results, ONE, RAW_OPFS);
    const each = (medianOf(results, FLIGHT, MOUNT) * 1_000) / COUNT;
    const warm = ratioOf(results, WARM, LIGHTNING);
    return [
      { target: 'mount, durable writes one by one: ≥ 4× as fast as lightning-fs, flushed per file', measured: times(lightning), met: lightning >= 4 },
      { target: 'mount, durable writes one by one: within 1.5× of a bare file in OPFS', measured: times(raw), met: raw <= 1.5 },
      { target: 'mount, durable writes in flight: ≤ 100 µs each', measured: `${each.toFixed(0)} µs`, met: each <= 100 },
      { target: 'mount, warm reads: ≥ 4× as fast as lightning-fs', measured: times(warm), met: warm >= 4 },
    ];
  },
};

let repos = 0;

/** Does something in the mount of an empty repo; answers the milliseconds that took. */
async function inNewRepo(server: Server, work: (fs: MesaFileSystem) => Promise<unknown>): Promise<number> {
  const tab = new Tab(server);
  try {
    const name = `writes-${(repos += 1)}`;
    await tab.mesa.repos.create({ name });
    const fs = await tab.mount(name);
    await fs.writeFile(`/acme/${name}/first`, 'The first write of a repo makes its bookmark.\n');
    await fs.sync.flush();
    const began = performance.now();
    await work(fs);
    return performance.now() - began;
  } finally {
    await tab.close();
  }
}

/** Does something in a worker that has read nothing yet; answers the milliseconds that took, without opening. */
async function inNewTab(server: Server, work: (fs: MesaFileSystem) => Promise<unknown>): Promise<number> {
  const tab = new Tab(server);
  try {
    const fs = await tab.mount('reads');
    const began = performance.now();
    await work(fs);
    return performance.now() - began;
  } finally {
    await tab.close();
  }
}

async function oneByOne(fs: MesaFileSystem): Promise<void> {
  const root = await rootOf(fs);
  for (let index = 0; index < COUNT; index += 1) await fs.writeFile(`${root}/${index}`, piece(index));
}

async function inFlight(fs: MesaFileSystem): Promise<void> {
  const root = await rootOf(fs);
  await Promise.all(Array.from({ length: COUNT }, (_, index) => fs.writeFile(`${root}/${index}`, piece(index))));
}

async function readAll(fs: MesaFileSystem): Promise<void> {
  const root = await rootOf(fs);
  for (let index = 0; index < COUNT; index += 1) await fs.readFileBuffer(`${root}/${index}`);
}

async function readAtOnce(fs: MesaFileSystem): Promise<void> {
  const root = await rootOf(fs);
  await Promise.all(Array.from({ length: COUNT }, (_, index) => fs.readFileBuffer(`${root}/${index}`)));
}

/** The only repo's path. */
async function rootOf(fs: MesaFileSystem): Promise<string> {
  return `/acme/${(await fs.readdir('/acme')).join('/')}`;
}

/** As many bytes as others keep, different in each file. */
function piece(index: number): Uint8Array {
  const bytes = new Uint8Array(BYTES).fill(index);
  new DataView(bytes.buffer).setUint32(0, index);
  return bytes;
}

function times(ratio: number): string {
  return `${ratio.toFixed(2)}×`;
}
