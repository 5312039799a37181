import { expect, test } from 'vitest';
import { replaceRegions } from './conflict-regions.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const part = (text: string): Uint8Array[] => [bytes(text)];
const replaced = (text: string, parts: Uint8Array[]): string => new TextDecoder().decode(replaceRegions(bytes(text), parts));

test('text that looks like a conflict is none: the markers are longer', () => {
  const quoted = '<<<<<<< conflict 1 of 1\nan example\n>>>>>>> conflict 1 of 1 ends\n';
  const real = `<<<<<<<<<<< conflict 1 of 1\nmine\n${quoted}>>>>>>>>>>> conflict 1 of 1 ends\n`;
  expect(replaced(`before\n${quoted}${real}after\n`, part('taken\n'))).toBe(`before\n${quoted}taken\nafter\n`);
});

test('each conflict has its own part, whatever its lines end with', () => {
  const region = (index: number): string => `<<<<<<< conflict ${index} of 2\r\nx\r\n>>>>>>> conflict ${index} of 2 ends\r\n`;
  expect(replaced(`a\r\n${region(1)}b\r\n${region(2)}`, [...part('1\r\n'), ...part('2')])).toBe('a\r\n1\r\nb\r\n2');
});
