// `npm run oracle -- --cases 200000 --seed 1`: the core beside jj-lib on random input, every answer compared (crates/oracle). Arguments are passed on;
// `--kind NAME` runs one kind of question. It compiles jj-lib first, which takes some minutes once.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onPath, root } from './lib/places.mjs';

const TELL_EVERY_MS = 10_000;
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target/oracle');

process.exitCode = (await compiled()) ? await show(join(target, 'release/mesa-oracle'), process.argv.slice(2)) : 1;

/** Builds the oracle, telling what is being compiled while it takes long. */
function compiled() {
  if (!onPath('cargo')) {
    console.error('cargo is not on PATH. Install Rust: https://rustup.rs');
    return false;
  }
  const args = ['build', '--release', '--locked', '--manifest-path', join(root, 'crates/oracle/Cargo.toml'), '--target-dir', target];
  const began = Date.now();
  const child = spawn('cargo', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let [crates, last, output] = [0, '', ''];
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output = (output + text).slice(-20_000);
    for (const [, name] of text.matchAll(/Compiling (\S+)/g)) [crates, last] = [crates + 1, name];
  });
  const telling = setInterval(() => {
    console.error(`compiling the oracle: ${crates} crates in ${Math.round((Date.now() - began) / 1000)} s, now ${last || 'waiting for cargo'}`);
  }, TELL_EVERY_MS);
  return new Promise((resolve) => {
    child.on('error', (error) => (output = error.message));
    child.on('close', (code) => {
      clearInterval(telling);
      if (code !== 0) console.error(`cargo ${args.join(' ')}\n${output.trim()}`);
      resolve(code === 0);
    });
  });
}

/** Runs a program with its output shown; gives its exit code. */
function show(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.on('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}
