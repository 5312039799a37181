import type { StoredObject } from '../../core/resolve.ts';
import { encodeFrames, FrameReader } from '../../wire/frames.ts';
import type { Frame } from '../../wire/frames.ts';
import { LIMITS } from '../../wire/limits.ts';
import { JournalError } from './medium.ts';

/** An operation as it is kept: what is sent, to the byte, with the objects it names that the server may not have: blobs, and trees of what was copied. */
export interface JournaledOperation {
  seq: number;
  payload: Uint8Array;
  blobs: StoredObject[];
  /** The change that was looked at when it was made: where it shows until the server has it. */
  change: string;
  /** What it was made on top of, of other clients' operations that had no answer then: it is not to arrive before them. */
  after?: Readonly<Record<string, number>>;
  /** The operation of the same client before it that had no answer then: without that it is not to be sent by others. */
  prev?: number;
}

/** Why the server refused an operation for good. */
export interface Refusal {
  code: string;
  message: string;
  /** Milliseconds since the Unix epoch. */
  at: number;
}

/** One entry of a journal. `answered`: the server has these, or their writers were told that they failed. `parked`: refused, and kept for a person to see. */
export type JournalRecord =
  | { type: 'operation'; operation: JournaledOperation }
  | { type: 'answered'; seqs: readonly number[] }
  | { type: 'parked'; seq: number; refusal: Refusal };

/** The version of this encoding; a record of another is refused, not guessed at. */
const VERSION = 1;

/** Writes a record as bytes: frames, like what is sent. @throws JournalError QUOTA for an operation that could not be read again: it has no room in a record */
export function encodeRecord(record: JournalRecord): Uint8Array {
  switch (record.type) {
    case 'operation': {
      const { payload, blobs, ...place } = record.operation;
      checkRoom('edits', payload, LIMITS.maxJsonFrameBytes);
      for (const { oid, bytes } of blobs) checkRoom(oid, bytes, LIMITS.maxBlobBytes);
      const objects = blobs.map(({ oid, kind, bytes }): Frame => ({ type: 'object', kind, oid, bytes }));
      return encodeFrames([header({ type: 'operation', ...placeOf(place) }), { type: 'operation', payload }, ...objects]);
    }
    case 'answered':
      return encodeFrames([header({ type: 'answered', seqs: record.seqs })]);
    case 'parked':
      return encodeFrames([header({ type: 'parked', seq: record.seq, refusal: record.refusal })]);
  }
}

/** Unreadable, one record would hide all that are in the journal with it. */
function checkRoom(what: string, { length }: Uint8Array, limit: number): void {
  if (length > limit) throw new JournalError('QUOTA', `An operation cannot be kept: its ${what} of ${length} bytes are over the limit of ${limit}`);
}

/** Reads a record. @throws JournalError IO for what this version cannot have written */
export function decodeRecord(bytes: Uint8Array): JournalRecord {
  try {
    const [first, ...rest] = framesOf(bytes);
    if (first?.type !== 'header' || first.value['v'] !== VERSION) throw new Error(`its version is ${JSON.stringify(first)}`);
    const value = first.value as unknown as { type: string; seqs: number[]; refusal: Refusal } & Place;
    if (value.type === 'answered') return { type: 'answered', seqs: value.seqs };
    if (value.type === 'parked') return { type: 'parked', seq: value.seq, refusal: value.refusal };
    const payload = rest.find((frame) => frame.type === 'operation')?.payload;
    if (value.type !== 'operation' || payload === undefined) throw new Error(`its type is ${value.type}`);
    const blobs = rest.filter((frame) => frame.type === 'object').map(({ oid, kind, bytes: content }) => ({ oid, kind, bytes: content }));
    return { type: 'operation', operation: { ...placeOf(value), payload, blobs } };
  } catch (cause) {
    throw new JournalError('IO', 'A journal holds a record that this version cannot read; open it with the version that wrote it', cause);
  }
}

/** What a journal's records come to. */
export interface JournalContent {
  /** Operations without an answer, in order. */
  operations: JournaledOperation[];
  parked: { operation: JournaledOperation; refusal: Refusal }[];
}

/** Reads a journal's records. @throws JournalError IO */
export function replayRecords(records: readonly Uint8Array[]): JournalContent {
  const operations = new Map<number, JournaledOperation>();
  const parked = new Map<number, JournalContent['parked'][number]>();
  for (const bytes of records) {
    const record = decodeRecord(bytes);
    if (record.type === 'operation') {
      operations.set(record.operation.seq, record.operation);
    } else if (record.type === 'parked') {
      const operation = operations.get(record.seq);
      operations.delete(record.seq);
      if (operation !== undefined) parked.set(record.seq, { operation, refusal: record.refusal });
    } else {
      for (const seq of record.seqs) {
        operations.delete(seq);
        parked.delete(seq);
      }
    }
  }
  const bySeq = (a: JournaledOperation, b: JournaledOperation): number => a.seq - b.seq;
  return {
    operations: [...operations.values()].toSorted(bySeq),
    parked: [...parked.values()].toSorted((a, b) => bySeq(a.operation, b.operation)),
  };
}

type Place = Omit<JournaledOperation, 'payload' | 'blobs'>;

/** What an operation's record begins with. */
function placeOf({ seq, change, after, prev }: Place): Place {
  return { seq, change, ...(after === undefined ? {} : { after }), ...(prev === undefined ? {} : { prev }) };
}

function header(value: Record<string, unknown>): Frame {
  return { type: 'header', value: { v: VERSION, ...value } };
}

function framesOf(bytes: Uint8Array): Frame[] {
  const reader = new FrameReader();
  reader.push(bytes);
  const frames: Frame[] = [];
  for (let frame = reader.take(); frame !== null; frame = reader.take()) frames.push(frame);
  reader.end();
  return frames;
}
