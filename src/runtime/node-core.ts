import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { NativeSha1 } from '../core/hash.ts';
import type { Core } from '../core/load.ts';
import { loadCore } from '../core/load.ts';

export type { Core } from '../core/load.ts';
export { loadNodeCore as loadCore };

/** Loads the core from the file beside the generated module: Node's fetch reads no files. */
export function loadNodeCore(): Promise<Core> {
  return loadCore(readFile(new URL('../core/generated/mesa_core_bg.wasm', import.meta.url)), sha1);
}

const sha1: NativeSha1 = (header, bytes) => createHash('sha1').update(header).update(bytes).digest('hex');
