import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cache } from '../lib/places.mjs';
import { capture, run } from '../lib/run.mjs';
import { rustEnvironment } from './rust.mjs';

/** Pinned together with `wasm-bindgen` in crates/wasm/Cargo.toml. */
const TOOLS = [
  { crate: 'wasm-bindgen-cli', program: 'wasm-bindgen', version: '0.2.130' },
  { crate: 'wasm-pack', program: 'wasm-pack', version: '0.15.1' },
];

/** A folder for each set of versions, so that checkouts of different ages share the cache. */
const home = join(cache, 'tools', TOOLS.map((tool) => tool.version).join('-'));
const programs = join(home, 'bin');

/** PATH with the tools first, then whatever the given environment has. */
export const toolsPath = ({ PATH = process.env.PATH } = {}) => [programs, PATH].join(delimiter);

const lacking = () =>
  TOOLS.filter((tool) => !existsSync(join(programs, tool.program)) || !capture(join(programs, tool.program), ['--version'])?.includes(tool.version));

/** wasm-pack and wasm-bindgen, compiled from crates.io into the cache folder. @type {import('./steps.mjs').Step} */
export const wasmTools = {
  name: 'wasm-pack and wasm-bindgen',
  takes: 'about 3 minutes, once for this user',
  have: () => (lacking().length === 0 ? 'there' : null),
  async get(say) {
    const tools = lacking();
    for (const [index, tool] of tools.entries()) {
      say(`compiling ${tool.crate} ${tool.version} (${index + 1} of ${tools.length})`);
      // They run for a second in all: little optimisation halves the time to build them.
      const env = { ...rustEnvironment(), CARGO_PROFILE_RELEASE_OPT_LEVEL: '1', CARGO_PROFILE_RELEASE_LTO: 'false', CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16' };
      await run('cargo', ['install', '--quiet', tool.crate, '--version', tool.version, '--root', home, '--force'], { env });
    }
    return tools.map((tool) => `${tool.program} ${tool.version}`).join(', ');
  },
};
