import { xxhash32 } from './xxhash32.ts';

/**
 * How groups stand in a file, one after the other, numbers little-endian:
 *
 *     magic u32 · checksum u32 of all that follows · length u32 of the records · generation u32 · number u32 · records: (length u32 · bytes)*
 *
 * Generation and number are part of what is checked, so that neither zeros nor a group from elsewhere pass for one.
 */
const MAGIC = 0x474a534d;
const HEADER = 20;

/** What is in a file of groups. */
export interface ScannedGroups {
  /** The records of the whole groups from the beginning; views into the bytes that were scanned. */
  records: Uint8Array[];
  groups: number;
  /** Where the last of these ends. */
  end: number;
  /** Whether a whole group follows where none should be: then what is in between was not cut off, it was destroyed. */
  damaged: boolean;
}

/** The bytes of a group. */
export function encodeGroup(generation: number, number: number, records: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = records.reduce((sum, record) => sum + 4 + record.length, 0);
  const bytes = new Uint8Array(HEADER + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(8, length, true);
  view.setUint32(12, generation, true);
  view.setUint32(16, number, true);
  let at = HEADER;
  for (const record of records) {
    view.setUint32(at, record.length, true);
    bytes.set(record, at + 4);
    at += 4 + record.length;
  }
  view.setUint32(4, xxhash32(bytes.subarray(8)), true);
  return bytes;
}

/** Reads the groups of a generation, as far as they are whole. */
export function scanGroups(bytes: Uint8Array, generation: number): ScannedGroups {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: Uint8Array[] = [];
  let end = 0;
  let groups = 0;
  for (let next = groupEnd(bytes, view, end, generation, groups); next !== null; next = groupEnd(bytes, view, end, generation, groups)) {
    for (let at = end + HEADER; at < next;) {
      const length = view.getUint32(at, true);
      records.push(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    end = next;
    groups += 1;
  }
  return { records, groups, end, damaged: followed(bytes, view, end + 1, generation, groups) };
}

/** Where the group that begins here ends; `null` unless it is whole, of this generation and, when one is given, of this number. */
function groupEnd(bytes: Uint8Array, view: DataView, at: number, generation: number, number: number | null): number | null {
  if (at + HEADER > bytes.length || view.getUint32(at, true) !== MAGIC) return null;
  const end = at + HEADER + view.getUint32(at + 8, true);
  if (end > bytes.length || view.getUint32(at + 12, true) !== generation) return null;
  if (number !== null && view.getUint32(at + 16, true) !== number) return null;
  return view.getUint32(at + 4, true) === xxhash32(bytes.subarray(at + 8, end)) ? end : null;
}

/** Whether a later group of the generation is anywhere behind. */
function followed(bytes: Uint8Array, view: DataView, from: number, generation: number, number: number): boolean {
  for (let at = bytes.indexOf(MAGIC & 0xff, from); at !== -1 && at + HEADER <= bytes.length; at = bytes.indexOf(MAGIC & 0xff, at + 1)) {
    if (groupEnd(bytes, view, at, generation, null) !== null && view.getUint32(at + 16, true) > number) return true;
  }
  return false;
}
