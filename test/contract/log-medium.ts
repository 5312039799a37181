import type { Log, LogMedium } from '../../src/engine/journal/medium.ts';
import { JournalError } from '../../src/engine/journal/medium.ts';
import type { TestFunction } from './assert.ts';
import { equal, ok } from './assert.ts';

/** Storage that several engines share. */
export interface MediumWorld {
  /** The logs under a name as one more engine sees them. */
  medium(name?: string): Promise<LogMedium>;
  /** Destroys what is stored under the default name, as a browser may; absent where that can't happen while a log is open. */
  destroy?(): Promise<void>;
  close(): Promise<void>;
}

/** Holds a medium to the guarantees of its interface. `open` gives new, empty storage. */
export function logMediumSuite(test: TestFunction, open: () => Promise<MediumWorld>): void {
  const run = (name: string, body: (world: MediumWorld) => Promise<void>): void =>
    test(name, async () => {
      const world = await open();
      try {
        await body(world);
      } finally {
        await world.close();
      }
    });
  contentTests(run);
  orderTests(run);
  sharingTests(run);
  endingTests(run);
}

type Run = (name: string, body: (world: MediumWorld) => Promise<void>) => void;

function contentTests(run: Run): void {
  run('nothing is there at first, and reading makes nothing', async (world) => {
    const medium = await world.medium();
    equal([await medium.names(), await medium.read('one')], [[], []]);
    await medium.remove('one');
    equal(await medium.names(), []);
    ok(medium.durable, 'it says that it is durable');
  });

  run('what was appended is read by another engine, byte for byte', async (world) => {
    const log = await (await world.medium()).open('one');
    const big = new Uint8Array(5_000_000).map((_, index) => index * 31);
    const view = new Uint8Array(new ArrayBuffer(100), 10, 3).fill(7);
    const records = [bytes('a'), new Uint8Array(), big, view, bytes('z')];
    await log.append(records);
    const other = await world.medium();
    equal(await other.read('one'), records);
    equal(await other.names(), ['one']);
    ok(log.size >= 5_000_000 && log.size < 5_001_000, `its size is ${log.size}`);
  });

  run('a log that was opened is there, with nothing in it', async (world) => {
    const medium = await world.medium();
    await (await medium.open('one')).close();
    equal([await medium.names(), await medium.read('one')], [['one'], []]);
    const log = await medium.open('one');
    await log.append([]);
    equal(await medium.read('one'), []);
    await log.append([bytes('a')]);
    equal(text(await medium.read('one')), ['a']);
  });

  run('logs are apart, whatever their names have in common', async (world) => {
    const medium = await world.medium();
    const names = ['a', 'a-b', 'a_b', 'A', '0', '-', 'a'.repeat(64)];
    for (const name of names) await (await medium.open(name)).append([bytes(`of ${name}`)]);
    equal((await medium.names()).toSorted(), names.toSorted());
    for (const name of names) equal(text(await medium.read(name)), [`of ${name}`]);
    equal(await (await world.medium('elsewhere')).names(), []);
  });

  run('it goes on where it ended, opened again', async (world) => {
    for (const part of ['a', 'b', 'c']) {
      const log = await (await world.medium()).open('one');
      await log.append([bytes(part), bytes(part.toUpperCase())]);
      await log.close();
    }
    equal(text(await (await world.medium()).read('one')), ['a', 'A', 'b', 'B', 'c', 'C']);
  });

  run('a rewrite replaces everything, and appending goes on after it', async (world) => {
    const medium = await world.medium();
    const log = await medium.open('one');
    await log.append([new Uint8Array(100_000), bytes('b')]);
    await log.rewrite([bytes('x'), bytes('y')]);
    ok(log.size < 1_000, `its size is ${log.size}`);
    await log.append([bytes('z')]);
    equal(text(await medium.read('one')), ['x', 'y', 'z']);
    await log.rewrite([]);
    equal(await medium.read('one'), []);
    await log.append([bytes('n')]);
    await log.rewrite([bytes('m')]);
    await log.close();
    const again = await medium.open('one');
    await again.append([bytes('n')]);
    equal(text(await medium.read('one')), ['m', 'n']);
    equal(await medium.names(), ['one']);
  });

  run('a log that was removed is gone, and can be made again', async (world) => {
    const medium = await world.medium();
    const log = await medium.open('one');
    await log.append([bytes('a')]);
    await log.rewrite([bytes('b')]);
    await log.close();
    await medium.remove('one');
    equal([await medium.names(), await medium.read('one')], [[], []]);
    const again = await medium.open('one');
    await again.append([bytes('c')]);
    equal(text(await medium.read('one')), ['c']);
  });
}

