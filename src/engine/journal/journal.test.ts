import { expect, test } from 'vitest';
import { Journal } from './journal.ts';
import { JournalError } from './medium.ts';
import { memoryDevice } from './memory.ts';
import type { JournaledOperation } from './records.ts';
import { replayRecords } from './records.ts';

const operation = (seq: number): JournaledOperation => ({ seq, payload: new TextEncoder().encode(`{"seq":${seq}}`), blobs: [], change: 'k'.repeat(32) });

/** A device whose storage can be cleared and filled, and what a new engine reads there. */
function bench(): { device: ReturnType<typeof memoryDevice>; full: { is: boolean }; kept: () => Promise<number[]> } {
  const full = { is: false };
  const device = memoryDevice({ durable: true, fault: () => (full.is ? new JournalError('QUOTA', 'there is no room') : null) });
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
