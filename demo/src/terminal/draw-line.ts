/** A place on the screen, from 0, counted from where the prompt begins. */
export interface Place {
  row: number;
  column: number;
}

/** What draws a line, and where the cursor is afterwards. */
export interface DrawnLine {
  output: string;
  cursor: Place;
}

/**
 * Draws prompt and line over what was drawn before. `before` is where the cursor was left; `width` the screen's columns. The prompt may
 * hold colours.
 */
export function drawLine(prompt: string, text: string, cursor: number, width: number, before: Place): DrawnLine {
  const start = advance({ row: 0, column: 0 }, stripColours(prompt), width);
  const end = advance(start, text, width);
  const place = advance(start, text.slice(0, cursor), width);
  const up = before.row > 0 ? `\x1b[${before.row}A` : '';
  // A full last column leaves the cursor hanging there; the next row has to be begun by hand.
  const begun = end.column === 0 && end.row > 0 && !text.endsWith('\n') ? '\r\n' : '';
  const back = end.row > place.row ? `\x1b[${end.row - place.row}A` : '';
  const across = place.column > 0 ? `\x1b[${place.column}C` : '';
  return { output: `${up}\r\x1b[J${prompt}${text.replaceAll('\n', '\r\n')}${begun}${back}\r${across}`, cursor: place };
}

/** Where the cursor is after a text. */
export function advance(from: Place, text: string, width: number): Place {
  let { row, column } = from;
  for (const character of text) {
    if (character === '\n') {
      row += 1;
      column = 0;
      continue;
    }
    const cells = cellsOf(character);
    if (column + cells > width) {
      row += 1;
      column = 0;
    }
    column += cells;
    if (column === width) {
      row += 1;
      column = 0;
    }
  }
  return { row, column };
}

/** A text without its colours. */
export function stripColours(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/\x1b\[[0-9;]*m/g, '');
}

/** How many columns a character takes: none for marks that join the one before, two for wide ones. */
function cellsOf(character: string): number {
  if (/\p{Mark}|\p{Format}|\p{Variation_Selector}/u.test(character)) return 0;
  return /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u.test(character) ? 2 : 1;
}
