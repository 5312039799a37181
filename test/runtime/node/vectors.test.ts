import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lanes } from '../../../src/core/generated/lanes.js';

/** Whether wasm-opt takes a file as one that asks for nothing engines have had only since a few years. */
function takenWithoutVectors(path: string): boolean {
  const features = ['bulk-memory', 'reference-types', 'sign-ext', 'nontrapping-float-to-int', 'mutable-globals', 'multivalue'];
  return spawnSync('wasm-opt', [...features.map((feature) => `--enable-${feature}`), '--disable-simd', path, '-o', `${path}.out`]).status === 0;
}

test('the core runs in an engine without vectors; only the lanes beside it need them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesafs-vectors-'));
  try {
    const [core, vectors] = [join(folder, 'core.wasm'), join(folder, 'lanes.wasm')];
    spawnSync('cp', ['src/core/generated/mesa_core_bg.wasm', core]);
    writeFileSync(vectors, Buffer.from(lanes, 'base64'));
    expect({ core: takenWithoutVectors(core), lanes: takenWithoutVectors(vectors) }).toEqual({ core: true, lanes: false });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
