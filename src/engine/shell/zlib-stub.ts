/**
 * Stands in for `node:zlib` in browsers, where the shell's browser build still imports it: `gzip`, `gunzip` and `zcat` fail with a clear message and
 * everything else works.
 */
function unavailable(): never {
  throw new Error('gzip is not available in this runtime');
}

export const gzipSync: () => never = unavailable;
export const gunzipSync: () => never = unavailable;
export const deflateSync: () => never = unavailable;
export const inflateSync: () => never = unavailable;
export const deflateRawSync: () => never = unavailable;
export const inflateRawSync: () => never = unavailable;
export const brotliCompressSync: () => never = unavailable;
export const brotliDecompressSync: () => never = unavailable;
export const createGzip: () => never = unavailable;
export const createGunzip: () => never = unavailable;
export const constants: Record<string, number> = {};
