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
      'crates/checked',
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
    // Smaller than a request for it.
    rmSync(await asText('lanes', env, { vectors: true, panics: false }));
    // Needed wherever a server runs; where nothing may be compiled at run time, as the file.
    await asText('checked', env, { panics: false });
    rmSync(join(out, '.gitignore'), { force: true });
    writeFileSync(stamp, from);
    return `${kilobytes(statSync(file).size)}, ${kilobytes(gzipSync(readFileSync(file)).length)} gzipped`;
  },
};

/** A crate without bindings as text in a module, and as a file, whose path is answered. */
async function asText(name, env, options) {
  await run('cargo', ['build', '--release', '--target', TARGET, '-p', `mesa-${name}`], { cwd: root, env });
  const built = join(env.CARGO_TARGET_DIR ?? process.env.CARGO_TARGET_DIR ?? join(root, 'target'), TARGET, `release/mesa_${name}.wasm`);
  const slim = join(out, `${name}.wasm`);
  await slimWasm(built, slim, options);
  writeFileSync(join(out, `${name}.js`), `export const ${name} = '${readFileSync(slim).toString('base64')}';\n`);
  writeFileSync(join(out, `${name}.d.ts`), `/** \`crates/${name}\` as WebAssembly, in base64. */\nexport const ${name}: string;\n`);
  return slim;
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
