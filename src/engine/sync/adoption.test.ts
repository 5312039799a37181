import { expect, test } from 'vitest';
import { ManualClock } from '../../server/test-support.ts';
import { Journals } from '../journal/journals.ts';
import { JournalError, PartialListError } from '../journal/medium.ts';
import { memoryDevice } from '../journal/memory.ts';
import type { EngineDevice } from '../journal/memory.ts';
import { Adoption } from './adoption.ts';
import { Driver } from './driver.ts';
import { makePending } from './pending.ts';
import { Siblings } from './siblings.ts';
import { quietPorts } from './test-support.ts';

const CHANGE = 'k'.repeat(32);
const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

interface Bench {
  adoption: Adoption;
  siblings: Siblings;
  clock: ManualClock;
  broken: { is: boolean };
  unlisted: { is: boolean };
  warned: string[];
}

/** What an engine takes over of a device whose logs can't be read while `broken`, or all listed while `unlisted`. */
async function bench(device: EngineDevice): Promise<Bench> {
  const clock = new ManualClock(0);
  const broken = { is: false };
  const unlisted = { is: false };
  const warned: string[] = [];
  const medium = await device.logs('scope');
  const read = medium.read.bind(medium);
  medium.read = async (name) => {
    if (broken.is) throw new JournalError('IO', 'the connection was lost');
    return read(name);
  };
  const names = medium.names.bind(medium);
  medium.names = async () => {
    if (unlisted.is) throw new PartialListError((await names()).slice(0, 1), new Error('the connection was lost'));
    return names();
  };
  const shared: EngineDevice = Object.assign(Object.create(device) as EngineDevice, {
    logs: async () => medium,
    locks: device.locks,
    channel: device.channel.bind(device),
  });
  const journals = await Journals.open(shared, 'scope');
  const siblings = new Siblings({ clock, journals, changed: () => undefined, catchUp: async () => undefined });
  const adoption = new Adoption({
    clock,
    journals,
    siblings,
    driver: (_client, _journal, left) => new Driver(quietPorts(clock, { patient: () => true }), left),
    adopted: () => undefined,
    held: (client, seq) => void warned.push(`${client} is held up to ${seq}`),
    vanished: () => void warned.push('vanished'),
    catchUp: async () => undefined,
    relay: async () => undefined,
    warn: (message) => void warned.push(message),
  });
  return { adoption, siblings, clock, broken, unlisted, warned };
}

const operation = makePending(1, { kind: 'files', target: { change: CHANGE }, edits: [] }, [], CHANGE);

test('a journal that cannot be read when its engine goes is shown, and taken over as soon as it can', async () => {
  const device = memoryDevice({ durable: true });
  const first = device.engine();
  const journal = (await Journals.open(first, 'scope')).create('first');
  await journal.append([operation]);
  const { adoption, siblings, clock, broken, warned } = await bench(device.engine());
  await adoption.load('second');
  expect(siblings.of('first').map(({ seq }) => seq)).toEqual([1]);
  broken.is = true;
  first.crash();
  await turns();
  expect([adoption.clients, siblings.of('first').map(({ seq }) => seq)]).toEqual([[], [1]]);
  clock.advance(10_000);
  await turns();
  expect(warned).toEqual(['A journal of this device cannot be read; it stays where it is']);
  broken.is = false;
  clock.advance(10_000);
  await turns();
  expect([adoption.clients, adoption.drivers[0]?.pending.map(({ seq }) => seq), siblings.clients]).toEqual([['first'], [1], []]);
  await adoption.close();
});

test('of what is taken over, what the head holds and what went elsewhere is not shown, and only the one is held', async () => {
  const device = memoryDevice({ durable: true });
  const [held, gone] = [device.engine(), device.engine()];
  for (const [name, engine] of [['held', held] as const, ['gone', gone] as const])
    await (await Journals.open(engine, 'scope')).create(name).append([operation]);
  const { adoption, siblings, warned } = await bench(device.engine());
  await adoption.load('second');
  siblings.include({ client: 'held', seq: 1 });
  siblings.heardAnswers('gone', [{ seq: 1, done: { repoSeq: 4, change: 'l'.repeat(32) } }]);
  siblings.settle({ change: CHANGE, repoSeq: 3 }, null);
  for (const engine of [held, gone]) engine.crash();
  await turns();
  expect(adoption.drivers.map(({ pending }) => pending.map(({ included }) => included))).toEqual([[true], [true]]);
  expect(warned).toEqual(['held is held up to 1']);
  await adoption.close();
});

test('a journal that cannot be read at first is taken over as soon as it can', async () => {
  const device = memoryDevice({ durable: true });
  const first = device.engine();
  const journal = (await Journals.open(first, 'scope')).create('first');
  await journal.append([operation]);
  first.crash();
  const { adoption, clock, broken } = await bench(device.engine());
  broken.is = true;
  await adoption.load('second');
  expect(adoption.clients).toEqual([]);
  broken.is = false;
  clock.advance(10_000);
  await turns();
  expect(adoption.clients).toEqual(['first']);
  await adoption.close();
});

test('journals that cannot be listed are taken over as soon as they can, and what the head holds of them is asked', async () => {
  const device = memoryDevice({ durable: true });
  for (const name of ['first', 'second']) {
    const engine = device.engine();
    await (await Journals.open(engine, 'scope')).create(name).append([operation]);
    engine.crash();
  }
  const { adoption, clock, unlisted, warned } = await bench(device.engine());
  unlisted.is = true;
  await adoption.load('third');
  expect([adoption.clients, warned]).toEqual([['first'], ['Not all journals of this device can be listed']]);
  unlisted.is = false;
  clock.advance(10_000);
  await turns();
  expect([adoption.clients, warned.at(-1)]).toEqual([['first', 'second'], 'vanished']);
  await adoption.close();
});
