import { expect, test } from 'vitest';
import { MesaApiError } from '../../rpc/api-error.ts';
import { ManualClock } from '../../server/test-support.ts';
import type { OpResult } from '../../wire/operations.ts';
import type { After } from './causal.ts';
import { makePending } from './pending.ts';
import type { Pending } from './pending.ts';
import { Precedence } from './precedence.ts';
import { Siblings } from './siblings.ts';

const CHANGE = 'k'.repeat(32);

function operation(seq: number, after?: After, bytes = 0): Pending {
  const blobs = bytes === 0 ? [] : [{ oid: '0'.repeat(40), kind: 'blob' as const, bytes: new Uint8Array(bytes) }];
  return makePending(seq, { kind: 'files', target: { change: CHANGE }, edits: [] }, blobs, CHANGE, { after, prev: seq > 1 ? seq - 1 : undefined });
}

/** What has to come before ours; `refuses` says which batches are refused as a whole. */
function bench(refuses: (batch: Pending[]) => boolean = () => false): {
  precedence: Precedence;
  siblings: Siblings;
  sent: string[];
  queues: Map<string, Pending[]>;
  stuck: Set<string>;
} {
  const sent: string[] = [];
  const queues = new Map<string, Pending[]>();
  const stuck = new Set<string>();
  const siblings = new Siblings({ clock: new ManualClock(0), journals: null, changed: () => undefined, catchUp: async () => undefined });
  const precedence = new Precedence({
    clock: new ManualClock(0),
    siblings,
    queues: () => new Map([...queues, ...siblings.clients.map((client): [string, Pending[]] => [client, siblings.of(client)])]),
    sharesNames: () => true,
    isStuck: (client) => stuck.has(client),
    send: async (client, batch) => {
      sent.push(`${client} ${batch.map(({ seq }) => seq).join()}`);
      if (refuses(batch)) throw MesaApiError.from(413, { error: { code: 'PAYLOAD_TOO_LARGE' } });
      const results = batch.map(({ seq }): OpResult => ({
        seq,
        ok: true,
        repoSeq: seq,
        change: CHANGE,
        commit: '',
        trees: [],
        side: null,
        outcome: 'applied',
        paths: [],
      }));
      return { results, cursor: '' };
    },
    tell: () => undefined,
  });
  return { precedence, siblings, sent, queues, stuck };
}

const never = new AbortController().signal;

test('what comes before is sent in batches that a request can hold', async () => {
  const { precedence, siblings, sent } = bench();
  for (const seq of [1, 2, 3, 4]) siblings.show('them', operation(seq, undefined, 6 * 1024 * 1024));
  siblings.show('others', operation(1));
  await precedence.sendBefore([operation(1, { them: 4, others: 1 })], never);
  expect(sent.toSorted()).toEqual(['others 1', 'them 1,2', 'them 3,4']);
});

test('a batch that is refused as a whole goes one by one, up to the offender: sent after what follows it, it would be refused for good', async () => {
  const { precedence, siblings, sent } = bench((batch) => batch.some(({ seq }) => seq === 2));
  for (const seq of [1, 2, 3]) siblings.show('them', operation(seq));
  siblings.show('others', operation(1));
  await precedence.sendBefore([operation(1, { them: 3, others: 1 })], never);
  expect(sent).toEqual(['others 1', 'them 1,2,3', 'them 1', 'them 2']);
  expect(siblings.waiting('them').map(({ seq }) => seq)).toEqual([2, 3]);
});

test('what waits for another driver here is held while that is stuck, what waits for a living engine is not', () => {
  const { precedence, siblings, queues, stuck } = bench();
  const ours = operation(1, { gone: 2, them: 1 });
  queues.set('gone', [operation(2)]);
  siblings.show('them', operation(1));
  expect([precedence.isReady('us', ours), precedence.isHeld('us', ours)]).toEqual([false, false]);
  stuck.add('gone').add('them');
  expect(precedence.isHeld('us', ours)).toBe(true);
  queues.set('gone', [operation(3)]);
  expect([precedence.isReady('us', ours), precedence.isHeld('us', ours)]).toEqual([true, false]);
});
