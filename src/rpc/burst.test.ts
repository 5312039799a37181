import { expect, test } from 'vitest';
import { burstGate } from './burst.ts';

test('calls that arrive one message after the other begin in one tick', async () => {
  const gate = burstGate();
  const begun: number[] = [];
  let tick = 0;
  const { port1, port2 } = new MessageChannel();
  const all = new Promise<void>((resolve) => {
    port1.onmessage = () => {
      tick += 1;
      void gate().then(() => {
        begun.push(tick);
        if (begun.length === 5) resolve();
      });
    };
  });
  for (let call = 0; call < 5; call += 1) port2.postMessage(call);
  await all;
  expect(begun).toEqual([5, 5, 5, 5, 5]);
  port1.close();
});

test('a call after a burst has a turn of its own', async () => {
  const gate = burstGate();
  await gate();
  await expect(gate()).resolves.toBeUndefined();
});
