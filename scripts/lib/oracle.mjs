import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onPath, root } from './places.mjs';

const TELL_EVERY_MS = 10_000;
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target/oracle');

/** The oracle's program, once {@link compiled} has built it. */
export const oracle = join(target, 'release/mesa-oracle');

/** The program in which jj-lib is timed, built with it. */
export const benchPeer = join(target, 'release/bench');

/** Builds the oracle, telling what is being compiled while it takes long. Answers whether that went well. */
export function compiled() {
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

/** Runs a program with its output shown; `feed` writes to its input. Gives its exit code. */
export function show(program, args, feed) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: [feed ? 'pipe' : 'ignore', 'inherit', 'inherit'] });
    child.on('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
    // It may end before it has read everything; its exit code tells why.
    child.stdin?.on('error', () => undefined);
    if (feed) feed(child.stdin).finally(() => child.stdin.end());
  });
}
