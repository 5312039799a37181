import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/places.mjs';
import { run } from '../lib/run.mjs';

/** What every engine has had for years: wasm-opt's name and Binaryen's. */
const FEATURES = {
  'bulk-memory': 'BulkMemory',
  'reference-types': 'ReferenceTypes',
  'sign-ext': 'SignExt',
  'nontrapping-float-to-int': 'NontrappingFPToInt',
  'mutable-globals': 'MutableGlobals',
  multivalue: 'Multivalue',
};
const VECTORS = { simd: 'SIMD128' };
/** wasm-opt's own inlining makes the file larger when gzipped: only functions of a byte or two are taken in, such as those emptied here. */
const SMALL = ['-O2', '-aimfs=1', '-fimfs=1', '-ocimfs=1', '--strip-debug', '--strip-producers', '--strip-target-features'];

/**
 * What Rust runs to tell of a panic, by name. Nobody reads it: the instance traps either way, and the handle in `src/core` starts a new one. So the
 * functions trap at once, which takes with them the formatting of messages, and of every place that could panic the arguments.
 */
const PANICS = [
  /^(core|std|alloc)(\[\w+\])?::panicking::/,
  /^core(\[\w+\])?::(option|result)::(unwrap|expect)_failed/,
  /^core(\[\w+\])?::slice::(index::slice_|copy_from_slice_impl::len_mismatch_fail)/,
  /^core(\[\w+\])?::str::slice_error/,
  /^core(\[\w+\])?::cell::panic_/,
  /^alloc(\[\w+\])?::alloc::handle_alloc_error/,
  /^alloc(\[\w+\])?::raw_vec::(capacity_overflow|handle_error)/,
  /^<alloc(\[\w+\])?::vec::Vec<.*>>::\w+::assert_failed/,
  /^std(\[\w+\])?::thread::local::panic_access_error/,
  /rust_begin_unwind|rust_panic|rust_alloc_error_handler|default_alloc_error_hook/,
];

/** What panics would have said: with nobody left to say it, zeros in its place take no room in the gzipped file. */
const MESSAGES = [
  /\/(rustc\/[0-9a-f]{40}|usr\/lib\/rustlib\/src\/rust)\/library\/[\w/.]+\.rs/g,
  /insertion index \(is |\) should be <= len \(is |rwlock overflowed read locks/g,
  /index out of bounds: the len is | but the index is |range (start|end) index | out of range for slice of length |slice index starts at | but ends at /g,
  /copy_from_slice: source slice length \(|\) does not match destination slice length \(|chunk size must be non-zero|mid > len/g,
  /capacity overflow|Tried to shrink to a larger capacity|attempt to join into collection with len > usize::MAX/g,
  /called `(Option|Result)::(unwrap|unwrap_throw|expect)\(\)` on an? `(None|Err)` value/g,
  /assertion `left |a formatting trait implementation returned an error when the underlying stream did not|attempt to divide by zero|LayoutError/g,
  /a Display implementation returned an error unexpectedly|already (mutably )?borrowed|cannot access a Thread Local Storage value during or after destruction: /g,
];

/** Writes the file as it is published. `vectors`: it may use them; `panics`: it has code for them. */
export async function slimWasm(input, output, { vectors = false, panics = true } = {}) {
  const { default: binaryen } = await import('binaryen');
  binaryen.setDebugInfo(true);
  const enabled = vectors ? { ...FEATURES, ...VECTORS } : FEATURES;
  const features = Object.values(enabled).reduce((all, name) => all | binaryen.Features[name], 0);
  const module = binaryen.readBinary(readFileSync(input), features);
  if (panics) empty(binaryen, module, PANICS);
  await optimise(module, enabled, output);
  if (panics) blank(output, MESSAGES);
  module.dispose();
}

async function optimise(module, features, output) {
  const emptied = `${output}.emptied`;
  writeFileSync(emptied, module.emitBinary());
  await run(join(root, 'node_modules/.bin/wasm-opt'), [...Object.keys(features).map((name) => `--enable-${name}`), ...SMALL, emptied, '-o', output]);
  rmSync(emptied);
}

/** Puts zeros in the place of what nothing says any more. */
function blank(file, patterns) {
  // One character a byte: places in the text are places in the file.
  const text = readFileSync(file).toString('latin1');
  const blanked = patterns.reduce((rest, pattern) => rest.replaceAll(pattern, (message) => '\0'.repeat(message.length)), text);
  writeFileSync(file, Buffer.from(blanked, 'latin1'));
}

/** Makes the functions trap at once whose names fit one of the patterns. */
function empty(binaryen, module, patterns) {
  let emptied = 0;
  for (let index = 0; index < module.getNumFunctions(); index += 1) {
    const ref = module.getFunctionByIndex(index);
    const { name, base } = binaryen.getFunctionInfo(ref);
    if (base !== '' || !patterns.some((pattern) => pattern.test(name))) continue;
    binaryen.Function.setBody(ref, module.unreachable());
    emptied += 1;
  }
  if (emptied === 0) throw new Error('No function is named like those of panics: were the names stripped?');
}
