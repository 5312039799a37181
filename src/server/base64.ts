const CHUNK = 0x6000; // a multiple of 3, so that chunks encode one by one

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += btoa(String.fromCharCode(...bytes.subarray(at, at + CHUNK)));
  return text;
}

/** Base64 with `-` and `_` and without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Reads standard base64, or answers `null` when it is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (/[^A-Za-z0-9+/=]/.test(text)) return null;
  try {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
    return bytes;
  } catch {
    return null;
  }
}

/** Reads unpadded url-safe base64, or answers `null` when it is none. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (/[^A-Za-z0-9_-]/.test(text)) return null;
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
}
