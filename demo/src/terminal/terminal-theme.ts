import type { ITheme } from '@xterm/xterm';

const ansi = {
  light: [
    '#3b352d',
    '#b3261e',
    '#2c7a3f',
    '#8f6a00',
    '#1c63b7',
    '#7a3ab8',
    '#0d7264',
    '#e4dfd6',
    '#8d8578',
    '#cf3a30',
    '#389a50',
    '#a87d00',
    '#2f7ad6',
    '#9454d6',
    '#128a79',
    '#25211c',
  ],
  dark: [
    '#3a3631',
    '#ff8a80',
    '#6fc487',
    '#e5c052',
    '#74b3ff',
    '#c79bff',
    '#5fcfbb',
    '#d8d2c8',
    '#756e64',
    '#ffa79f',
    '#8bdba1',
    '#f3d67a',
    '#98c8ff',
    '#d9bcff',
    '#86e3d2',
    '#fffdf8',
  ],
} as const;

const names = [
  'black',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
  'white',
  'brightBlack',
  'brightRed',
  'brightGreen',
  'brightYellow',
  'brightBlue',
  'brightMagenta',
  'brightCyan',
  'brightWhite',
] as const;

/** The terminal's colours, taken from the page as it looks now. */
export function terminalTheme(element: HTMLElement): ITheme {
  const style = getComputedStyle(element);
  const dark = isDark(style.color);
  const theme: ITheme = {
    background: style.backgroundColor,
    foreground: style.color,
    cursor: style.caretColor,
    cursorAccent: style.backgroundColor,
    selectionBackground: dark ? '#2c3f58' : '#d7e4f7',
    scrollbarSliderBackground: dark ? '#423e3988' : '#cdc6b988',
    scrollbarSliderHoverBackground: dark ? '#423e39' : '#cdc6b9',
    scrollbarSliderActiveBackground: dark ? '#5a554e' : '#b5ad9f',
  };
  for (const [index, name] of names.entries()) theme[name] = ansi[dark ? 'dark' : 'light'][index] ?? style.color;
  return theme;
}

/** Light text means a dark page. */
function isDark(colour: string): boolean {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return red + green + blue > 384;
}
