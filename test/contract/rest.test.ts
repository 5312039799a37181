import { describe, expect, test } from 'vitest';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import type { TestFunction } from './assert.ts';
import { filesystemSuite } from './filesystem.ts';
import { InProcess } from './in-process.ts';
import { REST_LIMITS } from './rest-limits.ts';
import { restSuite } from './rest.ts';

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
