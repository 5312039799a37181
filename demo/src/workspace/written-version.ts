/** The version of a path with nothing there. */
export const ABSENT = '0';

/**
 * The version a file has as it was written over `base`, whatever it meets where it is stored: what the next write is made from. `null` where that can't be
 * told from here: what is written over a conflict may stay one, and a page that did not come over a safe line can't hash.
 */
export async function writtenVersion(base: string, bytes: Uint8Array): Promise<string | null> {
  if (base.includes('.') || !('subtle' in crypto)) return null;
  const mode = /^(\d+)-/.exec(base)?.[1] ?? '100644';
  const header = new TextEncoder().encode(`blob ${bytes.length}\0`);
  const object = new Uint8Array(header.length + bytes.length);
  object.set(header);
  object.set(bytes, header.length);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', object));
  return `${mode}-${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
