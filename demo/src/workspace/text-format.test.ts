import { expect, test } from 'vitest';
import { decodeText, encodeText } from './text-format.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each(['', 'one\ntwo\n', 'one\r\ntwo\r\n', '\uFEFFone\r\ntwo', 'mixed\r\nends\n', 'old\rmac\r', 'grüße 🏔\n'])('%j comes back byte for byte', (text) => {
  const decoded = decodeText(bytes(text));
  expect(decoded && encodeText(decoded.text, decoded.format)).toEqual(bytes(text));
});

test('a text of CRLF lines is edited as plain lines', () => {
  expect(decodeText(bytes('a\r\nb\r\n'))).toEqual({ text: 'a\nb\n', format: { eol: '\r\n', bom: false } });
});

test('a NUL or a broken sequence makes it binary', () => {
  expect(decodeText(new Uint8Array([97, 0, 98]))).toBeNull();
  expect(decodeText(new Uint8Array([0xff, 0xfe, 0x41]))).toBeNull();
});
