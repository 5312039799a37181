import type * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../wire/errors.ts';
import { LIMITS } from '../wire/limits.ts';
import { parseOpsHeader } from '../wire/operations.ts';
import { check } from './body.ts';
import { filesSchema } from './file-edits.ts';
import { resolutionsSchema } from './resolutions.ts';

/** A list of the same thing many times, and how many of its items were looked at. */
function watched(length: number, item: unknown): { list: unknown[]; looked: () => number } {
  const seen = new Set<PropertyKey>();
  const get = (list: unknown[], key: PropertyKey): unknown => {
    if (typeof key === 'string' && /^\d+$/.test(key)) seen.add(key);
    return Reflect.get(list, key);
  };
  return { list: new Proxy(Array<unknown>(length).fill(item), { get }), looked: () => seen.size };
}

function problemOf(step: () => unknown): string {
  try {
    step();
  } catch (error) {
    if (error instanceof ApiError && error.code === 'INVALID_REQUEST') return error.message;
  }
  throw new Error('it was not refused');
}

const schemas: [what: string, schema: v.GenericSchema, limit: number][] = [
  ['files', filesSchema, LIMITS.maxEdits],
  ['resolutions', resolutionsSchema, LIMITS.maxResolutions],
];

describe.each(schemas)('a list of %s', (_what, schema, limit) => {
  test('is looked at up to its first fault', () => {
    const { list, looked } = watched(limit, 0);
    expect(problemOf(() => check(list, schema, 'The body'))).toMatch(/^The body is not valid: 0/);
    expect(looked()).toBe(1);
  });

  test('is not looked at when it is too long', () => {
    const { list, looked } = watched(limit + 1, 0);
    expect(problemOf(() => check(list, schema, 'The body'))).toContain(`${limit + 1} are too many; at most ${limit}`);
    expect(looked()).toBe(0);
  });
});

test('the clients of a batch are looked at up to the first fault, and not at all when they are too many', () => {
  const client = 'a'.repeat(22);
  const some = watched(1_000, '!');
  expect(problemOf(() => parseOpsHeader({ client, clients: some.list }))).toContain('clients.0: "!" is not a client id');
  expect(some.looked()).toBe(1);
  const many = watched(1_001, client);
  expect(problemOf(() => parseOpsHeader({ client, clients: many.list }))).toContain('1001 are too many; at most 1000 clients');
  expect(many.looked()).toBe(0);
});
