import * as bindings from './generated/mesa_core.js';
import type { InitInput } from './generated/mesa_core.js';

/** Where the WebAssembly file comes from: an address, a response, its bytes, or a compiled module. */
export type WasmSource = InitInput | Promise<InitInput>;

/** The core's functions; see `crates/wasm` for what each does. */
export type Core = Pick<
  typeof bindings,
  | 'hashObject'
  | 'hashBlobs'
  | 'verifyObject'
  | 'decodeTree'
  | 'encodeTree'
  | 'decodeCommit'
  | 'encodeCommit'
  | 'changeIdFromBytes'
  | 'changeIdToBytes'
  | 'diffText'
  | 'isBinary'
  | 'coreVersion'
> & { pool(): bindings.ObjectPool };

let loading: Promise<Core> | undefined;

/**
 * Loads the core, once for the process: later calls answer the same one. Without a source, the file beside the generated module is fetched
 * (browsers, Deno); Node and workerd pass bytes or a module (see `src/runtime`).
 */
export function loadCore(source?: WasmSource): Promise<Core> {
  loading ??= instantiate(source).catch((error: unknown) => {
    loading = undefined;
    throw new Error('The WebAssembly core could not be loaded; check that mesa_core_bg.wasm is served beside the bundle', { cause: error });
  });
  return loading;
}

async function instantiate(source?: WasmSource): Promise<Core> {
  const input = await source;
  if (input instanceof WebAssembly.Module) bindings.initSync({ module: input });
  else await bindings.default(input === undefined ? undefined : { module_or_path: input });
  return { ...bindings, pool: () => new bindings.ObjectPool() };
}
