import { describe, expect, test } from 'vitest';
import { cutAround, patternOf } from './hit-text.ts';

const find = (line: string, query: string, options: { matchCase?: boolean; regex?: boolean } = {}) =>
  cutAround(line, patternOf(query, { matchCase: false, regex: false, ...options }));

describe('a line that was found', () => {
  test('is split around what was found first', () => {
    expect(find('    return name; // Name\r', 'NAME')).toEqual({ before: 'return ', match: 'name', after: '; // Name' });
    expect(find('name; Name', 'Name', { matchCase: true })).toEqual({ before: 'name; ', match: 'Name', after: '' });
    expect(find('a.b(c)*', 'b(c)*')).toEqual({ before: 'a.', match: 'b(c)*', after: '' });
    expect(find('let x12 = 3', String.raw`\w\d+`, { regex: true })).toEqual({ before: 'let ', match: 'x12', after: ' = 3' });
    expect(find('  indented', '  ind')).toEqual({ before: '', match: '  ind', after: 'ented' });
  });

  test('however long it is, holds what was found', () => {
    const { before, match, after } = find(`${'x'.repeat(5_000)}here${'y'.repeat(5_000)}`, 'here');
    expect([before.at(0), before.length, match, after.length, after.at(-1)]).toEqual(['…', 81, 'here', 301, '…']);
  });

  test('is shown from its start where this page can’t tell what was found', () => {
    expect(find('  some text', '(?P<n>some)', { regex: true })).toEqual({ before: '', match: '', after: 'some text' });
    expect(find('  some text', 'x*', { regex: true })).toEqual({ before: '', match: '', after: 'some text' });
  });
});