function orderTests(run: Run): void {
  run('what is appended at once is kept in order', async (world) => {
    const medium = await world.medium();
    const log = await medium.open('one');
    const settled: number[] = [];
    const appends = Array.from({ length: 200 }, async (_, index) => {
      await log.append([bytes(`${index}`), bytes(`${index}'`)]);
      settled.push(index);
    });
    await Promise.all(appends);
    equal(
      settled,
      Array.from({ length: 200 }, (_, index) => index),
    );
    equal(text(await medium.read('one')), Array.from({ length: 200 }, (_, index) => [`${index}`, `${index}'`]).flat());
  });

  run('a rewrite stands between what was appended before and after it', async (world) => {
    const medium = await world.medium();
    const log = await medium.open('one');
    await Promise.all([
      log.append([bytes('a')]),
      log.append([bytes('b')]),
      log.rewrite([bytes('x')]),
      log.append([bytes('c')]),
      log.append([bytes('d')]),
      log.rewrite([bytes('y')]),
      log.append([bytes('e')]),
    ]);
    equal(text(await medium.read('one')), ['y', 'e']);
  });

  run('what is appended is there as soon as that resolves', async (world) => {
    const log = await (await world.medium()).open('one');
    const other = await world.medium();
    for (let index = 1; index <= 50; index += 1) {
      await log.append([bytes(`${index}`)]);
      equal((await other.read('one')).length, index);
    }
  });

  run('10,000 records', async (world) => {
    const log = await (await world.medium()).open('one');
    const record = (index: number): Uint8Array => bytes(`${index}:`.padEnd(20 + (index % 50), 'x'));
    for (let start = 0; start < 10_000; start += 1_000) {
      await Promise.all(Array.from({ length: 1_000 }, (_, index) => log.append([record(start + index)])));
    }
    await log.close();
    const medium = await world.medium();
    const read = await medium.read('one');
    equal(read.length, 10_000);
    read.forEach((found, index) => equal(found, record(index)));
    const again = await medium.open('one');
    await again.append([bytes('more')]);
    equal((await medium.read('one')).length, 10_001);
  });
}

