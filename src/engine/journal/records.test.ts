import { expect, test } from 'vitest';
import { encodeFrames } from '../../wire/frames.ts';
import { decodeRecord, encodeRecord, replayRecords } from './records.ts';
import type { JournalRecord } from './records.ts';

const blob = { oid: 'a'.repeat(40), kind: 'blob' as const, bytes: new Uint8Array([1, 2, 3]) };
const operation = (seq: number): JournalRecord => ({
  type: 'operation',
  operation: { seq, after: { other: 3 }, change: 'k'.repeat(32), payload: new TextEncoder().encode(`{"seq":${seq}}`), blobs: [blob] },
});

test('records come back as they were', () => {
  const records: JournalRecord[] = [
    operation(7),
    { type: 'answered', seqs: [1, 2, 7] },
    { type: 'parked', seq: 3, refusal: { code: 'FORBIDDEN', message: 'No.', at: 5 } },
  ];
  for (const record of records) expect(decodeRecord(encodeRecord(record))).toEqual(record);
});

test('what is answered is gone, what is parked stays, whatever the order of the rest', () => {
  const refusal = { code: 'FORBIDDEN', message: 'No.', at: 5 };
  const records: JournalRecord[] = [
    operation(2),
    operation(1),
    operation(3),
    operation(4),
    { type: 'parked', seq: 3, refusal },
    { type: 'answered', seqs: [1] },
  ];
  const content = replayRecords(records.map(encodeRecord));
  expect(content.operations.map(({ seq }) => seq)).toEqual([2, 4]);
  expect(content.parked.map((parked) => [parked.operation.seq, parked.refusal])).toEqual([[3, refusal]]);
  const later = replayRecords([...records.map(encodeRecord), encodeRecord({ type: 'answered', seqs: [3] })]);
  expect(later.parked).toEqual([]);
});

test('what could not be read again is not written', () => {
  const [large] = [new Uint8Array(33_554_433)];
  const { operation: small } = operation(1) as Extract<JournalRecord, { type: 'operation' }>;
  const refusal = expect.objectContaining({ code: 'QUOTA', message: expect.stringContaining('33554433 bytes') as unknown });
  for (const part of [{ payload: large }, { blobs: [{ ...blob, bytes: large }] }]) {
    expect(() => encodeRecord({ type: 'operation', operation: { ...small, ...part } })).toThrow(refusal);
  }
  const largest = { ...small, payload: large.subarray(1), blobs: [{ ...blob, bytes: large.subarray(1) }] };
  expect(replayRecords([encodeRecord({ type: 'operation', operation: largest })]).operations).toHaveLength(1);
});

test('what this version did not write is refused, not guessed at', () => {
  const foreign = [
    encodeFrames([{ type: 'header', value: { v: 2, type: 'answered', seqs: [] } }]),
    encodeFrames([{ type: 'header', value: { v: 1, type: 'other' } }]),
    new Uint8Array([1, 2, 3]),
    encodeRecord(operation(1)).subarray(0, -1),
  ];
  for (const bytes of foreign) expect(() => decodeRecord(bytes)).toThrow('this version cannot read');
});
