/** Whether this platform's main modifier is the command key. */
export const isApple: boolean = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

/** The part of a keyboard event a binding looks at. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'> & Partial<Pick<KeyboardEvent, 'getModifierState'>>;

/**
 * Tells whether a key press is a binding such as `Mod+Shift+P`, `Alt+[`, `Ctrl+\`` or `F7`. `Mod` is the command key on Apple's
 * platforms and Ctrl elsewhere. With a modifier, keys that write no basic letter are also known by their place,
 * since Alt changes what they write, and other alphabets have other letters.
 */
export function isBinding(press: KeyPress, binding: string, apple: boolean = isApple): boolean {
  const parts = binding.split('+');
  const key = parts.pop() ?? '';
  const wants = (name: string): boolean => parts.includes(name);
  const ctrl = wants('Ctrl') || (wants('Mod') && !apple);
  const meta = wants('Mod') && apple;
  // AltGr is for writing, though some systems tell of it as Ctrl and Alt.
  if (parts.length > 0 && press.getModifierState?.('AltGraph') === true) return false;
  if (press.ctrlKey !== ctrl || press.metaKey !== meta || press.altKey !== wants('Alt')) return false;
  const typed = press.key.toLowerCase() === key.toLowerCase();
  // A letter that is typed is meant, wherever the keyboard has it; by its place a key is known that writes something else.
  const isPlace = press.code === codeOf(key) && !/^[a-z]$/i.test(press.key);
  // `?` is a key of its own: whether Shift makes it depends on the keyboard.
  if (parts.length === 0 && key.length === 1) return typed;
  return press.shiftKey === wants('Shift') && (typed || isPlace);
}

/** Whether a press that is a binding is a character's as well: on Apple's platforms Option writes `∑`, or half of `ñ`, and is no command where text is typed. */
export function writesCharacter(press: KeyPress, binding: string, apple: boolean = isApple): boolean {
  const parts = binding.split('+');
  const key = parts.pop() ?? '';
  if (!apple || !parts.includes('Alt') || parts.includes('Mod') || parts.includes('Ctrl')) return false;
  return press.key === 'Dead' || (Array.from(press.key).length === 1 && press.key.toLowerCase() !== key.toLowerCase());
}

/** A binding's keys as a person reads them. */
export function keyLabels(binding: string, apple: boolean = isApple): string[] {
  const names: Record<string, string> = apple ? { Mod: '⌘', Shift: '⇧', Alt: '⌥', Ctrl: '⌃' } : { Mod: 'Ctrl' };
  return binding.split('+').map((part) => names[part] ?? part);
}

const codes: Record<string, string> = { '`': 'Backquote', '[': 'BracketLeft', ']': 'BracketRight', ',': 'Comma', '.': 'Period' };

function codeOf(key: string): string {
  if (/^[A-Z]$/.test(key)) return `Key${key}`;
  if (/^\d$/.test(key)) return `Digit${key}`;
  return codes[key] ?? key;
}
