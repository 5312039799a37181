import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/env.ts';
import { openIdbCache } from '../../src/engine/cache/idb.ts';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import type { TestFunction } from './assert.ts';
import { filesystemSuite } from './filesystem.ts';
import { InProcess } from './in-process.ts';
import { offlineSuite } from './offline.ts';
import { REST_LIMITS } from './rest-limits.ts';
import { restSuite } from './rest.ts';

InProcess.jitter = Number(process.env['MESAFS_JITTER'] ?? 0);
const starting = (live: boolean) => async (): Promise<InProcess> => InProcess.start(await loadNodeCore(), () => import('just-bash'), null, live);
const names: string[] = [];

/** Runs a test; one that a limit of REST is behind has to fail, so that none is skipped without need. */
const run: TestFunction = (name, body) => {
  names.push(name);
  const limit = REST_LIMITS[name];
  if (limit === undefined) test.concurrent(name, body);
  else test.fails(`${name} [${limit}]`, { concurrent: true }, body);
};

describe('a backend without live endpoints', () => filesystemSuite(run, starting(false)));

test('every limit names a test', () => {
  expect(Object.keys(REST_LIMITS).filter((name) => !names.includes(name))).toEqual([]);
});

restSuite((name, body) => test.concurrent(name, body), starting);
/** Not run here: about a device's storage and how it meets the next try to send; about an answer that other requests wait for here too; and half a minute of edits (five patches) or of base64, which pass. */
const ELSEWHERE = [
  'offline: what another tab has noted while this one was opened is shown',
  'offline: a write that can be neither kept nor sent fails, and is not shown',
  'offline: ten days of work, 5,000 edits, drain in few requests',
  'offline: a large directory is copied and moved in parts, to another repo too: no request has more than is sent at once',
  'offline: a directory of which the other repo refuses a part stays where it was',
];
offlineSuite(
  (name, body) => (ELSEWHERE.includes(name) ? undefined : run(name, body)),
  starting(false),
  () => openIdbCache(new IDBFactory(), systemClock()),
);
