import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { cache, onPath } from '../lib/places.mjs';
import { capture, run } from '../lib/run.mjs';
import { needs } from './steps.mjs';

export const TARGET = 'wasm32-unknown-unknown';
const debianSysroot = join(cache, 'rust-web');

/**
 * A Rust compiler that builds for WebAssembly. rustup's own target is taken where it can be downloaded; elsewhere Debian's web toolchain, for
 * which the standard library is built once.
 * @type {import('./steps.mjs').Step}
 */
export const wasmTarget = {
  name: 'Rust for WebAssembly',
  takes: '10 s with rustup, 2 minutes with Debian’s toolchain',
  have: () => (rustEnvironment() ? 'there' : null),
  async get(say) {
    const reasons = [];
    for (const way of [byRustup, byDebian]) {
      try {
        const got = await way(say);
        if (got && rustEnvironment()) return got;
      } catch (error) {
        reasons.push(error.message.split('\n').slice(0, 2).join(' '));
      }
    }
    throw needs(
      `no Rust compiler for ${TARGET} (${reasons.join('; ') || 'neither rustup nor apt-get is here'})`,
      `Install Rust (https://rustup.rs) and run: rustup target add ${TARGET}`,
    );
  },
};

/** Environment variables under which cargo builds for WebAssembly, or `null` when nothing here can. */
export function rustEnvironment() {
  const cargo = onPath('cargo');
  if (cargo && hasStd(capture('rustc', ['--print', 'sysroot']))) return {};
  if (hasStd(debianSysroot)) return debianEnvironment();
  return null;
}

function hasStd(sysroot) {
  if (!sysroot) return false;
  const lib = join(sysroot, 'lib/rustlib', TARGET, 'lib');
  return existsSync(lib) && readdirSync(lib).some((name) => name.startsWith('libstd-'));
}

async function byRustup(say) {
  if (!onPath('rustup')) return null;
  say('asking rustup');
  await run('rustup', ['target', 'add', TARGET], { timeoutMs: 180_000 });
  return `target ${TARGET} by rustup`;
}

async function byDebian(say) {
  if (!onPath('apt-get')) return null;
  if (!webRustc()) {
    if (process.getuid?.() !== 0) throw needs('installing Debian’s toolchain needs root', 'Run: apt-get install rustc-web cargo-web rust-web-src lld');
    say('installing Debian’s rustc-web');
    await run('apt-get', ['update', '-q']);
    const linker = capture('sh', ['-c', "apt-cache search --names-only '^lld-[0-9]+$' | sort -V | tail -1 | cut -d' ' -f1"]);
    await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'rustc-web', 'cargo-web', 'rust-web-src', linker || 'lld']);
  }
  await buildStd(say);
  return 'Debian’s toolchain, standard library built here';
}

/** The folder of Debian's web toolchain's programs, or `null`. */
function webRustc() {
  const files = capture('dpkg', ['-L', 'rustc-web'])?.split('\n') ?? [];
  const rustc = files.find((file) => /\/bin\/rustc(-web)?$/.test(file));
  return rustc && existsSync(rustc) ? rustc : null;
}

function debianEnvironment() {
  const bin = join(debianSysroot, 'bin');
  const linker = onPath('wasm-ld') ?? wasmLinker();
  return {
    PATH: [bin, process.env.PATH].join(delimiter),
    RUSTC: join(bin, 'rustc'),
    RUSTUP_TOOLCHAIN: undefined,
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: linker ?? 'wasm-ld',
    CARGO_TARGET_DIR: join(cache, 'target-web'),
  };
}

function wasmLinker() {
  return capture('sh', ['-c', 'ls /usr/bin/wasm-ld-* 2>/dev/null | sort -V | tail -1']) || null;
}

/** Builds std for the target with Debian's compiler and lays out a sysroot of links around it, in the cache folder. */
async function buildStd(say) {
  say('building the standard library');
  const rustc = webRustc();
  if (!rustc) throw new Error('rustc-web installed no rustc');
  const sysroot = capture(rustc, ['--print', 'sysroot']);
  const cargo = join(dirname(rustc), 'cargo');
  const crate = mkdtempSync(join(tmpdir(), 'mesafs-std-'));
  mkdirSync(join(crate, 'src'));
  writeFileSync(join(crate, 'Cargo.toml'), '[package]\nname = "std-for-web"\nversion = "0.0.0"\nedition = "2021"\n');
  writeFileSync(join(crate, 'src/lib.rs'), '');
  await run(cargo, ['build', '--release', '--target', TARGET, '-Zbuild-std=std,panic_abort'], {
    cwd: crate,
    env: {
      RUSTC: rustc,
      RUSTFLAGS: '-C embed-bitcode=yes',
      RUSTC_BOOTSTRAP: '1',
      CARGO_TARGET_DIR: join(crate, 'target'),
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: wasmLinker() ?? 'wasm-ld',
    },
  });
  layOut(sysroot, rustc, cargo, join(crate, 'target', TARGET, 'release/deps'));
  rmSync(crate, { recursive: true, force: true });
}

function layOut(sysroot, rustc, cargo, built) {
  rmSync(debianSysroot, { recursive: true, force: true });
  const host = capture(rustc, ['--print', 'host-tuple']);
  const libraries = join(debianSysroot, 'lib/rustlib', TARGET, 'lib');
  mkdirSync(join(debianSysroot, 'bin'), { recursive: true });
  mkdirSync(libraries, { recursive: true });
  for (const name of readdirSync(built)) if (/^lib.*\.rlib$/.test(name) && !name.includes('std_for_web')) cpSync(join(built, name), join(libraries, name));
  cpSync(join(sysroot, 'lib/rustlib', host), join(debianSysroot, 'lib/rustlib', host), { recursive: true, dereference: true });
  // The compiler is told its sysroot: Debian's own is not written to.
  const script = (program, extra) => `#!/bin/sh\nexec '${program}' ${extra} "$@"\n`;
  writeFileSync(join(debianSysroot, 'bin/rustc'), script(rustc, `--sysroot '${debianSysroot}'`), { mode: 0o755 });
  writeFileSync(join(debianSysroot, 'bin/cargo'), script(cargo, ''), { mode: 0o755 });
}
