import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fingerprint, root } from '../lib/places.mjs';
import { run } from '../lib/run.mjs';
import { rustEnvironment, TARGET } from './rust.mjs';
import { slimWasm } from './slim-wasm.mjs';
import { toolsPath } from './tools.mjs';

const out = join(root, 'src/core/generated');
const stamp = join(out, '.built-from');
const file = join(out, 'mesa_core_bg.wasm');
const sources = () =>
  fingerprint(
    [
      'crates/core',
      'crates/diff',
      'crates/hash',
      'crates/lanes',
      'crates/wasm',
      'Cargo.toml',
      'Cargo.lock',
      'scripts/setup/wasm.mjs',
      'scripts/setup/slim-wasm.mjs',
    ].map((path) => join(root, path)),
  );

/** The core as WebAssembly, with its TypeScript types. @type {import('./steps.mjs').Step} */
export const wasm = {
  name: 'WebAssembly core',
  takes: 'about 30 s',
  have: () => (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources() ? 'current' : null),
  async get(say) {
    const from = sources();
    say('compiling with wasm-pack');
    const rust = rustEnvironment() ?? {};
    // The places of panics are told to nobody, and would name folders of this machine. Only a flag that is not stable yet leaves them out.
    const env = { ...rust, PATH: toolsPath(rust), RUSTC_BOOTSTRAP: '1', RUSTFLAGS: '-Zlocation-detail=none' };
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
    await slimWasm(file, `${file}.small`);
    renameSync(`${file}.small`, file);
    await lanes(env);
    rmSync(join(out, '.gitignore'), { force: true });
    writeFileSync(stamp, from);
    return `${kilobytes(statSync(file).size)}, ${kilobytes(gzipSync(readFileSync(file)).length)} gzipped`;
  },
};

/** `crates/lanes` as text in a module: it is smaller than a request for it. */
async function lanes(env) {
  await run('cargo', ['build', '--release', '--target', TARGET, '-p', 'mesa-lanes'], { cwd: root, env });
  const built = join(env.CARGO_TARGET_DIR ?? process.env.CARGO_TARGET_DIR ?? join(root, 'target'), TARGET, 'release/mesa_lanes.wasm');
  const slim = join(out, 'lanes.wasm');
  await slimWasm(built, slim, { vectors: true, panics: false });
  writeFileSync(join(out, 'lanes.js'), `export const lanes = '${readFileSync(slim).toString('base64')}';\n`);
  writeFileSync(join(out, 'lanes.d.ts'), '/** `crates/lanes` as WebAssembly, in base64. */\nexport const lanes: string;\n');
  rmSync(slim);
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
