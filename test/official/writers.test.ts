import { expect, test } from 'vitest';
import { serveApart } from '../bench/served.ts';
import { runSession } from '../bench/writers/session.ts';

/** `npm run bench -- writers` has them at it for a minute. */
const SECONDS = 4;

test('eight writers on the same files, one slow and one cut off now and then, end up the same, and what each wrote is there once', async () => {
  const server = await serveApart();
  try {
    const session = await runSession({ ...server, seconds: SECONDS, seed: 1, tell: () => {} });
    console.log(`${session.writes} writes, ${session.cuts} times cut off, ${session.conflicts} conflicts left`);
    expect(session.problems).toEqual([]);
    expect(session.cuts).toBeGreaterThan(0);
    expect(session.writes).toBeGreaterThan(8);
  } finally {
    await server.close();
  }
});
