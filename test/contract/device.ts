import type { Device } from '../../src/engine/journal/device.ts';
import type { TestFunction } from './assert.ts';
import { equal, ok, until } from './assert.ts';

/** A device, and engines on it. */
export interface DeviceWorld {
  engine(): Promise<Device>;
  /** An engine that holds a lock, and can be ended without letting go of it. */
  holder(lock: string): Promise<{ crash(): void }>;
  close(): Promise<void>;
}

/** Holds a device to what its interface says of locks and channels. `open` gives one whose names nobody else uses. */
export function deviceSuite(test: TestFunction, open: () => Promise<DeviceWorld>): void {
  const run = (name: string, body: (a: Device, b: Device, world: DeviceWorld, unique: string) => Promise<void>): void =>
    test(name, async () => {
      const world = await open();
      try {
        await body(await world.engine(), await world.engine(), world, crypto.randomUUID());
      } finally {
        await world.close();
      }
    });
  lockTests(run);
  channelTests(run);
}

type Run = (name: string, body: (a: Device, b: Device, world: DeviceWorld, unique: string) => Promise<void>) => void;

function lockTests(run: Run): void {
  run('a lock is held by one, and free when that one releases it', async (a, b, _world, name) => {
    const held = await a.locks.tryHold(name);
    ok(held !== null, 'it was not free');
    equal(await b.locks.tryHold(name), null);
    equal(await a.locks.tryHold(name), null);
    ok((await b.locks.tryHold(`${name}-other`)) !== null, 'another lock was not free');
    held.release();
    held.release();
    const next = await b.locks.hold(name, new AbortController().signal);
    held.release();
    equal(await a.locks.tryHold(name), null);
    next.release();
    equal([held.lost.aborted, next.lost.aborted], [false, false]);
  });

  run('who waits for a lock gets it in turn', async (a, b, _world, name) => {
    const { signal } = new AbortController();
    const first = await a.locks.hold(name, signal);
    const order: string[] = [];
    const second = b.locks.hold(name, signal).then((lock) => {
      order.push('second');
      return lock;
    });
    const third = a.locks.hold(name, signal).then((lock) => {
      order.push('third');
      return lock;
    });
    equal(await b.locks.tryHold(name), null);
    equal(order, []);
    first.release();
    (await second).release();
    (await third).release();
    equal(order, ['second', 'third']);
  });

  run('waiting can be given up', async (a, b, _world, name) => {
    const held = await a.locks.hold(name, new AbortController().signal);
    const controller = new AbortController();
    const waiting = b.locks.hold(name, controller.signal).catch((error: unknown) => error);
    const reason = new Error('enough');
    controller.abort(reason);
    equal((await waiting) === reason, true, 'it rejects with the reason');
    equal((await b.locks.hold(name, controller.signal).catch((error: unknown) => error)) === reason, true, 'so it does when it was given up before');
    held.release();
    ok((await b.locks.hold(name, new AbortController().signal)) !== null);
  });

  run('a lock that is stolen is lost to who had it', async (a, b, _world, name) => {
    const held = await a.locks.hold(name, new AbortController().signal);
    const stolen = await b.locks.steal(name);
    await until(() => held.lost.aborted, 'the one who had it is told');
    equal(stolen.lost.aborted, false);
    held.release();
    equal(await a.locks.tryHold(name), null);
    stolen.release();
    const again = await a.locks.steal(name);
    equal(await b.locks.tryHold(name), null);
    again.release();
  });

  run('a lock ends with its holder', async (a, _b, world, name) => {
    const holder = await world.holder(name);
    equal(await a.locks.tryHold(name), null);
    const waiting = a.locks.hold(name, new AbortController().signal);
    holder.crash();
    (await waiting).release();
  });
}

function channelTests(run: Run): void {
  run('what is posted is heard by the others, in order, and not by the one who posted', async (a, b, _world, name) => {
    const heard: Record<string, unknown[]> = { own: [], same: [], other: [], elsewhere: [] };
    const own = a.channel(name);
    const channels = { own, same: a.channel(name), other: b.channel(name), elsewhere: b.channel(`${name}-elsewhere`) };
    for (const [who, channel] of Object.entries(channels)) channel.listen((message) => heard[who]?.push(message));
    const messages = [1, 'two', { three: [new Uint8Array([1, 2, 3])] }];
    for (const message of messages) own.post(message);
    equal(heard['other'], [], 'not before the turn has ended');
    await until(() => heard['other']?.length === 3 && heard['same']?.length === 3, 'all is heard');
    channels.other.post('answer');
    await until(() => heard['own']?.length === 1, 'the answer is heard');
    equal(heard, { own: ['answer'], same: [...messages, 'answer'], other: messages, elsewhere: [] });
    for (const channel of Object.values(channels)) channel.close();
  });

  run('what is posted is a copy', async (a, b, _world, name) => {
    const [from, to] = [a.channel(name), b.channel(name)];
    const heard: unknown[] = [];
    to.listen((message) => heard.push(message));
    const message = { bytes: new Uint8Array([1, 2]) };
    from.post(message);
    message.bytes.fill(9);
    await until(() => heard.length === 1, 'it is heard');
    equal(heard, [{ bytes: new Uint8Array([1, 2]) }]);
    from.close();
    to.close();
  });

  run('who stops listening, or closes, hears nothing more', async (a, b, _world, name) => {
    const [from, to, witness] = [a.channel(name), b.channel(name), b.channel(name)];
    const heard: unknown[] = [];
    const seen: unknown[] = [];
    const stop = to.listen((message) => heard.push(message));
    witness.listen((message) => seen.push(message));
    from.post(1);
    await until(() => seen.length === 1 && heard.length === 1, 'the first is heard');
    stop();
    from.post(2);
    await until(() => seen.length === 2, 'the second is heard by the witness');
    to.listen((message) => heard.push(message));
    to.close();
    to.close();
    to.post(0);
    from.post(3);
    await until(() => seen.length === 3, 'the third is heard by the witness');
    equal([heard, seen], [[1], [1, 2, 3]]);
    from.close();
    witness.close();
  });
}
