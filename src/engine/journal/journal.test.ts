import { expect, test } from 'vitest';
import { Journal } from './journal.ts';
import type { Log, LogMedium } from './medium.ts';
import { JournalError } from './medium.ts';
import { memoryDevice } from './memory.ts';
import type { MemoryWrite } from './memory-log.ts';
import type { JournaledOperation } from './records.ts';
import { replayRecords } from './records.ts';

const operation = (seq: number): JournaledOperation => ({ seq, payload: new TextEncoder().encode(`{"seq":${seq}}`), blobs: [], change: 'k'.repeat(32) });

/** A device whose storage can be cleared and filled, and what a new engine reads there. */
function bench(): { device: ReturnType<typeof memoryDevice>; full: { is: boolean | 'append' }; kept: () => Promise<number[]> } {
  const full: { is: boolean | 'append' } = { is: false };
  const fault = ({ kind }: MemoryWrite): JournalError | null => (full.is === true || full.is === kind ? new JournalError('QUOTA', 'there is no room') : null);
  const device = memoryDevice({ durable: true, fault });
  const kept = async (): Promise<number[]> => replayRecords(await (await device.engine().logs('scope')).read('client')).operations.map(({ seq }) => seq);
  return { device, full, kept };
}

async function open({ device }: ReturnType<typeof bench>): Promise<Journal> {
  const engine = device.engine();
  return new Journal({ medium: await engine.logs('scope'), client: 'client', lock: () => engine.locks.steal('client') });
}

test('what was cleared away is stored anew, with what is written next', async () => {
  const place = bench();
  const journal = await open(place);
  await journal.append([operation(1), operation(2)]);
  journal.park(2, { code: 'NO', message: 'no', at: 0 });
  place.device.destroy();
  await Promise.all([journal.append([operation(3)]), journal.append([operation(4)])]);
  expect(await place.kept()).toEqual([1, 3, 4]);
  expect(journal.parked.map((parked) => parked.operation.seq)).toEqual([2]);
});

test('what was cleared away is stored anew once that is noticed, in an adopted journal too', async () => {
  const place = bench();
  const first = await open(place);
  await first.append([operation(1)]);
  await first.verify();
  place.device.destroy();
  await first.verify();
  expect(await place.kept()).toEqual([1]);
  await first.close();
  const engine = place.device.engine();
  const adopted = await Journal.adopt(await engine.logs('scope'), 'client', await engine.locks.steal('client'));
  place.device.destroy();
  await adopted?.journal.verify();
  expect(await place.kept()).toEqual([1]);
});

test('what finds no room when it is stored anew is, with the next try', async () => {
  const place = bench();
  const journal = await open(place);
  await journal.append([operation(1)]);
  place.device.destroy();
  place.full.is = true;
  await expect(journal.append([operation(2)])).rejects.toMatchObject({ code: 'QUOTA' });
  expect(await place.kept()).toEqual([]);
  place.full.is = false;
  await journal.append([operation(3)]);
  expect(await place.kept()).toEqual([1, 3]);
});

test('what failed to be kept is not in a log that was written anew for it', async () => {
  const place = bench();
  const journal = await open(place);
  await journal.append([operation(1)]);
  place.device.destroy();
  place.full.is = 'append';
  await expect(journal.append([operation(2)])).rejects.toMatchObject({ code: 'QUOTA' });
  expect(await place.kept()).toEqual([1]);
  expect(journal.has(2)).toBe(false);
});

test('what failed to be kept is taken out of a log that was cleared out with it meanwhile', async () => {
  const place = bench();
  const journal = await open(place);
  await journal.append([{ ...operation(1), payload: new Uint8Array(300_000) }]);
  await journal.append([operation(2)]);
  place.full.is = 'append';
  // The answer to the first comes in the same turn as another write.
  journal.answered([1]);
  await expect(journal.append([operation(3)])).rejects.toMatchObject({ code: 'QUOTA' });
  journal.answered([3]);
  place.full.is = false;
  await journal.verify();
  expect(await place.kept()).toEqual([2]);
});

