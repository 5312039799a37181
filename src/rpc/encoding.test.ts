import { expect, test } from 'vitest';
import { decodeText, encodeText } from './encoding.ts';
import type { TextEncoding } from './encoding.ts';

test.each<[TextEncoding, string, number[]]>([
  ['utf8', 'é\u{1f98a}', [0xc3, 0xa9, 0xf0, 0x9f, 0xa6, 0x8a]],
  ['utf-8', '\ufeffx', [0xef, 0xbb, 0xbf, 0x78]],
  ['latin1', 'é', [0xe9]],
  ['binary', 'ÿ\u0000', [0xff, 0]],
  ['ascii', 'az', [0x61, 0x7a]],
  ['base64', 'aGk=', [0x68, 0x69]],
  ['hex', '00ff', [0, 255]],
])('%s goes both ways', (encoding, text, bytes) => {
  expect([...encodeText(text, encoding)]).toEqual(bytes);
  expect(decodeText(Uint8Array.from(bytes), encoding)).toBe(text);
});

test('long bytes become text without overflowing the stack', () => {
  expect(decodeText(new Uint8Array(300_000).fill(65), 'latin1')).toHaveLength(300_000);
});

test('bytes are copied', () => {
  const bytes = Uint8Array.of(1);
  encodeText(bytes)[0] = 2;
  expect(bytes[0]).toBe(1);
});

test('the memory of a Buffer is not shared', () => {
  const buffer = Buffer.from('mine');
  const bytes = encodeText(buffer);
  buffer.fill(0);
  expect(new TextDecoder().decode(bytes)).toBe('mine');
  expect(bytes.constructor).toBe(Uint8Array);
  expect(bytes.buffer.byteLength).toBe(4);
});

test('what is neither text nor bytes is refused', () => {
  for (const value of [undefined, null, 1, [1], {}, new ArrayBuffer(1)]) expect(() => encodeText(value as string)).toThrow(/a string or a Uint8Array/);
});

test('what is not in the encoding is refused', () => {
  expect(() => encodeText('abc', 'hex')).toThrow(TypeError);
  expect(() => encodeText('%', 'base64')).toThrow(TypeError);
  expect(() => encodeText('x', 'utf16' as TextEncoding)).toThrow(/use utf8/);
});
