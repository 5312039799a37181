import { expect, test } from 'vitest';
import { encodeGroup, scanGroups } from './opfs-groups.ts';
import { xxhash32 } from './xxhash32.ts';

const encode = (content: string): Uint8Array => new TextEncoder().encode(content);
const texts = (records: Uint8Array[]): string[] => records.map((record) => new TextDecoder().decode(record));
const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(parts.flatMap((part) => [...part]));

test('the hash is xxHash', () => {
  // From the reference implementation: https://github.com/Cyan4973/xxHash/blob/dev/cli/xsum_sanity_check.c and the specification.
  expect(xxhash32(new Uint8Array())).toBe(0x02cc5d05);
  expect(xxhash32(new Uint8Array(), 0x9e3779b1)).toBe(0x36b78ae7);
  expect(xxhash32(encode('a'))).toBe(0x550d7456);
  expect(xxhash32(encode('abc'))).toBe(0x32d153ff);
  expect(xxhash32(encode('Nobody inspects the spammish repetition'))).toBe(0xe2293b2f);
  const padded = encode('..Nobody inspects the spammish repetition');
  expect(xxhash32(padded.subarray(2))).toBe(0xe2293b2f);
});

test('groups are read back, records of every length', () => {
  const first = [encode('a'), new Uint8Array(), encode('b'.repeat(1000))];
  const file = join(encodeGroup(3, 0, first), encodeGroup(3, 1, []), encodeGroup(3, 2, [encode('c')]));
  const { records, groups, end, damaged } = scanGroups(file, 3);
  expect(texts(records)).toEqual([...texts(first), 'c']);
  expect([groups, end, damaged]).toEqual([3, file.length, false]);
});

test('a file that ends anywhere is read up to its last whole group', () => {
  const parts = [encodeGroup(0, 0, [encode('a')]), encodeGroup(0, 1, [encode('b'), encode('c')]), encodeGroup(0, 2, [encode('d')])];
  const file = join(...parts);
  const ends = parts.map((_, index) => parts.slice(0, index + 1).reduce((sum, part) => sum + part.length, 0));
  for (let length = 0; length <= file.length; length += 1) {
    const whole = ends.filter((end) => end <= length).length;
    for (const tail of [0, 30]) {
      const { groups, end, damaged } = scanGroups(join(file.subarray(0, length), new Uint8Array(tail)), 0);
      expect([groups, end, damaged]).toEqual([whole, ends[whole - 1] ?? 0, false]);
    }
  }
});

test('any byte that is changed is noticed: at the end as torn, before as damage', () => {
  const parts = [encodeGroup(0, 0, [encode('a')]), encodeGroup(0, 1, [encode('b')])];
  const file = join(...parts);
  const first = parts[0]?.length ?? 0;
  for (let at = 0; at < file.length; at += 1) {
    const changed = file.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    const { groups, end, damaged } = scanGroups(changed, 0);
    expect([groups, end, damaged], `byte ${at}`).toEqual(at < first ? [0, 0, true] : [1, first, false]);
  }
});

test('groups of another generation, or out of their turn, are none', () => {
  expect(scanGroups(encodeGroup(1, 0, [encode('a')]), 2).groups).toBe(0);
  expect(scanGroups(encodeGroup(1, 1, [encode('a')]), 1)).toMatchObject({ groups: 0, damaged: false });
  const twice = join(encodeGroup(1, 0, [encode('a')]), encodeGroup(1, 0, [encode('a')]));
  expect(scanGroups(twice, 1)).toMatchObject({ groups: 1, damaged: false });
});
