import { describe, expect, test } from 'vitest';
import { boundMemory } from './bound-memory.ts';

const PAGE = 65_536;
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** A module with a custom section, a memory, and an export of it. */
const withMemory = (...memory: number[]): Uint8Array =>
  Uint8Array.from([...HEADER, 0, 2, 1, 0x78, 5, memory.length + 1, 1, ...memory, 7, 10, 1, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 0]);
const memoryOf = (module: Uint8Array<ArrayBuffer>): WebAssembly.Memory =>
  new WebAssembly.Instance(new WebAssembly.Module(module)).exports['memory'] as WebAssembly.Memory;

describe('the memory of a module', () => {
  test.each([
    ['has no maximum', [0, 1], 300],
    ['has a larger one', [1, 1, 0x80, 0x80, 0x04], 300],
    ['has a smaller one', [1, 1, 2], 2],
  ])('%s: it grows no further than it may', (_what, memory, pages) => {
    const grown = memoryOf(boundMemory(withMemory(...memory), 300 * PAGE));
    expect(grown.grow(pages - 1)).toBe(1);
    expect(() => grown.grow(1)).toThrow(RangeError);
  });

  test('is left alone where there is none', () => {
    expect([...boundMemory(Uint8Array.from(HEADER), PAGE)]).toEqual(HEADER);
  });

  test.each([
    ['more than it may have', withMemory(0, 3), /begins with 196608 bytes/],
    ['shared memory', withMemory(3, 1, 2), /shared/],
    ['no module', new Uint8Array(20), /no WebAssembly module/],
    ['a cut-off module', withMemory(0, 0x80).subarray(0, 16), /cut off|plain memory/],
  ])('refuses %s', (_what, module, why) => {
    expect(() => boundMemory(module, 2 * PAGE)).toThrow(why);
  });
});
