import { expect, test } from 'vitest';
import { Journals } from '../../../src/engine/journal/journals.ts';
import type { LogMedium } from '../../../src/engine/journal/medium.ts';
import { encodeGroup } from '../../../src/engine/journal/opfs-groups.ts';
import { encodeRecord } from '../../../src/engine/journal/records.ts';
import type { JournaledOperation } from '../../../src/engine/journal/records.ts';
import { browserDevice } from '../../../src/runtime/browser-device.ts';

const operation: JournaledOperation = { seq: 1, payload: new Uint8Array([1, 2, 3]), blobs: [], change: 'k'.repeat(32) };

/** A journal as an engine in a worker leaves it in the origin's private file system. */
async function leave(scope: string, client: string): Promise<void> {
  let directory = await navigator.storage.getDirectory();
  for (const name of ['mesafs-journal', scope]) directory = await directory.getDirectoryHandle(name, { create: true });
  const file = await (await directory.getFileHandle(`${client}.0`, { create: true })).createWritable();
  await file.write(encodeGroup(0, 0, [encodeRecord({ type: 'operation', operation })]));
  await file.close();
}

async function open(scope: string): Promise<{ journals: Journals; medium: LogMedium }> {
  const device = browserDevice();
  if (device === null) throw new Error('there are no Web Locks here');
  return { journals: await Journals.open(device, scope), medium: await device.logs(scope) };
}

test('an engine in the page finds what one in a worker has not sent, and removes it once it is sent', async () => {
  const scope = crypto.randomUUID();
  await leave(scope, 'worker');
  const { journals } = await open(scope);
  expect(await journals.others('page')).toEqual(['worker']);
  await expect(journals.clear('app')).rejects.toMatchObject({ code: 'EBUSY' });
  const taken = await journals.adopt('worker');
  if (typeof taken === 'string') throw new Error(`it is ${taken}`);
  expect(taken.content.operations).toEqual([operation]);
  await taken.journal.verify();
  taken.journal.answered([1]);
  await taken.journal.close();
  expect(await journals.others('page')).toEqual([]);
  await journals.clear('app');
  await journals.close();
});

test('what an engine in the page keeps itself is in IndexedDB, and another’s journal once it is taken over', async () => {
  const scope = crypto.randomUUID();
  await leave(scope, 'worker');
  const { journals, medium } = await open(scope);
  const own = journals.create('page');
  await own.append([operation]);
  expect((await medium.names()).toSorted()).toEqual(['page', 'worker']);
  await own.close();
  const log = await medium.open('worker');
  await log.append([new Uint8Array([1])]);
  await log.close();
  expect((await medium.read('worker')).length).toBe(2);
  // Whoever comes next finds what was noted in it, and nothing of before.
  const next = await open(scope);
  expect((await next.medium.read('worker')).at(-1)).toEqual(new Uint8Array([1]));
  await next.medium.remove('worker');
  expect(await next.medium.names()).toEqual(['page']);
  await next.journals.close();
  await journals.close();
});
