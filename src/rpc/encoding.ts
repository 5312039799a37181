/** Text encodings of file calls; `binary` and `latin1` take each character for one byte. */
export type TextEncoding = 'utf8' | 'utf-8' | 'ascii' | 'binary' | 'base64' | 'hex' | 'latin1';

/** Characters turned into text at a time: more would overflow the stack, and be no faster. */
const CHUNK = 0x2000;

/** The bytes of a text in an encoding. Answers bytes of its own, never the ones given. @throws TypeError for what is neither text nor bytes, or not in the encoding */
export function encodeText(content: string | Uint8Array, encoding: TextEncoding = 'utf8'): Uint8Array {
  if (typeof content !== 'string') return copyOf(content);
  switch (encoding) {
    case 'utf8':
    case 'utf-8':
      return new TextEncoder().encode(content);
    case 'ascii':
    case 'binary':
    case 'latin1':
      return fromLatin1(content);
    case 'base64':
      return fromBase64(content);
    case 'hex':
      return fromHex(content);
    default:
      throw new TypeError(`Unknown encoding ${JSON.stringify(encoding)}; use utf8, latin1, binary, ascii, base64 or hex`);
  }
}

/**
 * The bytes of a typed array or a view, as an array of their own. Not with `slice`: that of Node's `Buffer` answers the same memory, which its owner goes on to
 * change.
 */
function copyOf(content: Uint8Array): Uint8Array {
  // Callers without types pass anything; an array of numbers, say, would be kept as something else.
  if (ArrayBuffer.isView(content)) return new Uint8Array(new Uint8Array(content.buffer, content.byteOffset, content.byteLength));
  throw new TypeError(`Content is a string or a Uint8Array, not ${nameOf(content)}`);
}

function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return `${Array.isArray(value) ? 'an array' : `a value of type ${value.constructor?.name ?? 'object'}`}; pass new Uint8Array(…) of it`;
}

/** The text that bytes are in an encoding. */
export function decodeText(bytes: Uint8Array, encoding: TextEncoding = 'utf8'): string {
  switch (encoding) {
    case 'utf8':
    case 'utf-8':
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    case 'ascii':
      return toLatin1(bytes.map((byte) => byte & 0x7f));
    case 'binary':
    case 'latin1':
      return toLatin1(bytes);
    case 'base64':
      return btoa(toLatin1(bytes));
    case 'hex':
      return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    default:
      throw new TypeError(`Unknown encoding ${JSON.stringify(encoding)}; use utf8, latin1, binary, ascii, base64 or hex`);
  }
}

/** One character for each byte. */
export function toLatin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  // Not spread: that goes through an iterator, and takes eight times as long.
  for (let at = 0; at < bytes.length; at += CHUNK) parts.push(Reflect.apply(String.fromCharCode, null, bytes.subarray(at, at + CHUNK)));
  return parts.join('');
}

function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

function fromBase64(text: string): Uint8Array {
  try {
    return fromLatin1(atob(text));
  } catch (cause) {
    throw new TypeError('The text is not base64', { cause });
  }
}

function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || /[^0-9a-f]/i.test(text)) throw new TypeError('The text is not hex: pairs of hex digits');
  return Uint8Array.from({ length: text.length / 2 }, (_, index) => Number.parseInt(text.slice(index * 2, index * 2 + 2), 16));
}
