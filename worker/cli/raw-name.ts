import { isUtf8 } from 'node:buffer';

/** A name as git or the disk has it: any bytes but NUL. */
export interface RawName {
  /** What it says; where it isn't UTF-8, its other bytes in octal, as git shows them. */
  text: string;
  /** Why no repo can hold it, if so. */
  problem: string | null;
}

/** Reads a name. In a repo names are Unicode: one in another encoding is not guessed at. */
export function readName(bytes: Buffer): RawName {
  if (isUtf8(bytes)) return { text: bytes.toString('utf8'), problem: null };
  const text = bytes.toString('latin1').replace(/[^ -~]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return { text, problem: 'the name is not valid UTF-8; rename it to import it' };
}

/** Cuts what `git … -z` printed into its parts. */
export function splitNul(printed: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0, end = printed.indexOf(0); end >= 0; at = end + 1, end = printed.indexOf(0, at)) parts.push(printed.subarray(at, end));
  return parts;
}
