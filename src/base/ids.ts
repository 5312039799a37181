/** The change every repo starts from: it has no content and no parents. */
export const VIRTUAL_ROOT_CHANGE_ID: string = 'z'.repeat(32);

/** The commit of the virtual root, as the REST API names it. */
export const ZERO_OID: string = '0'.repeat(40);

/** The id of git's empty tree. */
export const EMPTY_TREE_OID = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** The id of git's empty blob. */
export const EMPTY_BLOB_OID = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';

/** Tells whether a value is a git object id: 40 lower-case hex digits. */
export function isOid(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{40}$/.test(value);
}

/** Tells whether a value is a change id: 32 letters from `k` to `z`. */
export function isChangeId(value: unknown): value is string {
  return typeof value === 'string' && /^[k-z]{32}$/.test(value);
}

/** Makes a new change id out of 16 random bytes. */
export function newChangeId(random: (bytes: Uint8Array) => void): string {
  const bytes = new Uint8Array(16);
  random(bytes);
  let id = '';
  for (const byte of bytes) id += reverseHex(byte >> 4) + reverseHex(byte & 15);
  return id;
}

function reverseHex(nibble: number): string {
  return String.fromCharCode(122 - nibble);
}

/** File modes as git stores them. */
export const MODE = { file: 0o100644, executable: 0o100755, symlink: 0o120000, tree: 0o040000, submodule: 0o160000 } as const;

/** A new client id: 16 random bytes in url-safe base64. */
export function newClientId(random: (bytes: Uint8Array) => void): string {
  const bytes = new Uint8Array(16);
  random(bytes);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .slice(0, 22);
}
