import type { Bench, Contender } from '../harness.ts';
import { medianOf, ratioOf } from '../harness.ts';
import { askStore } from './ask.ts';
import type { Task } from './bench.worker.ts';

const COUNT = 1_000;
const ONE = '1,000 durable writes of 300 bytes, one by one';
const FLIGHT = '1,000 durable writes of 300 bytes, in flight';
const READ = 'reading these 1,000 as one who has just come';

const OPFS = 'journal in OPFS';
const IDB = 'journal in IndexedDB';
const RAW_OPFS = 'a file in OPFS, flushed';
const RAW_IDB = 'idb-keyval, strict';
const LIGHTNING = 'lightning-fs, flushed';
const ZENFS = 'ZenFS on IndexedDB';
/** The stores behind the contenders. */
const STORES: Record<string, string> = {
  [OPFS]: 'opfs',
  [IDB]: 'idb',
  [RAW_OPFS]: 'raw opfs',
  [RAW_IDB]: 'idb-keyval',
  [LIGHTNING]: 'lightning-fs',
  [ZENFS]: 'zenfs',
};

export const bench: Bench = {
  about:
    'What a journal’s records are kept in, in a worker, with a profile on disk. Journal, raw file and idb-keyval wait for the disk at each write; lightning-fs and ZenFS cannot, and take the browser’s default.',
  runtimes: ['chromium'],
  async *cases() {
    const worker = new Worker(new URL('./bench.worker.ts', import.meta.url), { type: 'module' });
    const contender = (name: string, work: Task['work'], rounds?: number): Contender => ({
      name,
      run: () => askStore(worker, { store: STORES[name] ?? name, work, count: COUNT }),
      ...(rounds === undefined ? {} : { rounds }),
    });
    yield {
      name: ONE,
      rounds: 7,
      contenders: [
        ...[OPFS, IDB, RAW_OPFS, RAW_IDB].map((name) => contender(name, 'one by one')),
        contender(LIGHTNING, 'one by one', 3),
        contender(ZENFS, 'one by one', 2),
      ],
    };
    yield { name: FLIGHT, rounds: 7, contenders: [OPFS, IDB, RAW_IDB].map((name) => contender(name, 'in flight')) };
    yield { name: READ, rounds: 7, contenders: [OPFS, IDB, RAW_IDB, LIGHTNING].map((name) => contender(name, 'read')).concat(contender(ZENFS, 'read', 2)) };
    worker.terminate();
  },
  targets(results) {
    const lightning = ratioOf(results, ONE, LIGHTNING);
    const raw = 1 / ratioOf(results, ONE, RAW_OPFS);
    const rawIdb = ratioOf(results, ONE, IDB) / ratioOf(results, ONE, RAW_IDB);
    const each = (name: string): number => (medianOf(results, FLIGHT, name) * 1_000) / COUNT;
    const [opfs, idb] = [each(OPFS), each(IDB)];
    return [
      { target: 'journal, one by one: ≥ 4× as fast as lightning-fs, flushed per file', measured: `${lightning.toFixed(2)}×`, met: lightning >= 4 },
      { target: 'journal in OPFS, one by one: within 1.5× of a bare file', measured: `${raw.toFixed(2)}×`, met: raw <= 1.5 },
      { target: 'journal in IndexedDB, one by one: within 1.5× of idb-keyval, strict', measured: `${rawIdb.toFixed(2)}×`, met: rawIdb <= 1.5 },
      {
        target: 'journal, in flight: ≤ 100 µs each',
        measured: `${opfs.toFixed(1)} µs in OPFS, ${idb.toFixed(1)} µs in IndexedDB`,
        met: Math.max(opfs, idb) <= 100,
      },
    ];
  },
};
