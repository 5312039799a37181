import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fingerprint, root } from '../lib/places.mjs';
import { run } from '../lib/run.mjs';
import { rustEnvironment } from './rust.mjs';
import { toolsPath } from './tools.mjs';

const out = join(root, 'src/core/generated');
const stamp = join(out, '.built-from');
const file = join(out, 'mesa_core_bg.wasm');
const sources = () => fingerprint(['crates/core', 'crates/wasm', 'Cargo.toml', 'Cargo.lock', 'scripts/setup/wasm.mjs'].map((path) => join(root, path)));

/** Only what every engine has had for years is enabled. wasm-opt's own inlining makes the file larger when gzipped, so it is left out. */
const FEATURES = ['bulk-memory', 'reference-types', 'sign-ext', 'nontrapping-float-to-int', 'mutable-globals', 'multivalue'];
const OPTIMISE = ['-O2', '--skip-pass=inlining-optimizing', ...FEATURES.map((name) => `--enable-${name}`), '--strip-debug', '--strip-producers'];

/** The core as WebAssembly, with its TypeScript types. @type {import('./steps.mjs').Step} */
export const wasm = {
  name: 'WebAssembly core',
  takes: 'about 30 s',
  have: () => (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources() ? 'current' : null),
  async get(say) {
    const from = sources();
    say('compiling with wasm-pack');
    const rust = rustEnvironment() ?? {};
    const env = { ...rust, PATH: toolsPath(rust) };
    await run(
      'wasm-pack',
      [
        'build',
        'crates/wasm',
        '--target',
        'web',
        '--release',
        '--mode',
        'no-install',
        '--no-pack',
        '--out-dir',
        '../../src/core/generated',
        '--out-name',
        'mesa_core',
      ],
      { cwd: root, env },
    );
    say('optimising with wasm-opt');
    await run(join(root, 'node_modules/.bin/wasm-opt'), [...OPTIMISE, file, '-o', `${file}.small`]);
    renameSync(`${file}.small`, file);
    rmSync(join(out, '.gitignore'), { force: true });
    writeFileSync(stamp, from);
    return `${kilobytes(statSync(file).size)}, ${kilobytes(gzipSync(readFileSync(file)).length)} gzipped`;
  },
};

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