function sharingTests(run: Run): void {
  run('two read while one appends: each time a beginning, in whole groups', async (world) => {
    const log = await (await world.medium()).open('one');
    let done = false;
    const write = async (): Promise<void> => {
      for (let group = 0; group < 150; group += 1) await log.append([bytes(`${group}a`), bytes(`${group}b`), bytes(`${group}c`)]);
      done = true;
    };
    const read = async (): Promise<number> => {
      const medium = await world.medium();
      let least = 0;
      let times = 0;
      for (; !done; times += 1) {
        const found = text(await medium.read('one'));
        ok(found.length >= least && found.length % 3 === 0, `${found.length} records were read after ${least}`);
        found.forEach((record, index) => equal(record, `${Math.floor(index / 3)}${'abc'[index % 3]}`));
        least = found.length;
      }
      return times;
    };
    const [, ...times] = await Promise.all([write(), read(), read()]);
    ok(Math.min(...times) > 0, 'nobody read');
  });

  run('who reads during a rewrite finds the old or the new', async (world) => {
    const log = await (await world.medium()).open('one');
    await log.rewrite(round(0));
    let last = 0;
    const write = async (): Promise<void> => {
      for (let index = 1; index <= 40; index += 1) {
        await log.rewrite(round(index));
        last = index;
      }
    };
    const read = async (): Promise<void> => {
      const medium = await world.medium();
      while (last < 40) {
        const least = last;
        const found = text(await medium.read('one'));
        const index = Number(found[0]?.split(':')[0]);
        ok(index >= least, `round ${index} was read after ${least}`);
        equal(found, text(round(index)));
      }
    };
    await Promise.all([write(), read(), read()]);
  });

  run('a log is opened by one at a time', async (world) => {
    const medium = await world.medium();
    const log = await medium.open('one');
    await failsWith(medium.open('one'), 'BUSY');
    await failsWith(medium.remove('one'), 'BUSY');
    await log.append([bytes('a')]);
    await log.close();
    const again = await medium.open('one');
    await again.append([bytes('b')]);
    equal(text(await medium.read('one')), ['a', 'b']);
  });

  run('who has a log never loses it to another without being told', async (world) => {
    const log = await (await world.medium()).open('one');
    await log.append([bytes('a')]);
    const other = await world.medium();
    const taken = await other.open('one').catch((error: unknown) => error);
    if (taken instanceof JournalError) {
      equal(taken.code, 'BUSY');
      await log.append([bytes('b')]);
    } else {
      await failsWith(log.append([bytes('x')]), 'LOST');
      await failsWith(log.rewrite([bytes('x')]), 'LOST');
      await (taken as Log).append([bytes('b')]);
    }
    equal(text(await other.read('one')), ['a', 'b']);
  });
}

function endingTests(run: Run): void {
  run('closing waits for what is being appended, and takes nothing more', async (world) => {
    const medium = await world.medium();
    const log = await medium.open('one');
    const order: string[] = [];
    const append = log.append([bytes('a')]).then(() => order.push('appended'));
    const close = log.close().then(() => order.push('closed'));
    await failsWith(log.append([bytes('b')]), 'LOST');
    await failsWith(log.rewrite([bytes('b')]), 'LOST');
    await Promise.all([append, close, log.close()]);
    equal(order, ['appended', 'closed']);
    equal(text(await (await world.medium()).read('one')), ['a']);
    await medium.close();
    await medium.close();
  });

  run('who appends to storage that was destroyed is told', async (world) => {
    if (world.destroy === undefined) return;
    const medium = await world.medium();
    const log = await medium.open('one');
    await log.append([bytes('a')]);
    await log.verify();
    await world.destroy();
    await failsWith(log.verify(), 'LOST');
    await failsWith(log.append([bytes('b')]), 'LOST');
    await failsWith(log.append([bytes('c')]), 'LOST');
    await failsWith(log.rewrite([bytes('c')]), 'LOST');
    await log.close();
    equal(await (await world.medium()).read('one'), []);
    const again = await (await world.medium()).open('one');
    await again.append([bytes('d')]);
    equal(text(await (await world.medium()).read('one')), ['d']);
  });
}

/** The bytes of a text. */
export function bytes(content: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(content);
}

/** Records as texts. */
export function text(records: readonly Uint8Array[]): string[] {
  return records.map((record) => new TextDecoder().decode(record));
}

/** @throws Error unless the promise rejects with a JournalError of this code */
export async function failsWith(promise: Promise<unknown>, code: JournalError['code']): Promise<void> {
  const error = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!(error instanceof JournalError)) throw new Error(`expected ${code}, but got ${String(error)}`);
  equal(error.code, code, error.message);
}

function round(index: number): Uint8Array[] {
  return Array.from({ length: (index % 5) + 1 }, (_, part) => bytes(`${index}:${part}`));
}
