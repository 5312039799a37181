import { expect, test } from 'vitest';
import type { Ordered } from './causal.ts';
import { inCausalOrder, requirements } from './causal.ts';

const names = new Map<Ordered, string>();
const make = (client: string, ...operations: Ordered[]): [string, Ordered[]] => {
  for (const operation of operations) names.set(operation, `${client}${operation.seq}`);
  return [client, operations];
};
const order = (...queues: [string, Ordered[]][]): string[] => inCausalOrder(new Map(queues)).map((operation) => names.get(operation) ?? '');

test('one client’s operations stay as they are', () => {
  expect(order(make('a', { seq: 3 }, { seq: 5 }))).toEqual(['a3', 'a5']);
  expect(order()).toEqual([]);
});

test('what was made on top of others’ comes after them, back and forth', () => {
  const a = make('a', { seq: 1 }, { seq: 2, after: { b: 1 } }, { seq: 3, after: { b: 2 } });
  const b = make('b', { seq: 1, after: { a: 1 } }, { seq: 2, after: { a: 2 } });
  expect(order(b, a)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
});

test('those that know nothing of each other follow their clients’ names', () => {
  expect(order(make('b', { seq: 1 }), make('a', { seq: 1 }, { seq: 2 }))).toEqual(['a1', 'a2', 'b1']);
});

test('what is waited for and is not there any more is no hindrance, nor is a circle', () => {
  expect(order(make('a', { seq: 7, after: { gone: 3, b: 1 } }), make('b', { seq: 2 }))).toEqual(['a7', 'b2']);
  expect(order(make('a', { seq: 1, after: { b: 1 } }), make('b', { seq: 1, after: { a: 1 } }))).toEqual(['a1', 'b1']);
});

test('what is waited for may wait for more', () => {
  const queues: Record<string, Ordered[]> = { b: [{ seq: 1 }, { seq: 2, after: { c: 4 } }], c: [{ seq: 4, after: { a: 5 } }] };
  const needed = requirements({ seq: 6, after: { b: 2 } }, (client) => queues[client] ?? []);
  expect(Object.fromEntries(needed)).toEqual({ a: 5, b: 2, c: 4 });
});
