import { expect, test } from 'vitest';
import { memoryDevice } from '../../src/engine/journal/memory.ts';
import { deviceSuite } from './device.ts';
import { bytes, text } from './log-medium.ts';

deviceSuite(test, async () => {
  const device = memoryDevice();
  return {
    engine: async () => device.engine(),
    holder: async (lock) => {
      const engine = device.engine();
      await engine.locks.tryHold(lock);
      return engine;
    },
    close: async () => undefined,
  };
});

test('an engine that crashes keeps what was acknowledged, says nothing more, and is told nothing more', async () => {
  for (const landed of [false, true]) {
    const device = memoryDevice({ durable: true });
    const [engine, other] = [device.engine(), device.engine()];
    const log = await (await engine.logs('x')).open('one');
    await log.append([bytes('a')]);
    const settled: string[] = [];
    void log.append([bytes('b1'), bytes('b2')]).finally(() => settled.push('under way'));
    await Promise.resolve();
    engine.crash(landed);
    void log.append([bytes('c')]).finally(() => settled.push('after'));
    engine.channel('c').post('from the dead');
    other.channel('c').listen(() => settled.push('heard'));
    const medium = await other.logs('x');
    expect(text(await medium.read('one'))).toEqual(landed ? ['a', 'b1', 'b2'] : ['a']);
    const next = await medium.open('one');
    await next.append([bytes('d')]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toEqual([]);
    expect(text(await medium.read('one'))).toEqual(landed ? ['a', 'b1', 'b2', 'd'] : ['a', 'd']);
  }
});

test('turns are taken when the schedule says so', async () => {
  const turns: (() => void)[] = [];
  const device = memoryDevice({ schedule: (callback) => void turns.push(callback) });
  const [a, b] = [device.engine(), device.engine()];
  const heard: unknown[] = [];
  b.channel('c').listen((message) => heard.push(message));
  a.channel('c').post(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect([heard, turns.length]).toEqual([[], 1]);
  turns.shift()?.();
  expect(heard).toEqual([1]);
});

test('no room is said in time, and a fault is what it is told to be', async () => {
  let quota = 10;
  const device = memoryDevice({ quota: () => quota });
  const medium = await device.engine().logs('x');
  const log = await medium.open('one');
  await log.append([bytes('12345678')]);
  await expect(log.append([bytes('abc')])).rejects.toMatchObject({ code: 'QUOTA' });
  await log.rewrite([bytes('0123456789')]);
  quota = 20;
  await log.append([bytes('abc')]);
  expect(text(await medium.read('one'))).toEqual(['0123456789', 'abc']);
});
