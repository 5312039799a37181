import * as bindings from './generated/mesa_core.js';
import type { InitInput } from './generated/mesa_core.js';
import { makeHashing } from './hash.ts';
import type { Hashing, NativeSha1 } from './hash.ts';
import { GuardedPool, guardedFunctions } from './trap.ts';

/** Where the WebAssembly file comes from: an address, a response, its bytes, or a compiled module. */
export type WasmSource = InitInput | Promise<InitInput>;

/** The functions that need nothing but their arguments; see `crates/wasm` for what each does. */
type CoreFunction =
  | 'decodeTree'
  | 'encodeTree'
  | 'decodeCommit'
  | 'encodeCommit'
  | 'changeIdFromBytes'
  | 'changeIdToBytes'
  | 'diffText'
  | 'mergeTexts'
  | 'isBinary'
  | 'coreVersion'
  | 'memoryBytes';

/**
 * The core's functions. A call in which the instance gives up throws a `CoreTrapError`, and a fresh instance serves the next one.
 */
export type Core = Pick<typeof bindings, CoreFunction> & Hashing & { pool(): bindings.ObjectPool };

let loading: Promise<Core> | undefined;

/**
 * Loads the core, once for the process: later calls answer the same one. Without a source, the file beside the generated module is fetched
 * (browsers, Deno); Node and workerd pass bytes or a module (see `src/runtime`). `native` is the platform's own SHA-1, if it has one that answers
 * at once.
 */
export function loadCore(source?: WasmSource, native?: NativeSha1): Promise<Core> {
  loading ??= instantiate(source, native).catch((error: unknown) => {
    loading = undefined;
    throw new Error('The WebAssembly core could not be loaded; check that mesa_core_bg.wasm is served beside the bundle', { cause: error });
  });
  return loading;
}

async function instantiate(source: WasmSource | undefined, native: NativeSha1 | undefined): Promise<Core> {
  const input = await source;
  if (input instanceof WebAssembly.Module) bindings.initSync({ module: input });
  else await bindings.default(input === undefined ? undefined : { module_or_path: input });
  return { ...guardedFunctions<CoreFunction>(), ...makeHashing(native), pool: () => new GuardedPool() };
}
