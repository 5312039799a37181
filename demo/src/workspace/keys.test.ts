import { expect, test } from 'vitest';
import { isBinding, keyLabels, type KeyPress } from './keys.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

test('Mod is Ctrl, and the command key on Apple’s platforms', () => {
  expect(isBinding(press('p', { ctrlKey: true }), 'Mod+P', false)).toBe(true);
  expect(isBinding(press('p', { metaKey: true }), 'Mod+P', true)).toBe(true);
  expect(isBinding(press('p', { ctrlKey: true }), 'Mod+P', true)).toBe(false);
});

test('every modifier counts', () => {
  expect(isBinding(press('P', { ctrlKey: true, shiftKey: true }), 'Mod+P', false)).toBe(false);
  expect(isBinding(press('P', { ctrlKey: true, shiftKey: true }), 'Mod+Shift+P', false)).toBe(true);
  expect(isBinding(press('F7', { shiftKey: true }), 'F7', false)).toBe(false);
});

test('a key that Alt changes is known by its place', () => {
  expect(isBinding(press('“', { code: 'BracketLeft', altKey: true }), 'Alt+[', true)).toBe(true);
});

test('a character of its own is known whatever makes it', () => {
  expect(isBinding(press('?', { shiftKey: true }), '?', false)).toBe(true);
});

test('labels follow the platform', () => {
  expect(keyLabels('Mod+Shift+P', true)).toEqual(['⌘', '⇧', 'P']);
  expect(keyLabels('Mod+Shift+P', false)).toEqual(['Ctrl', 'Shift', 'P']);
});
