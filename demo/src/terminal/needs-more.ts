import type { CommandResult } from '../workspace/client.ts';

/**
 * Tells whether a command line isn't finished yet: an open quote, a backslash, a pipe, `&&` or `||` at the end, or a here-document without its end. What else may
 * lack its end, as a loop, only the shell can tell: {@link lacksEnd}.
 */
export function needsMore(text: string): boolean {
  let quote = '';
  /** The words that end the here-documents that begin behind this line. */
  let ends: string[] = [];
  /** How many `((` are open: what is reckoned in there shifts by `<<`. */
  let sums = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    const rest = text.slice(index);
    if (quote === "'") {
      if (character === "'") quote = '';
    } else if (character === '\\') {
      if (index === text.length - 1) return true;
      index += 1;
    } else if (quote === '"') {
      if (character === '"') quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '#' && (index === 0 || /\s/.test(text.charAt(index - 1)))) {
      const end = rest.indexOf('\n');
      if (end < 0) return ends.length > 0;
      index += end - 1;
    } else if (rest.startsWith('((')) {
      sums += 1;
      index += 1;
    } else if (sums > 0 && rest.startsWith('))')) {
      sums -= 1;
      index += 1;
    } else if (rest.startsWith('<<<')) index += 2;
    else if (sums === 0 && rest.startsWith('<<')) {
      const [begin = '', , end] = /^<<-?[ \t]*(['"]?)([A-Za-z_]\w*)\1/.exec(rest) ?? [];
      if (end !== undefined) ends.push(end);
      index += Math.max(begin.length, 2) - 1;
    } else if (character === '\n' && ends.length > 0) {
      const length = documentsLength(rest.slice(1), ends);
      if (length === null) return true;
      index += length;
      ends = [];
    }
  }
  return quote !== '' || ends.length > 0 || /(?:^|[^\\>|&])(?:\|\|?|&&)\s*$/.test(text);
}

/** Tells whether the shell found a command line to end too early, as a `for` without its `done`. Nothing of it was run then. */
export function lacksEnd(command: string, { stdout, stderr }: CommandResult): boolean {
  const [, row, column] = /^bash: syntax error: Parse error at (\d+):(\d+): /.exec(stderr) ?? [];
  const rows = command.split('\n');
  // It counts columns behind the indentation.
  return stdout === '' && Number(row) === rows.length && Number(column) > (rows.at(-1) ?? '').trimStart().length;
}

/** How long the here-documents are that a text begins with, one behind the other; `null` where the end of one is missing. Quotes in them are no quotes. */
function documentsLength(text: string, ends: readonly string[]): number | null {
  let length = 0;
  let found = 0;
  for (const line of text.split('\n')) {
    length += line.length + 1;
    if (line.replace(/^\t+/, '') === ends[found]) found += 1;
    // The end of the last line is the command line's own.
    if (found === ends.length) return length - 1;
  }
  return null;
}
