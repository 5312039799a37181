import { concatBytes } from '../wire/bytes.ts';

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Replaces each conflict of a file's rendered text, from its start marker to its end marker, by other bytes.
 *
 * @param rendered what the core renders in the snapshot style without labels
 * @param parts as many as there are conflicts
 */
export function replaceRegions(rendered: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const out: Uint8Array[] = [];
  const title = (index: number): string => `conflict ${index + 1} of ${parts.length}`;
  // What looks like a marker in a side is shorter than the markers.
  let length = 0;
  for (const line of linesOf(rendered, '<', title(0), 0)) length = Math.max(length, line.length);
  const marker = (char: string, what: string, from: number): MarkerLine | undefined => {
    for (const line of linesOf(rendered, char, what, from)) if (line.length === length) return line;
    return undefined;
  };
  let place = 0;
  for (const [index, part] of parts.entries()) {
    const start = marker('<', title(index), place);
    const end = start && marker('>', `${title(index)} ends`, start.to);
    if (!start || !end) throw new Error(`The rendered text has no region for ${title(index)}`);
    out.push(rendered.subarray(place, start.from), part);
    place = end.to;
  }
  out.push(rendered.subarray(place));
  return concatBytes(out);
}

/** A line that looks like a marker: `length` times its character, a space and a title. */
interface MarkerLine {
  from: number;
  to: number;
  length: number;
}

function* linesOf(bytes: Uint8Array, marker: string, title: string, from: number): Generator<MarkerLine> {
  for (let at = from; at < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, at);
    const to = newline < 0 ? bytes.length : newline + 1;
    if (bytes[at] === marker.charCodeAt(0)) {
      const end = newline < 0 ? to : bytes[newline - 1] === RETURN ? newline - 1 : newline;
      const text = new TextDecoder().decode(bytes.subarray(at, end));
      const length = text.length - title.length - 1;
      if (length >= 7 && text === `${marker.repeat(length)} ${title}`) yield { from: at, to, length };
    }
    at = to;
  }
}
