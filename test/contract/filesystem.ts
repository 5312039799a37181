import type { TestFunction } from './assert.ts';
import { changesSuite } from './changes.ts';
import { conflictsSuite } from './conflicts.ts';
import { convergeSuite } from './converge.ts';
import { inFlightSuite } from './in-flight.ts';
import type { InProcess } from './in-process.ts';
import { liveSuite } from './live.ts';
import { misuseSuite } from './misuse.ts';
import { namespaceSuite } from './namespace.ts';
import { plainSuite } from './plain.ts';
import { requestsSuite } from './requests.ts';
import { shellSuite } from './shell.ts';
import { shellAcrossSuite } from './shell-across.ts';
import { shellDeviceSuite } from './shell-device.ts';
import { openWorld } from './world.ts';

/**
 * All that a mount does, against a backend that `start` makes; `counted` makes the one for tests that count requests, where engines elsewhere would
 * mix theirs in. It knows no test runner and no platform: it runs under vitest in Node and browsers, and
 * under `runSuite` in Deno and workerd.
 */
export function filesystemSuite(test: TestFunction, start: () => Promise<InProcess>, counted: () => Promise<InProcess> = start): void {
  const named =
    (suite: string): TestFunction =>
    (name, body) =>
      test(`${suite}: ${name}`, body);
  plainSuite(named('files'), async () => {
    const world = await openWorld(start);
    return { fs: world.fs, root: world.root, close: () => world.close() };
  });
  namespaceSuite(named('namespace'), start);
  misuseSuite(named('misuse'), start);
  changesSuite(named('changes'), start);
  liveSuite(named('live'), start);
  conflictsSuite(named('conflicts'), start);
  inFlightSuite(named('in flight'), start);
  convergeSuite(named('convergence'), start);
  requestsSuite(named('requests'), counted);
  shellSuite(named('shell'), start);
  shellAcrossSuite(named('shell'), start);
  shellDeviceSuite(named('shell'), start);
}
