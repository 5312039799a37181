/** How a file's text is spelled in bytes; the editor itself only knows `\n`. */
export interface TextFormat {
  eol: '\n' | '\r\n';
  bom: boolean;
}

/** A file's text as the editor holds it, with what it takes to write the same bytes back. */
export interface DecodedText {
  text: string;
  format: TextFormat;
}

const sniffedBytes = 8_000;
const byteOrderMark = '\uFEFF';

/**
 * Reads bytes as text, or answers `null` when they are binary: a NUL near the start, or not UTF-8. Line ends that are all CRLF become
 * `\n` and are remembered; mixed ones stay in the text as they are, so that saving changes nothing that wasn't edited.
 */
export function decodeText(bytes: Uint8Array): DecodedText | null {
  if (bytes.subarray(0, sniffedBytes).includes(0)) return null;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
  const bom = text.startsWith(byteOrderMark);
  if (bom) text = text.slice(1);
  if (!hasOnlyCrlf(text)) return { text, format: { eol: '\n', bom } };
  return { text: text.replaceAll('\r\n', '\n'), format: { eol: '\r\n', bom } };
}

/** Writes the editor's text back in the file's own spelling. */
export function encodeText(text: string, format: TextFormat): Uint8Array {
  const body = format.eol === '\r\n' ? text.replaceAll('\n', '\r\n') : text;
  return new TextEncoder().encode(format.bom ? byteOrderMark + body : body);
}

function hasOnlyCrlf(text: string): boolean {
  return text.includes('\r\n') && !/\r(?!\n)|(?<!\r)\n/.test(text);
}
