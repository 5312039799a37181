import { expect, test } from 'vitest';
import { runBinding, type Command } from './commands.ts';
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

const ran = (pressed: KeyPress, typing: boolean, apple: boolean): string[] => {
  const out: string[] = [];
  const commands = ['Alt+N', 'Alt+W', 'Alt+[', 'Mod+Alt+S'].map((keys): Command => ({
    id: keys,
    group: 'File',
    title: keys,
    keys: [keys],
    run: () => void out.push(keys),
  }));
  expect(runBinding(commands, pressed, { typing, terminal: false }, apple)).toBe(out.length > 0);
  return out;
};

test.each([
  [press('∑', { code: 'KeyW', altKey: true }), 'Alt+W'],
  [press('Dead', { code: 'KeyN', altKey: true }), 'Alt+N'],
  [press('“', { code: 'BracketLeft', altKey: true }), 'Alt+['],
])('on Apple’s platforms Option writes while typing, and is a command elsewhere: %j', (pressed, command) => {
  expect(ran(pressed, true, true)).toEqual([]);
  expect(ran(pressed, false, true)).toEqual([command]);
});

test('Option is a command while typing where it changes nothing, or with the command key', () => {
  expect(ran(press('w', { code: 'KeyW', altKey: true }), true, true)).toEqual(['Alt+W']);
  expect(ran(press('w', { code: 'KeyW', altKey: true }), true, false)).toEqual(['Alt+W']);
  expect(ran(press('ß', { code: 'KeyS', altKey: true, metaKey: true }), true, true)).toEqual(['Mod+Alt+S']);
});

test('in the terminal Ctrl with a letter edits the line, and is a command where it would do nothing', () => {
  const out: string[] = [];
  const commands = ['Mod+P', 'Mod+B', 'Mod+S', 'Mod+Shift+P', 'Alt+W'].map((keys): Command => ({
    id: keys,
    group: 'Go',
    title: keys,
    keys: [keys],
    run: () => void out.push(keys),
  }));
  const shifted = press('P', { code: 'KeyP', ctrlKey: true, shiftKey: true });
  const pressed = ['p', 'b', 's'].map((key) => press(key, { code: `Key${key.toUpperCase()}`, ctrlKey: true }));
  for (const one of [...pressed, shifted, press('w', { code: 'KeyW', altKey: true })]) runBinding(commands, one, { typing: true, terminal: true }, false);
  expect(out).toEqual(['Mod+S', 'Mod+Shift+P', 'Alt+W']);
});

test('a letter that is typed is meant, wherever the keyboard has it', () => {
  // AZERTY has Z where others have W, Dvorak X where others have B.
  expect(isBinding(press('z', { code: 'KeyW', altKey: true }), 'Alt+W', false)).toBe(false);
  expect(isBinding(press('z', { code: 'KeyW', altKey: true }), 'Alt+Z', false)).toBe(true);
  expect(isBinding(press('x', { code: 'KeyB', ctrlKey: true }), 'Mod+B', false)).toBe(false);
  expect(isBinding(press('и', { code: 'KeyB', ctrlKey: true }), 'Mod+B', false)).toBe(true);
});

test('AltGr writes', () => {
  const pressed = press('ś', { code: 'KeyS', ctrlKey: true, altKey: true });
  expect(ran(pressed, true, false)).toEqual(['Mod+Alt+S']);
  expect(ran({ ...pressed, getModifierState: (name) => name === 'AltGraph' }, true, false)).toEqual([]);
});