test('what is answered while it is being kept is not kept by a later try', async () => {
  const place = bench();
  const journal = await open(place);
  place.full.is = true;
  const failing = journal.append([operation(1)]);
  journal.answered([1, 2]);
  await expect(failing).rejects.toMatchObject({ code: 'QUOTA' });
  place.full.is = false;
  await journal.append([operation(1), operation(2), operation(3)]);
  expect(await place.kept()).toEqual([3]);
});

test('what is answered is cleared out later where that could not be written', async () => {
  const place = bench();
  const journal = await open(place);
  await journal.append([operation(1), operation(2)]);
  place.full.is = true;
  journal.answered([1, 2]);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect([journal.isEmpty, journal.isSettled]).toEqual([true, false]);
  expect(await place.kept()).toEqual([1, 2]);
  await expect(journal.verify()).rejects.toMatchObject({ code: 'QUOTA' });
  place.full.is = false;
  await journal.verify();
  expect(await place.kept()).toEqual([]);
  expect(journal.isSettled).toBe(true);
});

test('what is parked is written later where that could not be done', async () => {
  const place = bench();
  const journal = await open(place);
  await journal.append([operation(1), operation(2)]);
  expect(await journal.verify()).toBe(false);
  place.full.is = true;
  journal.park(2, { code: 'NO', message: 'no', at: 0 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await place.kept()).toEqual([1, 2]);
  place.full.is = false;
  expect(await journal.verify()).toBe(true);
  expect(await place.kept()).toEqual([1]);
  expect(journal.parked).toMatchObject([{ operation: { seq: 2 } }]);
});

test('what is answered while a destroyed log is opened anew is not written to the new one', async () => {
  const place = bench();
  const journal = await open(place);
  await journal.append([operation(1)]);
  place.device.destroy();
  const appending = journal.append([operation(2)]);
  journal.answered([2]);
  await appending;
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await place.kept()).toEqual([1]);
  expect(journal.has(2)).toBe(false);
});

test('a journal that is closed stores nothing anew, and an empty one nothing at all', async () => {
  const place = bench();
  const journal = await open(place);
  await journal.append([operation(1)]);
  place.device.destroy();
  await journal.close();
  await expect(journal.append([operation(2)])).rejects.toMatchObject({ code: 'LOST' });
  await journal.verify();
  expect(await place.kept()).toEqual([]);
});

test('what is written twice at once is kept once one of the writes has kept it, whatever becomes of the other', async () => {
  const writes: PromiseWithResolvers<void>[] = [];
  let rewritten: number[] = [];
  const log: Log = {
    size: 0,
    append: () => {
      const write = Promise.withResolvers<void>();
      writes.push(write);
      return write.promise;
    },
    rewrite: async (records) => void (rewritten = replayRecords([...records]).operations.map(({ seq }) => seq)),
    verify: async () => {
      throw new JournalError('LOST', 'it was destroyed');
    },
    close: async () => undefined,
  };
  const medium: LogMedium = {
    durable: true,
    names: async () => [],
    read: async () => [],
    open: async () => log,
    remove: async () => undefined,
    close: async () => undefined,
  };
  const journal = new Journal({ medium, client: 'client', lock: async () => ({ lost: new AbortController().signal, release: () => undefined }) });
  const both = Promise.allSettled([journal.append([operation(1), operation(2)]), journal.append([operation(1), operation(3)])]);
  await new Promise((resolve) => setTimeout(resolve, 0));
  writes[0]?.resolve();
  writes[1]?.reject(new JournalError('QUOTA', 'there is no room'));
  expect((await both).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect([1, 2, 3].map((seq) => journal.has(seq))).toEqual([true, true, false]);
  // Kept already, it is not written again.
  await journal.append([operation(1)]);
  expect(writes).toHaveLength(2);
  await journal.verify().catch(() => undefined);
  expect(rewritten).toEqual([1, 2]);
});
