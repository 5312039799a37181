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
  let place = 0;
  for (const [index, part] of parts.entries()) {
    const title = `conflict ${index + 1} of ${parts.length}`;
    const start = findLine(rendered, place, '<', title);
    const end = start && findLine(rendered, start.to, '>', `${title} ends`);
    if (!start || !end) throw new Error(`The rendered text has no region for ${title}`);
    out.push(rendered.subarray(place, start.from), part);
    place = end.to;
  }
  out.push(rendered.subarray(place));
  return concatBytes(out);
}

/** Finds a marker line: at least seven of `marker`, a space and `title`. */
function findLine(bytes: Uint8Array, from: number, marker: string, title: string): { from: number; to: number } | null {
  for (let at = from; at < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, at);
    const to = newline < 0 ? bytes.length : newline + 1;
    if (bytes[at] === marker.charCodeAt(0)) {
      const end = newline < 0 ? to : bytes[newline - 1] === RETURN ? newline - 1 : newline;
      const text = new TextDecoder().decode(bytes.subarray(at, end));
      if (text.endsWith(` ${title}`) && /^(.)\1{6,}$/.test(text.slice(0, -title.length - 1))) return { from: at, to };
    }
    at = to;
  }
  return null;
}
